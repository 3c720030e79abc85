"""Tokens of a corpus's own that hold white space: line ends, tabs, nothing else."""

from __future__ import annotations

import random

import pytest
from formats.constrained import Walker
from formats.invariants import ALIGNER, FORMATS, check, whole

from nerharness.runs.grounding import ground
from nerharness.types import Document, Entity, Example, Label, LabelSet, Span

LABELS = LabelSet((Label("sign"),))
TEXT = "No left\n\tarm pain but\x0b a\n1,\r\n\u2028+\n+ too."
TOKENS = ["No", "left\n\tarm", " pain", "but\x0b", "a\n1", ",", "\r\n\u2028", "+\n+", "too", "."]
NAMED = ["left\n\tarm pain", "a\n1", "+\n+"]


def example(*named: str) -> Example:
    """Return the text with its tokens, and these entities."""
    tokens, at = [], 0
    for token in TOKENS:
        at = TEXT.index(token, at)
        tokens.append(Span(at, at + len(token)))
        at += len(token)
    starts = [TEXT.index(words) for words in named]
    entities = (
        Entity.at("sign", start, start + len(words))
        for start, words in zip(starts, named, strict=True)
    )
    document = Document("d", TEXT, tuple(tokens), (Span(0, len(TEXT)),))
    return Example(document, tuple(entities))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("named", [NAMED, [], *([one] for one in NAMED)])
def test_what_is_shown_is_read_back(name: str, named: list[str]) -> None:
    given = example(*named)
    reading = check(FORMATS[name], FORMATS[name].demonstrate(given, LABELS), whole(given), LABELS)
    assert reading.status == "clean", reading.problems
    found = ground(whole(given), reading.mentions, ALIGNER)
    assert not found.ungrounded
    assert sorted(found.entities) == sorted(given.entities)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("level", ["schema", "grounded"])
@pytest.mark.parametrize("named", [NAMED, ["pain"]], ids=["whole", "without its white space"])
def test_grammars_allow_what_is_shown(
    name: str, level: str, named: list[str], walks: Walker
) -> None:
    given = example(*named)
    held = FORMATS[name].constrain(whole(given), LABELS, level)
    assert walks.allows(held, FORMATS[name].demonstrate(given, LABELS))


@pytest.mark.parametrize("name", FORMATS)
def test_any_grounded_answer_is_grounded(name: str, walks: Walker) -> None:
    draw = random.Random(3)
    unit = whole(example())
    held = FORMATS[name].constrain(unit, LABELS, "grounded")
    answers = [walks.walk(held, draw, 300) for _ in range(20)]
    assert any(answers)
    for answer in filter(None, answers):
        reading = check(FORMATS[name], answer, unit, LABELS)
        assert reading.status == "clean", (answer, reading.problems)
        assert not ground(unit, reading.mentions, ALIGNER).ungrounded, answer


def test_a_token_has_one_line_and_white_space_alone_none() -> None:
    form, given = FORMATS["bio"], example(*NAMED)
    assert form.show(whole(given), LABELS) == "No left arm pain but a 1 , + + too ."
    assert form.demonstrate(given, LABELS).splitlines()[:6] == [
        "No : O",
        "left arm : B-sign",
        "pain : I-sign",
        "but : O",
        "a 1 : B-sign",
        ", : O",
    ]
