"""Texts to look things up in: indexed when first asked for, ranked for many queries at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice

from nerharness.errors import UsageError
from nerharness.plugin.protocols import Hit, Index, Indexed

Indexer = Callable[[Sequence[Indexed]], Index]
Choice = Callable[[Iterable[Hit]], Iterator[Hit]]
"""Leaves out what must not be shown."""


class Shelf:
    """Items and their index."""

    def __init__(self, items: Sequence[Indexed], indexer: Indexer | None) -> None:
        self.items = items
        self._indexer = indexer
        self._expected: tuple[str, ...] = ()
        self._ranked: dict[tuple[str, int], Sequence[Hit]] = {}

    def expect(self, queries: Iterable[str]) -> None:
        """Announce queries: the first that is asked for is then answered together with the rest."""
        self._expected = tuple(dict.fromkeys(queries))
        self._ranked.clear()

    def best(self, query: str, k: int, choice: Choice) -> list[Hit]:
        """Return the `k` best items that `choice` lets through, fewer only if there are no more."""
        depth = first = 2 * k + 4  # nearly always enough; doubled until it is
        while True:
            hits = self._rank(query, depth) if depth > first else self._rank_together(query, depth)
            chosen = list(islice(choice(hits), k))
            if len(chosen) == k or depth >= len(self.items):
                return chosen
            depth *= 2

    def _rank(self, query: str, depth: int) -> Sequence[Hit]:
        return self._index.search([query], depth)[0]

    def _rank_together(self, query: str, depth: int) -> Sequence[Hit]:
        if query not in self._expected:
            return self._rank(query, depth)
        if (query, depth) not in self._ranked:
            found = self._index.search(self._expected, depth)
            self._ranked.update(zip(((one, depth) for one in self._expected), found, strict=True))
        return self._ranked[query, depth]

    @cached_property
    def _index(self) -> Index:
        if self._indexer is None:
            raise UsageError("this strategy needs a retriever", hint="choose one with --retriever")
        return self._indexer(self.items)
