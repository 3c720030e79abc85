"""Checking a format: what it shows, demonstrates and reads."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from random import Random
from typing import NamedTuple

from nerharness.plugin import Format
from nerharness.runs.soundness import reading_fault
from nerharness.runs.soundness import whole as whole_text
from nerharness.templates import Template, Templates
from nerharness.testing.constraints import CONSTRAINTS
from nerharness.testing.mutation import gone_wrong
from nerharness.testing.rules import require, shown, verify
from nerharness.testing.samples import (
    EXAMPLES,
    LABELS,
    ODD_LABELS,
    ODD_TEXTS,
    QUESTION,
    asked_of,
    sample,
    whole,
)
from nerharness.types import Example, LabelSet, Reading, Unit

_PLAIN = (*EXAMPLES, QUESTION)
_MUTATIONS = 1500
_LETTERS_PER_TOKEN = 3
"""A token of an answer may be as short as this on average."""


def check_format(format: Format) -> None:
    """Raise `AssertionError` unless the format keeps the contract of `Format`.

    It reads its own demonstrations, and some thousand answers that went wrong.
    """
    verify(format, "Format", [*_RULES, *CONSTRAINTS], format)


def check_reading(reading: Reading, answer: str, unit: Unit, labels: LabelSet) -> None:
    """Raise `AssertionError` unless it is what a format may read in an answer about the unit."""
    fault = reading_fault(reading, unit, labels)
    require(not fault, fault)
    require(
        (reading.status == "clean") == (not reading.problems),
        f"name the problems if and only if the status is not clean: {shown(reading)}",
    )
    require(all(count > 0 for count in reading.problems.values()), f"count: {shown(reading)}")
    require(reading.status != "failed" or not reading.mentions, "a failed reading has no mentions")
    for mention in reading.mentions:
        require(mention.text.strip(), "a mention has visible text")
        require(
            mention.text == whole_text(mention.text),
            f"{shown(mention)} has a lone surrogate, which no text has: leave it out, and count it",
        )
        require(
            mention.source is None or mention.source.end <= len(answer),
            f"the source of {shown(mention)} ends behind the answer",
        )


class _Case(NamedTuple):
    example: Example
    labels: LabelSet
    answer: str

    @property
    def unit(self) -> Unit:
        return whole(self.example)


def _plain(format: Format) -> Iterator[_Case]:
    """Yield the easy cases, each with all that one question asks for."""
    for example in _PLAIN:
        for labels in [LABELS.only(n) for n in LABELS.names] if format.one_label else [LABELS]:
            yield _Case(example, labels, format.demonstrate(example, labels))


def _odd(format: Format) -> Iterator[_Case]:
    draw = Random(1)
    for text in ODD_TEXTS * 8:
        example, labels = sample(text, draw), asked_of(format, ODD_LABELS, draw)
        yield _Case(example, labels, format.demonstrate(example, labels))


def _instructs(format: Format) -> None:
    """The template is filled in with the labels, and names each of them."""
    require(
        isinstance(format.template, Template) and format.template.name,
        f"give a Template with a name such as 'formats/mine', not {shown(format.template)}",
    )
    require(isinstance(format.one_label, bool), "say as `one_label` True or False")
    templates = Templates().including(format.template)
    for labels in (LABELS.only("sign") if format.one_label else LABELS,):
        text = templates.render(format.template.name, labels=labels)
        for name in labels.names:
            require(name in text, f"name the label {name!r} in the instruction: {shown(text)}")


def _shows_texts(format: Format) -> None:
    """A unit is shown as text that has its words."""
    for case in _plain(format):
        text = format.show(case.unit, case.labels)
        words = case.unit.text.split()
        lost = [word for word in words if word.strip(".,:") not in text]
        require(not lost, f"show the unit's text; {shown(text)} lacks {lost}")


def _reads_its_demonstrations(format: Format) -> None:
    """A demonstration is read back as the entities that it shows, and as nothing else."""
    for example, labels, answer in _plain(format):
        require(isinstance(answer, str), f"demonstrate with a str, not {shown(answer)}")
        unit = whole(example)
        reading = format.parse(answer, unit, labels)
        check_reading(reading, answer, unit, labels)
        found = sorted((" ".join(one.text.split()), one.label) for one in reading.mentions)
        wanted = sorted(
            (entity.surface(example.document.text), entity.label)
            for entity in example.entities
            if entity.label in labels
        )
        require(
            found == wanted and reading.status == "clean",
            f"parse() must read what demonstrate() writes: {shown(answer)} should give "
            f"{shown(wanted)}, clean, and gave {shown(reading)}",
        )


def _leaves_out_other_labels(format: Format) -> None:
    """Entities with labels that are not asked for are left out of a demonstration."""
    for name in LABELS.names:
        only = LABELS.only(name)
        answer = format.demonstrate(QUESTION, only)
        labels = only if format.one_label else LABELS
        found = {one.label for one in format.parse(answer, whole(QUESTION), labels).mentions}
        require(found <= {name}, f"asked for {name!r}, it showed {shown(answer)}")


def _survives_odd_texts(format: Format) -> None:
    """Texts and labels of any kind, and entities that nest or cross, are shown and read."""
    for case in _odd(format):
        format.show(case.unit, case.labels)
        reading = format.parse(case.answer, case.unit, case.labels)
        check_reading(reading, case.answer, case.unit, case.labels)
        require(
            reading.status != "failed" or not case.unit.text.strip(),
            f"read its own demonstration of {shown(case.unit.text)}: {shown(case.answer)}",
        )


def _never_raises(format: Format) -> None:
    """Whatever a model wrote is read: a parser does not raise, and names no label of its own."""
    draw = Random(2)
    cases = [*_plain(format), *_odd(format)]
    others = tuple(case.answer for case in cases)
    for _ in range(_MUTATIONS):
        case = draw.choice(cases)
        answer = whole_text(gone_wrong(case.answer, draw, others))  # as a run gives it
        try:
            check_reading(
                format.parse(answer, case.unit, case.labels), answer, case.unit, case.labels
            )
        except Exception as error:
            kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
            raise AssertionError(f"{kind}{error}, in reading {answer!r}") from error


def _keeps_no_state(format: Format) -> None:
    """An answer is read the same whatever was read before."""
    odd = cycle(_odd(format))
    for case in _plain(format):
        first, second = (format.parse(case.answer, case.unit, case.labels) for _ in range(2))
        other = next(odd)
        format.parse(other.answer, other.unit, other.labels)
        third = format.parse(case.answer, case.unit, case.labels)
        require(first == second == third, "parse() may depend on nothing but its arguments")


def _leaves_room(format: Format) -> None:
    """The limit is at least as long as the right answer."""
    for case in [*_plain(format), *_odd(format)]:
        limit = format.limit(case.unit, case.labels)
        require(type(limit) is int and limit > 0, f"the limit is {shown(limit)}")
        require(
            limit * _LETTERS_PER_TOKEN >= len(case.answer),
            f"a limit of {limit} tokens is too low for {len(case.answer)} characters, reckoned at "
            f"{_LETTERS_PER_TOKEN} each: {shown(case.answer)}",
        )


_RULES = (
    _instructs,
    _shows_texts,
    _survives_odd_texts,
    _never_raises,
    _reads_its_demonstrations,
    _leaves_out_other_labels,
    _keeps_no_state,
    _leaves_room,
)
