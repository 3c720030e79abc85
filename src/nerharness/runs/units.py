"""Cutting documents into units, and putting together what was found in those that overlap."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from nerharness.errors import UsageError
from nerharness.scoring.overlap import shared
from nerharness.types import Document, Entity, Example, Span, Unit

UnitKind = str
"""`sentence`, `document`, `window:N` or `window:N:OVERLAP`, the last two in tokens."""

_WINDOW = re.compile(r"window:(\d{1,9})(?::(\d{1,9}))?")


class _Window(NamedTuple):
    size: int
    overlap: int


@lru_cache(maxsize=16)
def check_unit(kind: UnitKind) -> _Window | None:
    """Return a window's size and overlap, `None` for other units; `UsageError` for no unit."""
    if kind in ("sentence", "document"):
        return None
    found = _WINDOW.fullmatch(kind)
    window = _Window(int(found[1]), int(found[2] or 0)) if found else None
    if window is None or window.overlap >= window.size:
        raise UsageError(
            f"{kind!r} is no unit",
            where="--unit",
            hint="choose sentence, document, window:N or window:N:OVERLAP (tokens, overlap < N)",
        )
    return window


def units(document: Document, kind: UnitKind) -> tuple[Unit, ...]:
    """Return the document's units in text order; a document without visible text has none."""
    window = check_unit(kind)
    if not document.text.strip():
        return ()
    if window:
        return tuple(Unit(document, span) for span in _windows(document, window))
    if kind == "document":
        return (Unit(document, Span(0, len(document.text))),)
    return tuple(Unit(document, sentence) for sentence in document.sentences)


def _windows(document: Document, window: _Window) -> Iterator[Span]:
    """Yield the windows; the last one ends with the last token and may be shorter."""
    tokens = document.tokens
    first = 0
    while first < len(tokens):
        end = min(first + window.size, len(tokens))
        yield Span(tokens[first].start, tokens[end - 1].end)
        if end == len(tokens):
            return
        first += window.size - window.overlap


def unit_examples(examples: Sequence[Example], kind: UnitKind) -> Iterator[Example]:
    """Yield an example per unit, with the entities that lie wholly inside it.

    Its document keeps the id of the one it is cut from, and has one sentence: itself.
    """
    for example in examples:
        for unit in units(example.document, kind):
            inside = (e for e in example.entities if unit.span.covers(e.span))
            text = unit.text
            document = Document(example.document.id, text, unit.tokens, (Span(0, len(text)),))
            yield Example(document, tuple(e.shift(-unit.span.start) for e in inside))


def merge(units: Sequence[Unit], found: Sequence[Sequence[Entity]]) -> tuple[Entity, ...]:
    """Return the entities of all units of a document, in text order, each once.

    Where units overlap, one of them may have seen only a part of an entity: of two entities of one
    label that share a character, and that no unit found both, the one farther from the edge of its
    unit stays (at equal distance the longer, then the first).
    """
    best: dict[Entity, int] = {}
    homes: dict[Entity, set[int]] = {}
    for number, (unit, entities) in enumerate(zip(units, found, strict=True)):
        for entity in entities:
            best[entity] = max(_distance(entity, unit), best.get(entity, 0))
            homes.setdefault(entity, set()).add(number)
    order = sorted(best, key=lambda e: (-best[e], -len(e.span), e.span, e))
    kept: dict[str, list[Entity]] = {}
    for entity in order:
        rivals = kept.setdefault(entity.label, [])
        if not any(_rivals(entity, other, homes) for other in rivals):
            rivals.append(entity)
    every = (entity for group in kept.values() for entity in group)
    return tuple(sorted(every, key=lambda entity: (entity.span, entity)))


def _rivals(one: Entity, other: Entity, homes: dict[Entity, set[int]]) -> bool:
    hulls = one.span.start < other.span.end and other.span.start < one.span.end
    return hulls and not homes[one] & homes[other] and shared(one, other) > 0


def _distance(entity: Entity, unit: Unit) -> int:
    """Return how far the entity is from where its unit cuts the document."""
    size = len(unit.document.text)
    before = entity.span.start - unit.span.start if unit.span.start else size
    after = unit.span.end - entity.span.end if unit.span.end < size else size
    return min(before, after)
