"""The engine: documents in, records out, with as many units in one batch as the window allows."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import TypeVar

from nerharness.align import Aligner
from nerharness.plugin import Backend, Dialogue, Strategy, Tagger, Task
from nerharness.reasoning import without_reasoning
from nerharness.runs.dialogue import Stop, Talk, converse, never
from nerharness.runs.grounding import Grounding, ground
from nerharness.runs.lookup import Lookup
from nerharness.runs.record import Exchange, Outputs, Record
from nerharness.runs.soundness import sound_reading
from nerharness.runs.units import UnitKind, merge, units
from nerharness.scoring.pair import Gap
from nerharness.types import (
    Completion,
    Entity,
    Example,
    Prompt,
    Reading,
    Span,
    Unit,
    Usage,
)

WINDOW = 64
"""Units in one round, unless the backend wants more; documents are journaled when all their units
are done."""

_LONG = 16
"""Windows in one round of a backend that takes up units as it has room for them."""

Tick = Callable[[int], None]
"""Told how many more units are done."""

T = TypeVar("T")


@dataclass(slots=True)
class _Open:
    """A document of the current window, and the talks about its units so far."""

    example: Example
    units: tuple[Unit, ...]
    talks: dict[int, Talk]
    lookups: dict[int, Lookup]


@dataclass(frozen=True, slots=True)
class Engine:
    """What it takes to label documents with a strategy and a backend."""

    strategy: Strategy
    task: Task
    backend: Backend
    aligner: Aligner
    unit: UnitKind
    title: str = ""
    """What errors call strategy and format."""

    @property
    def window(self) -> float:
        """How many units are in one round: as many as the backend wants, which may be all.

        With a backend that `grows`, how many are held at once.
        """
        wanted: int | None = getattr(self.backend, "window", WINDOW)
        return math.inf if wanted is None else max(wanted, WINDOW)

    def run(
        self, examples: Sequence[Example], tick: Tick = lambda _: None, stop: Stop = never
    ) -> Iterator[Record]:
        """Yield a record per example, as each is finished.

        Once `stop` is true, documents that are begun are finished, and no other.
        """
        opened = (_Open(e, units(e.document, self.unit), {}, {}) for e in examples)
        grows = getattr(self.backend, "grows", False)
        most = self.window * (_LONG if grows else 1)
        for window in windows(opened, lambda one: len(one.units), most):
            if stop():
                return
            yield from self._round(window, tick, stop, WINDOW if grows else most)

    def _round(
        self, window: list[_Open], tick: Tick, stop: Stop, portion: float
    ) -> Iterator[Record]:
        """Label the documents, whose units are looked up in portions as they are taken up."""
        yield from (self._record(opened) for opened in window if not opened.units)
        held: list[tuple[_Open, int, Task]] = []
        documents: list[str] = []

        def dialogues() -> Iterator[Dialogue]:
            """Begin a unit's dialogue when it is taken up, and hold what is known of it."""
            for group in windows(window, lambda one: len(one.units), portion):
                places = [(one, place) for one in group for place in range(len(one.units))]
                self.task.expect([opened.units[place] for opened, place in places])
                for opened, place in places:
                    task = self.task.fresh()
                    held.append((opened, place, task))
                    documents.append(opened.example.document.id)
                    yield self._hold(opened.units[place], task)

        talks = converse(
            dialogues(), self.backend, documents=documents, room=self.window, stop=stop
        )
        for index, talk in talks:
            opened, place, task = held[index]
            opened.talks[place] = talk
            if found := task.retrieved:
                gold = opened.example.entities
                opened.lookups[place] = Lookup.of(opened.units[place], gold, found)
            tick(1)
            if len(opened.talks) == len(opened.units):
                yield self._record(opened)

    def _hold(self, unit: Unit, task: Task) -> Dialogue:
        # A generator of our own, so that what `solve` itself raises is this dialogue's fault alone.
        reading = yield from self.strategy.solve(unit, task)
        return sound_reading(reading, unit, task.labels, title=self.title)

    def _record(self, opened: _Open) -> Record:
        talks = [opened.talks[place] for place in range(len(opened.units))]
        groundings = [
            ground(unit, talk.reading.mentions if talk.reading else (), self.aligner)
            for unit, talk in zip(opened.units, talks, strict=True)
        ]
        turns = [turn for talk in talks for turn in talk.turns]
        entities = merge(opened.units, [grounding.entities for grounding in groundings])
        return Record.of(
            opened.example,
            entities,
            units=tuple(unit.span for unit in opened.units),
            confidences=_confidences(entities, groundings),
            # Units may overlap: what was found in several counts once.
            tiers=dict(Counter({e: t for g in groundings for e, t in g.found.items()}.values())),
            gaps=tuple(_gaps(opened.units, talks, groundings)),
            ungrounded=tuple(mention for g in groundings for mention in g.ungrounded),
            outputs=replace(
                _outputs(talks, groundings), reasoning=self._reasoning(opened.units, talks)
            ),
            transcript=tuple(_exchange(prompt, answer) for prompt, answer in turns),
            retrieved=tuple(
                lookup for _, lookup in sorted(opened.lookups.items(), key=itemgetter(0))
            ),
            usage=sum((completion.usage for _, completion in turns), Usage()),
            error=next((talk.error for talk in talks if talk.error), None),
        )

    def _reasoning(self, units: Sequence[Unit], talks: Sequence[Talk]) -> int:
        """Return how many answers begin with reasoning."""
        labels = self.task.labels
        return sum(
            without_reasoning(answer.text, unit, labels) != answer.text
            for unit, talk in zip(units, talks, strict=True)
            for _, answer in talk.turns
        )


