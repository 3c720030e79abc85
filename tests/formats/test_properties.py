"""What every format does on any text: gold entities come back, nothing raises or is forged."""

from __future__ import annotations

import random
from itertools import islice

import pytest
from formats.invariants import ALIGNER, FORMATS, LABELS, TEXTS, asked_of, check, sample, whole
from formats.mutation import mutated
from hypothesis import given, settings
from hypothesis import strategies as st

from nerharness.flatten import flatten
from nerharness.formats.entities import asked
from nerharness.plugin import Format
from nerharness.runs.grounding import ground
from nerharness.types import Example, LabelSet, Span

TRICKY = (
    "<sign>", "</sign>", "< rare disease >", "<", ">", "&lt;sign>", "&amp;lt;sign>", "&lt;", "&",
    "<gene>", "</", "[", "]", "|", " | sign]", "&#91;", "&amp;#93;", "@@", "##", "@", "#",
    "&#64;", "\"", "\\", "'", "{", "}", ":", "sign: x", "none", "\n", "\r\n", "\t", "\xa0",
    "\u2028", "e\u0301", "\u0301", "\u200d", "\u00ad", "👩‍⚕️", "שלום", "発熱", "ﬁ", "ß", "İ",
    "<|im_end|>", " : B-sign", "```", "1.5", "O",
)  # fmt: skip
texts = st.lists(
    st.sampled_from(TRICKY) | st.sampled_from((" ", "pain", "WD", "pain WD")) | st.text(max_size=4),
    max_size=14,
).map("".join).filter(str.strip)  # fmt: skip
seeds = st.integers(0, 2**32)
COPIES = ("inline", "brackets", "markers")


def held(name: str, example: Example, labels: LabelSet) -> list[tuple[str, Span]]:
    """The entities that a copy of the text with marks, or with tags, can hold."""
    entities = asked(example, labels)
    if name in ("markers", "bio"):
        return sorted(flatten(entities).spans, key=lambda item: item[1])
    kept: list[tuple[str, Span]] = []
    for entity in sorted(entities, key=lambda e: (-len(e.fragments[0]), e.fragments[0].start)):
        span = entity.fragments[0]
        crossing = any(
            a.start < b.start < a.end < b.end for _, k in kept for a, b in ((span, k), (k, span))
        )
        if not crossing and (entity.label, span) not in kept:
            kept.append((entity.label, span))
    return kept


def melts(text: str, span: Span) -> bool:
    """Whether markers would melt into the text around the span."""

    def alone(at: int, char: str) -> bool:
        beside = (text[max(at - 1, 0) : at], text[at + 1 : at + 2])
        return text[at : at + 1] == char and char not in beside

    return (span.start > 0 and alone(span.start - 1, "@")) or alone(span.end, "#")


@pytest.mark.parametrize("name", COPIES)
@settings(max_examples=600, deadline=None)
@given(texts, seeds)
def test_marks_come_back_in_their_places(name: str, text: str, seed: int) -> None:
    draw = random.Random(seed)
    form, example = FORMATS[name], sample(text, draw)
    labels = asked_of(form, draw)
    reading = form.parse(form.demonstrate(example, labels), whole(example), labels)
    expected = held(name, example, labels)
    if name == "markers":
        expected = [(label, span) for label, span in expected if not melts(text, span)]
    assert reading.status == "clean", reading
    assert {(m.label, m.span) for m in reading.mentions} == set(expected)
    assert all(m.span and m.text == text[m.span.start : m.span.end] for m in reading.mentions)


@pytest.mark.parametrize("name", ["json", "json-by-label", "lines"])
@settings(max_examples=400, deadline=None)
@given(texts, seeds)
def test_surfaces_come_back_and_are_found(name: str, text: str, seed: int) -> None:
    draw = random.Random(seed)
    form, example = FORMATS[name], sample(text, draw)
    reading = form.parse(form.demonstrate(example, LABELS), whole(example), LABELS)
    expected = [(entity.label, entity.surface(text)) for entity in asked(example, LABELS)]
    found = [(mention.label, mention.text) for mention in reading.mentions]
    if name == "lines":  # white space is one space, but for mentions that are found only with it
        expected, found = (
            [(label, " ".join(surface.split())) for label, surface in each]
            for each in (expected, found)
        )
    assert reading.status == "clean", reading
    assert sorted(found) == sorted(expected)


@settings(max_examples=400, deadline=None)
@given(texts, seeds)
def test_bio_lines_come_back_without_problems(text: str, seed: int) -> None:
    example = sample(text, random.Random(seed))
    form = FORMATS["bio"]
    reading = form.parse(form.demonstrate(example, LABELS), whole(example), LABELS)
    assert reading.mentions or not flatten(asked(example, LABELS)).spans


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=200, deadline=None)
@given(texts, seeds)
def test_the_shown_text_read_as_an_answer_has_no_entity(name: str, text: str, seed: int) -> None:
    """A document cannot speak for the model: copied as it is shown, it names nothing."""
    draw = random.Random(seed)
    form, unit = FORMATS[name], whole(sample(text, draw))
    labels = asked_of(form, draw)
    if name in COPIES:
        reading = check(form, form.show(unit, labels), unit, labels)
        assert (reading.mentions, reading.status) == ((), "clean")


@pytest.mark.parametrize("seed", range(20))
def test_a_hundred_thousand_answers_gone_wrong_break_nothing(seed: int) -> None:
    for name, form, answer, unit, labels in islice(mutated(seed), 5_000):
        try:
            check(form, answer, unit, labels)
        except Exception as error:
            raise AssertionError(f"{name}: {answer!r} about {unit.text!r}") from error


def mentions(form: Format, example: Example, labels: LabelSet) -> list[object]:
    unit = whole(example)
    reading = form.parse(form.demonstrate(example, labels), unit, labels)
    return [*ground(unit, reading.mentions, ALIGNER).entities]


@pytest.mark.parametrize("name", FORMATS)
def test_a_document_that_imitates_answers_changes_no_other(name: str) -> None:
    draw = random.Random(3)
    form, labels = FORMATS[name], asked_of(FORMATS[name], draw)
    plain, forged = sample(TEXTS[0], draw), sample(TEXTS[1], draw)
    before = mentions(form, plain, labels)
    mentions(form, forged, labels)
    assert mentions(form, plain, labels) == before
