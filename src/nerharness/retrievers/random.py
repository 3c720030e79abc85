"""The `random` retriever: the baseline that retrieval must beat."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from nerharness.plugin import Hit, Indexed


@dataclass(frozen=True, slots=True)
class Random:
    """Ranks at random; the same seed and query always give the same ranking."""

    seed: int

    def index(self, items: Sequence[Indexed], /) -> RandomIndex:
        """Return an index of the items."""
        return RandomIndex(len(items), self.seed)


@dataclass(frozen=True, slots=True)
class RandomIndex:
    """So many items, shuffled anew for each query."""

    size: int
    seed: int

    def search(self, queries: Sequence[str], k: int, /) -> Sequence[Sequence[Hit]]:
        """Return `k` different items each, all with score 0; a larger `k` only adds to them."""
        return [[Hit(index, 0.0) for index in self._draw(query, k)] for query in queries]

    def _draw(self, query: str, k: int) -> list[int]:
        """Shuffle as far as needed (Fisher and Yates)."""
        source = random.Random(f"{self.seed}\0{query}")
        moved: dict[int, int] = {}
        drawn: list[int] = []
        for place in range(min(k, self.size)):
            other = source.randrange(place, self.size)
            drawn.append(moved.get(other, other))
            moved[other] = moved.get(place, place)
        return drawn