def _exchange(prompt: Prompt, answer: Completion) -> Exchange:
    return Exchange(
        prompt.messages,
        answer.text,
        answer.finish,
        prompt.prefix,
        answer.tokens,
        prompt.sampling,
    )


def windows(items: Iterable[T], size: Callable[[T], int], most: float) -> Iterator[list[T]]:
    """Yield the items in groups, each ended by the item with which it has `most` units or more."""
    window: list[T] = []
    held = 0
    for item in items:
        window.append(item)
        held += size(item)
        if held >= most:
            yield window
            window, held = [], 0
    if window:
        yield window


def _confidences(
    entities: Sequence[Entity], groundings: Sequence[Grounding]
) -> tuple[float | None, ...]:
    """Return one per entity, the highest where units overlap; nothing if none was said."""
    said: dict[Entity, float] = {}
    for grounding in groundings:
        for entity, confidence in grounding.confidences.items():
            said[entity] = max(confidence, said.get(entity, confidence))
    return tuple(said.get(entity) for entity in entities) if said else ()


def _outputs(talks: Sequence[Talk], groundings: Sequence[Grounding]) -> Outputs:
    readings = [
        _with_repeats(talk.reading, g.repeats) for talk, g in zip(talks, groundings, strict=True)
    ]
    status = Counter(reading.status for reading in readings if reading)
    problems: Counter[str] = Counter()
    for reading in filter(None, readings):
        problems.update(reading.problems)
    cut = sum(completion.finish == "length" for talk in talks for _, completion in talk.turns)
    return Outputs(status.total(), status["failed"], status["repaired"], cut, dict(problems))


def _gaps(
    units: Sequence[Unit], talks: Sequence[Talk], groundings: Sequence[Grounding]
) -> Iterator[Gap]:
    """Yield the stretches that no unit's answer is about, where units overlap each by itself."""
    gaps = [_gap(*one) for one in zip(units, talks, groundings, strict=True)]
    heard = [_heard(unit, gap) for unit, gap in zip(units, gaps, strict=True)]
    for gap in filter(None, gaps):
        spans = [gap.span]
        for other in filter(None, heard):
            spans = [rest for span in spans for rest in _outside(span, other)]
        yield from (Gap(span, gap.cause) for span in spans)


def _gap(unit: Unit, talk: Talk, grounding: Grounding) -> Gap | None:
    """Return the unit if it has no answer to read, or what follows the last entity of a cut one."""
    cut = any(completion.finish == "length" for _, completion in talk.turns)
    if talk.reading is None:
        return Gap(unit.span, "failed")
    if cut and talk.reading.status != "clean":
        start = max((e.span.end for e in grounding.entities), default=unit.span.start)
        return Gap(Span(start, unit.span.end), "truncated") if start < unit.span.end else None
    return Gap(unit.span, "unparsed") if talk.reading.status == "failed" else None


def _heard(unit: Unit, gap: Gap | None) -> Span | None:
    """Return the part of the unit that its answer is about."""
    end = gap.span.start if gap else unit.span.end
    return Span(unit.span.start, end) if unit.span.start < end else None


def _outside(span: Span, other: Span) -> Iterator[Span]:
    """Yield what is left of a span without another, in text order."""
    for start, end in (
        (span.start, min(span.end, other.start)),
        (max(span.start, other.end), span.end),
    ):
        if start < end:
            yield Span(start, end)


def _with_repeats(reading: Reading | None, repeats: int) -> Reading | None:
    if reading is None or not repeats:
        return reading
    return Reading(reading.mentions, "repaired", {**reading.problems, "repeat": repeats})


def tag(
    tagger: Tagger,
    examples: Sequence[Example],
    tick: Tick = lambda _: None,
    stop: Stop = never,
) -> Iterator[Record]:
    """Yield a record per example, labelled by a tagger, until `stop` is true."""
    documents = [example.document for example in examples]
    unit = unit_of(tagger)
    for example, entities in zip(examples, tagger.tag(documents), strict=True):
        tick(1)
        read = () if unit == "document" else units(example.document, unit)
        yield Record.of(example, tuple(entities), units=tuple(one.span for one in read))
        if stop():
            return


def unit_of(tagger: Tagger) -> UnitKind:
    """Return what the tagger reads by itself: whole documents, unless it says something else."""
    unit: UnitKind = getattr(tagger, "unit", "document")
    return unit


def timed(records: Iterator[Record]) -> Iterator[Record]:
    """Yield the records, each with the seconds since the one before."""
    before = time.perf_counter()
    for record in records:
        now = time.perf_counter()
        yield replace(record, seconds=round(now - before, 6))
        before = now
