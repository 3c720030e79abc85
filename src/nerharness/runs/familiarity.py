"""How often train has the words of an entity under its label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Self

from nerharness.runs.record import Record
from nerharness.scoring.pair import Frequencies
from nerharness.types import Entity, Example


@dataclass(frozen=True, slots=True)
class Familiarity:
    """Counts of train's entities by label and words, whatever the words' case and white space."""

    counts: Counter[tuple[str, str]]

    @classmethod
    def of(cls, train: Iterable[Example]) -> Self:
        """Count the entities of train."""
        return cls(Counter(_key(e, one.document.text) for one in train for e in one.entities))

    def note(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield the records with the frequencies of their entities."""
        for record in records:
            sides = (record.gold, record.entities)
            counts = (tuple(self.counts[_key(e, record.text)] for e in side) for side in sides)
            yield replace(record, frequencies=Frequencies(*counts))


def _key(entity: Entity, text: str) -> tuple[str, str]:
    return entity.label, " ".join(entity.surface(text).casefold().split())
