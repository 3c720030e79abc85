"""Control characters are spelled out; all else stays as it is."""

from __future__ import annotations

import json
import unicodedata

import pytest

from nerharness.escapes import escaped, one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Gout \x1b[31m!", "Gout \\u001b[31m!"),
        ("a\x07\x7f\x9b\r", "a\\u0007\\u007f\\u009b\\u000d"),
        ("\ud800", "\\ud800"),
        ("a\tb\n", "a\tb\n"),
        ("naïve 间炎 \U0001f600 \\", "naïve 间炎 \U0001f600 \\"),
    ],
)
def test_what_is_a_control_character_is_escaped(text: str, shown: str) -> None:
    assert escaped(text) == shown
    assert escaped(shown) == shown


def test_all_controls_of_unicode_are_and_nothing_else() -> None:
    changed = {chr(code) for code in range(0x110000) if escaped(chr(code)) != chr(code)}
    controls = {chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Cc"}
    halves = {chr(code) for code in range(0xD800, 0xE000)}
    assert changed == (controls | halves) - {"\t", "\n"}


def test_json_stays_the_same_value() -> None:
    value = {"a\x7f": "\x9b\x1b\ud800 é\n"}
    assert json.loads(escaped(json.dumps(value, ensure_ascii=False))) == value


def test_one_line_is_one_line() -> None:
    assert one_line(" boom\n\n  at \x1b[2J line\r\n3\x85") == "boom at \\u001b[2J line 3"
