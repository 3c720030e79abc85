"""The `diverse` retriever: near the unit, unlike each other, and of all labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nerharness.errors import UsageError
from nerharness.plugin import Hit, Indexed
from nerharness.retrievers.dense import Dense, DenseIndex

POOL = 50
"""Nearest items that are chosen from, unless more are asked for."""


class Diverse:
    """Chooses by maximal marginal relevance (Carbonell and Goldstein 1998), label by label.

    Of the `POOL` nearest items the next one is, among those that show a label shown least so far,
    the one with the most of `relevance` · its cosine with the query - (1 - `relevance`) · its
    greatest cosine with an item chosen before. Items without a label come when no label is left.
    `dense` are the options of that.
    """

    def __init__(self, *, relevance: float, **dense: Any) -> None:
        if not 0 <= relevance <= 1:
            raise UsageError(f"must be from 0 to 1, got {relevance}", where="--relevance")
        self._dense = Dense(**dense)
        self._relevance = relevance

    @property
    def identity(self) -> Mapping[str, str]:
        """Which encoder is used."""
        return self._dense.identity

    def index(self, items: Sequence[Indexed], /) -> DiverseIndex:
        """Return an index of the items."""
        labels = [item.labels for item in items]
        return DiverseIndex(self._dense.index(items), labels, self._relevance)


class DiverseIndex:
    """A dense index, and the labels of its items."""

    def __init__(
        self, dense: DenseIndex, labels: Sequence[frozenset[str]], relevance: float
    ) -> None:
        self._dense = dense
        self._labels = labels
        self._relevance = relevance

    def search(self, queries: Sequence[str], k: int, /) -> Sequence[Sequence[Hit]]:
        """Return `k` items each, in the order in which they are chosen; scores are cosines."""
        pools = self._dense.search(queries, max(k, POOL))
        return [self._choose(pool, k) for pool in pools]

    def _choose(self, pool: Sequence[Hit], k: int) -> list[Hit]:
        rows = self._dense.rows([hit.index for hit in pool])
        labels = [self._labels[hit.index] for hit in pool]
        near = np.array([hit.score for hit in pool], np.float32)
        order = balanced(near, rows @ rows.T, labels, k, relevance=self._relevance)
        return [pool[place] for place in order]


def balanced(
    near: NDArray[np.float32],
    alike: NDArray[np.float32],
    labels: Sequence[Collection[str]],
    k: int,
    *,
    relevance: float,
) -> list[int]:
    """Return the places of up to `k` candidates, in the order in which they are chosen.

    `near` holds each one's similarity to the query, `alike` that of each two, `labels` what each
    one shows.
    """
    shown = Counter({label: 0 for one in labels for label in one})
    left = list(range(len(near)))
    redundant = np.zeros(len(near), np.float32)
    chosen: list[int] = []
    while left and len(chosen) < k:
        worth = relevance * near - (1 - relevance) * redundant
        best = max(_least_shown(left, labels, shown), key=lambda place: worth[place])
        redundant = np.maximum(redundant, alike[best]) if chosen else alike[best]
        shown.update(labels[best])
        chosen.append(best)
        left.remove(best)
    return chosen


def _least_shown(
    left: Sequence[int], labels: Sequence[Collection[str]], shown: Counter[str]
) -> Sequence[int]:
    """Return the candidates that have a label which was shown least among those they offer."""
    offered = {label for place in left for label in labels[place]}
    if not offered:
        return left
    least = min(shown[label] for label in offered)
    wanted = {label for label in offered if shown[label] == least}
    return [place for place in left if not wanted.isdisjoint(labels[place])]
