"""The `fixed` retriever: the same demonstrations for every unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nerharness.errors import UsageError
from nerharness.plugin import Hit, Indexed


@dataclass(frozen=True, slots=True)
class Fixed:
    """Ranks the chosen examples first, in the order of `fixed`, then those that have an entity.

    `fixed` names examples by position (from 0) or id, parted by commas. Knowledge, where nothing
    has a label, keeps its own order.
    """

    fixed: str | None

    def index(self, items: Sequence[Indexed], /) -> FixedIndex:
        """Return the items' one ranking; `UsageError` for a name that no example has."""
        labelled = [index for index, item in enumerate(items) if item.labels]
        rest = [index for index, item in enumerate(items) if not item.labels]
        names = [name.strip() for name in (self.fixed or "").split(",") if name.strip()]
        chosen = [_find(name, items) for name in names] if labelled else []
        return FixedIndex(tuple(dict.fromkeys([*chosen, *labelled, *rest])))


@dataclass(frozen=True, slots=True)
class FixedIndex:
    """The same ranking for every query."""

    order: tuple[int, ...]

    def search(self, queries: Sequence[str], k: int, /) -> Sequence[Sequence[Hit]]:
        """Return the first `k` items for each query, all with score 0."""
        hits = [Hit(index, 0.0) for index in self.order[:k]]
        return [hits for _ in queries]


def _find(name: str, items: Sequence[Indexed]) -> int:
    for index, item in enumerate(items):
        if item.id == name:
            return index
    if name.isdecimal() and int(name) < len(items):
        return int(name)
    raise UsageError(
        f"no train example {name!r}",
        where="--fixed",
        hint=f"give positions from 0 to {len(items) - 1}, or ids such as {items[0].id}",
    )
