"""The `random` retriever: the baseline that retrieval must beat."""

from __future__ import annotations

import random
from collections.abc import Sequence

from nerharness.plugin import Hit


class Random:
    """Ranks texts at random; the same seed and query always give the same ranking."""

    def __init__(self, texts: Sequence[str], /, *, seed: int) -> None:
        self._size = len(texts)
        self._seed = seed

    def retrieve(self, query: str, k: int, /) -> Sequence[Hit]:
        """Return `k` different texts, all with score 0; a larger `k` only adds to a smaller one."""
        order = list(range(self._size))
        random.Random(f"{self._seed}\0{query}").shuffle(order)
        return [Hit(index, 0.0) for index in order[:k]]
