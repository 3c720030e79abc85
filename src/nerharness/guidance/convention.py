"""A convention of annotators, as far as counting shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LEAST = 5
"""Cases without which nothing is said."""

CLEAR = 0.8
"""The share from which one way of annotating is the convention."""


@dataclass(frozen=True, slots=True)
class Side:
    """One way to annotate: what it is, and where it was done, quoted in text order."""

    says: str
    quotes: Sequence[str]

    def __len__(self) -> int:
        return len(self.quotes)


@dataclass(frozen=True, slots=True)
class Convention:
    """What it is about, and the ways in which it was annotated."""

    subject: str
    sides: Sequence[Side]

    @property
    def cases(self) -> int:
        """How often it was done in any way."""
        return sum(map(len, self.sides))

    @property
    def ranked(self) -> list[Side]:
        """The ways that were used, the most frequent first."""
        used = [side for side in self.sides if len(side)]
        return sorted(used, key=lambda side: -len(side))

    @property
    def clear(self) -> bool:
        """Whether there are cases enough, nearly all annotated in one way."""
        return self.cases >= LEAST and len(self.ranked[0]) >= CLEAR * self.cases
