"""Where texts are cut for grammars: every piece, and every run of them, is found by the aligner."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerharness.align import Aligner, cuts
from nerharness.grammar import listed, literal, pieces
from nerharness.segment import segment
from nerharness.types import Span, Unit

ALPHABET = (
    "ab15.,-_ ('/+%\u200b\u00ad\u0301\u00bd²\u0660\u304c\u3099\u767aก\u0e49\u0939\u093f"
    "\ufeff\ufe0f\u200d😀\u2028\u00a0\x1cIVß\u0378\ue000"
)


def cut(text: str) -> list[str]:
    return pieces(Unit(segment("d", text), Span(0, len(text))))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p<0.05 (x)", ["p", "<", "0.05", " ", "(", "x", ")"]),
        ("1,5-HT", ["1", ",5", "-", "HT"]),
        ("type 1.", ["type", " ", "1", "."]),
        ("a\u00adb", ["a\u00adb"]),
        ("e\u0301a_b", ["e\u0301a_b"]),
    ],
)
def test_cases(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


def test_the_edges_of_a_text_are_places_to_cut() -> None:
    assert cuts("ab") == [0, 2]
    assert cuts("") == [0]
    assert cuts("😀 1.5") == [0, 1, 2, 5]


@settings(max_examples=1000, deadline=None)
@given(st.text(alphabet=ALPHABET, min_size=1, max_size=12))
def test_what_pieces_make_up_is_found_exactly(text: str) -> None:
    parts = cut(text)
    assert "".join(parts) == text
    for first in range(len(parts)):
        for last in range(first + 1, len(parts) + 1):
            mention = "".join(parts[first:last])
            if mention and mention == mention.strip():
                tiers = [match.tier for match in Aligner().candidates(text, mention)]
                assert "exact" in tiers, mention


@pytest.mark.parametrize(
    ("most", "expected"),
    [(1, "item"), (2, 'item (", " item){0,1}'), (9, 'item (", " item){0,8}')],
)
def test_lists(most: int, expected: str) -> None:
    assert listed("item", ", ", most) == expected


def matcher(grammar: str) -> Any:
    llguidance = pytest.importorskip("llguidance", reason="llguidance is not installed")
    return llguidance.LLMatcher(llguidance.LLTokenizer("byte"), grammar, log_level=0)


def test_every_character_can_stand_in_a_literal() -> None:
    characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    for start in range(0, len(characters), 10_000):
        made = matcher(f"start: {literal(''.join(characters[start : start + 10_000]))}")
        assert not made.is_error(), (start, made.get_error()[:500])


@pytest.mark.parametrize("text", ["a\x7fb", "\\\x7f", r"\u007f", '"\x7f"', "\x00\n\x80"])
def test_a_literal_is_its_text(text: str) -> None:
    made = matcher(f"start: {literal(text)}")
    assert made.try_consume_tokens([*text.encode()]) == len(text.encode())
    assert made.is_accepting()
