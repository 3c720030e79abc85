"""A template that cannot be filled in says which one it is, whatever goes wrong in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from nerharness.errors import UsageError
from nerharness.templates import Templates
from nerharness.types import Label, LabelSet

LABELS = LabelSet((Label("sign"),))
FAULTS = {
    "{{ nothing }}": "'nothing' is undefined",
    "{{ 1 / 0 }}": "ZeroDivisionError: division by zero",
    "{% for n in range(10 ** 9) %}x{% endfor %}": "OverflowError: Range too big",
    "{{ labels.only('gene') }}": "KeyError: 'gene'",
    "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}": "RecursionError: maximum",
    "{{ 2 ** 'a' }}": "TypeError: unsupported operand",
    "{{ ''.__class__.__mro__ }}": "access to attribute '__class__' of 'str' object is unsafe",
    "{{ labels.names.index('gene') }}": "ValueError: ",
    "{{ '\\ud800' }}": "UnicodeEncodeError: .*surrogates not allowed",
}


@pytest.mark.parametrize("source", FAULTS)
def test_what_goes_wrong_in_a_template_is_told_of_it(source: str, tmp_path: Path) -> None:
    (tmp_path / "formats").mkdir()
    (tmp_path / "formats/json.jinja").write_text(source, encoding="utf-8")
    templates = Templates(tmp_path)
    expected = f"^template 'formats/json': cannot be filled in: {FAULTS[source]}.*; it has: labels$"
    with pytest.raises(UsageError, match=expected):
        templates.render("formats/json", labels=LABELS)


@dataclass
class Changing:
    """Equal to itself, and hashed by what it is, whatever it says."""

    words: list[str]

    def __hash__(self) -> int:
        return id(self)


@pytest.mark.parametrize("holding", [lambda words: words, lambda words: (words,), Changing])
def test_what_changes_is_filled_in_anew(
    holding: Callable[[list[str]], object], tmp_path: Path
) -> None:
    (tmp_path / "question.jinja").write_text("{{ text }}", encoding="utf-8")
    templates = Templates(tmp_path)
    words = ["one"]
    value = holding(words)
    assert "two" not in templates.render("question", text=value)
    words.append("two")
    assert "two" in templates.render("question", text=value)


def test_what_units_share_is_filled_in_once(tmp_path: Path) -> None:
    (tmp_path / "question.jinja").write_text("{{ range(10 ** 4) | random }}", encoding="utf-8")
    templates = Templates(tmp_path)
    labels = [LabelSet((Label("sign"),)) for _ in range(20)]
    assert len({templates.render("question", labels=one, hints=()) for one in labels}) == 1
    assert len({templates.render("question", text=str(number)) for number in range(20)}) > 1
