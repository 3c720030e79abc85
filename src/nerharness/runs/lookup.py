"""What was retrieved for a unit, and how much of its gold stood in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from nerharness.dictionary import Dictionary
from nerharness.plugin.holdings import Retrieved
from nerharness.types import Entity, Span, Unit

SOURCES = ("examples", "passages", "any")


class Shown(NamedTuple):
    """How many gold mentions had their words, their label, or either in what was retrieved."""

    surface: int = 0
    label: int = 0
    either: int = 0

    def plus(self, other: Shown) -> Shown:
        """Add up."""
        return Shown(*(a + b for a, b in zip(self, other, strict=True)))


@dataclass(frozen=True, slots=True)
class Lookup:
    """The examples and passages retrieved for a unit: ids and scores, best first.

    `mentions` counts the unit's gold mentions, `shown` says for how many of them each of `SOURCES`
    held something.
    """

    unit: Span
    examples: tuple[tuple[str, float], ...]
    passages: tuple[tuple[str, float], ...]
    mentions: int
    shown: Mapping[str, Shown]

    @classmethod
    def of(cls, unit: Unit, gold: Iterable[Entity], found: Sequence[Retrieved]) -> Lookup:
        """Note what was found for a unit of a document with these gold entities."""
        inside = [entity for entity in gold if unit.span.covers(entity.span)]
        examples = _once(one for one in found if one.source == "example")
        passages = _once(one for one in found if one.source == "passage")
        text = unit.document.text
        held = [
            (
                {n for n, e in enumerate(inside) if any(e.label in one.labels for one in examples)},
                _standing([entity.surface(text) for entity in inside], examples),
            ),
            (
                _standing([entity.label.replace("_", " ") for entity in inside], passages),
                _standing([entity.surface(text) for entity in inside], passages),
            ),
        ]
        held.append((held[0][0] | held[1][0], held[0][1] | held[1][1]))
        shown = (Shown(len(words), len(labels), len(labels | words)) for labels, words in held)
        return cls(
            unit.span,
            tuple((one.id, round(one.score, 4)) for one in examples),
            tuple((one.id, round(one.score, 4)) for one in passages),
            len(inside),
            dict(zip(SOURCES, shown, strict=True)),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the lookup as JSON values."""
        return {
            "unit": [self.unit.start, self.unit.end],
            "examples": [list(one) for one in self.examples],
            "passages": [list(one) for one in self.passages],
            "mentions": self.mentions,
            "shown": {source: list(shown) for source, shown in self.shown.items()},
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Lookup:
        """Read a lookup back; `KeyError`, `TypeError` or `ValueError` if it is none."""
        return cls(
            Span(*value["unit"]),
            tuple((id, score) for id, score in value["examples"]),
            tuple((id, score) for id, score in value["passages"]),
            value["mentions"],
            {source: Shown(*shown) for source, shown in value["shown"].items()},
        )


@dataclass(frozen=True, slots=True)
class Retrieval:
    """A run's lookups, added up."""

    units: int = 0
    examples: int = 0
    passages: int = 0
    mentions: int = 0
    shown: Mapping[str, Shown] | None = None

    @classmethod
    def of(cls, lookups: Iterable[Lookup]) -> Retrieval:
        """Add up the lookups of units for which something was found."""
        found = [lookup for lookup in lookups if lookup.examples or lookup.passages]
        shown = dict.fromkeys(SOURCES, Shown())
        for lookup in found:
            shown = {source: shown[source].plus(lookup.shown[source]) for source in SOURCES}
        return cls(
            len(found),
            sum(len(lookup.examples) for lookup in found),
            sum(len(lookup.passages) for lookup in found),
            sum(lookup.mentions for lookup in found),
            shown,
        )

    def shares(self, source: str) -> dict[str, float]:
        """Return the shares of gold mentions for one of `SOURCES`; 0 if there is no mention."""
        shown = (self.shown or {}).get(source, Shown())
        return {
            kind: count / self.mentions if self.mentions else 0.0
            for kind, count in shown._asdict().items()
        }

    def to_json(self) -> dict[str, Any]:
        """Return the documented shape (docs/scoring.md)."""
        counts = {"units": self.units, "examples": self.examples, "passages": self.passages}
        shares = {source: self.shares(source) for source in SOURCES}
        return {**counts, "mentions": self.mentions, "shown": shares}


def _once(found: Iterable[Retrieved]) -> list[Retrieved]:
    return list({one.id: one for one in found}.values())


def _standing(names: Sequence[str], found: Sequence[Retrieved]) -> set[int]:
    """Return the places of the names that stand, folded and as whole words, in what was found."""
    if not found or not names:
        return set()
    dictionary = Dictionary((name, place) for place, name in enumerate(names))
    hits = (hit for one in found for hit in dictionary.find_all(one.text))
    return {place for hit in hits for place in hit.values}
