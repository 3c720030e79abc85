"""Gold entities that units cut: no answer about a unit holds what does not lie in it whole."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

from nerharness.types import Entity, Span


def cut_by(units: Sequence[Span], entities: Iterable[Entity]) -> list[Entity]:
    """Return the entities that lie whole in none of a document's units, which are in text order.

    Nothing is cut where there are no units: the document was read whole.
    """
    return [one for one in entities if units and not _is_held(one.span, units)]


def _is_held(span: Span, units: Sequence[Span]) -> bool:
    """Tell whether one of the units covers it: the last that begins before it, if any does."""
    place = bisect_right(units, span.start, key=lambda one: one.start)
    return place > 0 and units[place - 1].covers(span)


class Cuts(NamedTuple):
    """How many gold entities there are, and how many of them are cut."""

    gold: int = 0
    cut: int = 0

    @classmethod
    def of(cls, documents: Iterable[tuple[Sequence[Entity], Sequence[Span]]]) -> Self:
        """Count the entities of documents, each with its units."""
        gold = cut = 0
        for entities, units in documents:
            gold += len(entities)
            cut += len(cut_by(units, entities))
        return cls(gold, cut)

    @property
    def recall(self) -> float:
        """The most that the recall of strict match can be."""
        return 1 - self.cut / self.gold if self.gold else 1.0

    def to_json(self) -> dict[str, float]:
        """Return the counts and the bound by name."""
        return {**self._asdict(), "recall": self.recall}
