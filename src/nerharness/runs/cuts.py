"""What units of a kind cut in the splits of a corpus, known before anything is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from nerharness.runs.units import UnitKind, units
from nerharness.scoring.cuts import Cuts
from nerharness.types import Example


@dataclass(frozen=True, slots=True)
class UnitCuts:
    """What units of one kind cut in each of some splits."""

    unit: UnitKind
    splits: Mapping[str, Cuts] = field(default_factory=dict)
    chosen: bool = True
    """Whether `--unit` says what a unit is; it does not for a tagger."""

    @classmethod
    def of(
        cls, splits: Mapping[str, Iterable[Example]], unit: UnitKind, *, chosen: bool = True
    ) -> Self:
        """Count the entities of the splits."""
        counts = {split: cuts_of(examples, unit) for split, examples in splits.items()}
        return cls(unit, counts, chosen)

    @property
    def line(self) -> str:
        """What a user must know of it; empty if nothing is cut."""
        cut = {split: one for split, one in self.splits.items() if one.cut}
        if not cut:
            return ""
        counts = (f"{one.cut:,} of {one.gold:,} of {split}" for split, one in cut.items())
        parts = f"{self.unit.partition(':')[0]}s"
        way = "--unit document reads whole documents"
        return (
            f"gold entities cut by {parts}, which can neither be found nor shown: "
            f"{', '.join(counts)}; {way if self.chosen else f'--tokens gives other {parts}'}"
        )

    def to_json(self) -> dict[str, Any]:
        """Return the counts as JSON values."""
        splits = {split: one.to_json() for split, one in self.splits.items()}
        return {"unit": self.unit, "splits": splits}


def cuts_of(examples: Iterable[Example], unit: UnitKind) -> Cuts:
    """Count the entities of documents that are read in such units."""
    return Cuts.of(
        (example.entities, [one.span for one in units(example.document, unit)])
        for example in examples
    )
