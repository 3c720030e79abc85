"""What a retriever finds, held to the contract: a run looks up by nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from numbers import Integral, Real

from nerharness.errors import PluginError
from nerharness.plugin import Hit, Index, Indexed, Retriever
from nerharness.plugin.provider import blaming


class SoundIndex:
    """An index of `items` whose rankings name them, each once, with scores that are numbers.

    `PluginError`, which names `title`, where they do not, and where the retriever fails.
    """

    def __init__(self, retriever: Retriever, items: Sequence[Indexed], title: str) -> None:
        self._size, self._title = len(items), title
        self._index: Index = blaming(title, "cannot index", lambda: retriever.index(items))

    def search(self, queries: Sequence[str], k: int, /) -> list[list[Hit]]:
        """Return the ranking of each query, positions and scores as plain numbers."""
        found = blaming(self._title, "cannot search", lambda: self._index.search(queries, k))
        rankings = self._listed(found, "rankings")
        if len(rankings) != len(queries):
            raise self._broken(f"{len(rankings)} rankings came for {len(queries)} queries")
        return [self._sound(hits) for hits in rankings]

    def _sound(self, hits: object) -> list[Hit]:
        ranking = self._listed(hits, "a ranking")
        if fault := ranking_fault(ranking, self._size):
            raise self._broken(fault)
        return [Hit(int(hit.index), float(hit.score)) for hit in ranking]

    def _listed(self, found: object, what: str) -> list[Hit]:
        if not isinstance(found, Iterable):
            raise self._broken(f"{what} came as {found!r:.100}")
        return list(found)

    def _broken(self, fault: str) -> PluginError:
        return PluginError(fault, where=self._title)


def ranking_fault(hits: Sequence[object], size: int) -> str:
    """Return why this cannot be a ranking of so many items; empty if it can."""
    places: set[object] = set()
    for hit in hits:
        if not isinstance(hit, Hit):
            return f"a ranking is a list of Hit, and has {hit!r:.100}"
        if not isinstance(hit.index, Integral) or not 0 <= hit.index < size or hit.index in places:
            return f"name each item at most once, by its position of 0 to {size - 1}: {hit!r:.100}"
        if not isinstance(hit.score, Real) or not math.isfinite(hit.score):
            return f"scores must be finite numbers: {hit!r:.100}"
        places.add(hit.index)
    return ""
