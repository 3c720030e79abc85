"""The `hybrid` retriever: meaning and words together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from nerharness.plugin import Hit, Index, Indexed
from nerharness.retrievers.bm25 import Bm25
from nerharness.retrievers.dense import Dense

DEPTH = 100
"""Ranks of each list that are fused, unless more are asked for."""
FLATNESS = 60
"""How little the first ranks stand out: the constant of the paper."""


class Hybrid:
    """Fuses the rankings of `dense` and `bm25` by their reciprocal ranks.

    An item scores the sum of 1 / (60 + its rank) over the lists that it is in (Cormack, Clarke and
    Büttcher 2009, "Reciprocal rank fusion"). `dense` are the options of that.
    """

    def __init__(self, **dense: Any) -> None:
        self._dense = Dense(**dense)
        self._bm25 = Bm25()

    @property
    def identity(self) -> Mapping[str, str]:
        """Which encoder is used."""
        return self._dense.identity

    def index(self, items: Sequence[Indexed], /) -> HybridIndex:
        """Return an index of the items."""
        return HybridIndex(self._dense.index(items), self._bm25.index(items))


class HybridIndex:
    """An index by meaning and one by words, of the same items."""

    def __init__(self, meaning: Index, words: Index) -> None:
        self._meaning = meaning
        self._words = words

    def search(self, queries: Sequence[str], k: int, /) -> Sequence[Sequence[Hit]]:
        """Return the `k` best items each, by fused rank; at a tie the one that stands first.

        Items that share no word with the query have no rank by words.
        """
        depth = max(k, DEPTH)
        near = self._meaning.search(queries, depth)
        alike = [
            [hit for hit in hits if hit.score > 0] for hits in self._words.search(queries, depth)
        ]
        return [fuse(rankings)[:k] for rankings in zip(near, alike, strict=True)]


def fuse(rankings: Sequence[Sequence[Hit]]) -> list[Hit]:
    """Return what the rankings hold, best first, scored by reciprocal rank fusion."""
    scores: defaultdict[int, float] = defaultdict(float)
    for ranking in rankings:
        for rank, hit in enumerate(ranking, start=1):
            scores[hit.index] += 1 / (FLATNESS + rank)
    ordered = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return [Hit(index, score) for index, score in ordered]
