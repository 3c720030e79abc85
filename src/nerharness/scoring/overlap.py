"""Which entities share characters, and how many.

Time and memory go with the number of entities and of pairs that overlap, not of all pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from nerharness.types import Entity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Indexes = NDArray[np.intp]


def shared(one: Entity, other: Entity) -> int:
    """Return the number of characters that both entities cover."""
    return sum(
        max(0, min(a.end, b.end) - max(a.start, b.start))
        for a in one.fragments
        for b in other.fragments
    )


def size(entity: Entity) -> int:
    """Return the number of characters that an entity covers."""
    return sum(map(len, entity.fragments))


def dice(one: Entity, other: Entity) -> float:
    """Return the F1 of one entity's characters against the other's (Dice 1945), in [0, 1]."""
    return 2 * shared(one, other) / (size(one) + size(other))


class Overlaps(NamedTuple):
    """Each pair of entities of two sequences that share characters, once, and how many."""

    rows: Indexes
    columns: Indexes
    characters: Indexes


def overlaps(first: Sequence[Entity], second: Sequence[Entity]) -> Overlaps:
    """Return the overlaps of entities of `first` (rows) with entities of `second` (columns)."""
    import numpy as np

    ones, others = _Parts.of(first), _Parts.of(second)
    inside = _ranges(*(np.searchsorted(others.starts, bound) for bound in (ones.starts, ones.ends)))
    ahead = np.searchsorted(ones.starts, others.starts, "right")
    around = _ranges(ahead, np.maximum(ahead, np.searchsorted(ones.starts, others.ends)))
    left = np.concatenate([inside[0], around[1]])
    right = np.concatenate([inside[1], around[0]])
    characters = np.minimum(ones.ends[left], others.ends[right])
    characters -= np.maximum(ones.starts[left], others.starts[right])
    rows, columns = ones.owners[left], others.owners[right]
    if len(ones.owners) == len(first) and len(others.owners) == len(second):
        return Overlaps(rows, columns, characters)
    keys, place = np.unique(rows * len(second) + columns, return_inverse=True)
    sums = np.bincount(place, characters, len(keys)).astype(np.intp)
    return Overlaps(keys // len(second), keys % len(second), sums)


class _Parts(NamedTuple):
    """The fragments of entities, by where they start."""

    starts: Indexes
    ends: Indexes
    owners: Indexes

    @classmethod
    def of(cls, entities: Sequence[Entity]) -> _Parts:
        """Return the fragments of all entities, by start."""
        import numpy as np

        parts = sorted(
            (part.start, part.end, place)
            for place, entity in enumerate(entities)
            for part in entity.fragments
        )
        return cls(*np.array(parts, dtype=np.intp).reshape(len(parts), 3).T.copy())


def _ranges(first: Indexes, end: Indexes) -> tuple[Indexes, Indexes]:
    """Return the numbers of all ranges `[first, end)`, each after the number of its range."""
    import numpy as np

    lengths = end - first
    which = np.repeat(np.arange(len(lengths)), lengths)
    return which, np.arange(len(which)) + np.repeat(first - np.cumsum(lengths) + lengths, lengths)


def clusters(
    first: Sequence[Entity], second: Sequence[Entity]
) -> Iterator[tuple[list[int], list[int]]]:
    """Yield the places of entities whose hulls hang together, where both sequences have any."""
    order = sorted(
        (entity.span.start, entity.span.end, side, place)
        for side, entities in enumerate((first, second))
        for place, entity in enumerate(entities)
    )
    sides: tuple[list[int], list[int]] = ([], [])
    reach = 0
    for start, end, side, place in order:
        if start >= reach:
            if all(sides):
                yield sides
            sides = ([], [])
        sides[side].append(place)
        reach = max(reach, end)
    if all(sides):
        yield sides
