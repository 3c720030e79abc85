"""The heaviest matching of a weighted bipartite graph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from nerharness.pairing import assign

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ROUNDS = 8
"""How often it is looked for edges that are surely in the matching; some make others sure."""


class Edges(NamedTuple):
    """Edges between rows and columns, each pair at most once, with weights above 0."""

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    weights: NDArray[np.int64]

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> Edges:
        """Return some of the edges."""
        return Edges(self.rows[chosen], self.columns[chosen], self.weights[chosen])


def heaviest(edges: Edges) -> Iterator[tuple[int, int]]:
    """Yield the pairs of row and column of the matching with the largest sum of weights."""
    for _ in range(_ROUNDS):
        if not len(edges.rows):
            return
        sure = edges.where(_sure(edges))
        if not len(sure.rows):
            break
        yield from zip(sure.rows.tolist(), sure.columns.tolist(), strict=True)
        edges = _without(edges, sure)
    for part in _parts(edges):
        yield from _assigned(part)


def _sure(edges: Edges) -> NDArray[np.bool_]:
    """Tell of each edge whether it outweighs every two others that it could make room for.

    Such an edge is in every heaviest matching: in one without it, it could replace the at most two
    edges that share its row or its column, and weigh more.
    """
    (first, second), (best, next_best) = _two(edges.rows, edges), _two(edges.columns, edges)
    rows, columns, weights = edges
    leads = (weights == first[rows]) & (weights == best[columns])
    chosen: NDArray[np.bool_] = leads & (weights > second[rows] + next_best[columns])
    return chosen


def _two(ends: NDArray[np.intp], edges: Edges) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the largest and the second largest weight at each end, 0 where there is none."""
    import numpy as np

    first = np.zeros(int(ends.max()) + 1, dtype=np.int64)
    second = np.zeros_like(first)
    np.maximum.at(first, ends, edges.weights)
    largest = edges.weights == first[ends]
    np.maximum.at(second, ends[~largest], edges.weights[~largest])
    several = np.bincount(ends[largest], minlength=len(first)) > 1
    return first, np.where(several, first, second)


def _without(edges: Edges, sure: Edges) -> Edges:
    """Return the edges that share neither row nor column with the sure ones."""
    import numpy as np

    taken = np.isin(edges.rows, sure.rows) | np.isin(edges.columns, sure.columns)
    return edges.where(~taken)


def _parts(edges: Edges) -> Iterator[Edges]:
    """Yield the edges that hang together."""
    import numpy as np

    if not len(edges.rows):
        return
    homes = _homes(edges)[edges.rows]
    order = np.argsort(homes, kind="stable")
    cuts = np.flatnonzero(np.diff(homes[order])) + 1
    for part in np.split(order, cuts):
        yield edges.where(part)


def _homes(edges: Edges) -> NDArray[np.intp]:
    """Return a number for each row, then for each column: the same for all that hang together.

    Each round joins what an edge connects and then follows every number to its end.
    """
    import numpy as np

    first = int(edges.rows.max()) + 1
    ones, others = edges.rows, edges.columns + first
    homes = np.arange(first + int(edges.columns.max()) + 1)
    while (apart := homes[ones] != homes[others]).any():
        ones, others = ones[apart], others[apart]
        low, high = (side(homes[ones], homes[others]) for side in (np.minimum, np.maximum))
        np.minimum.at(homes, high, low)
        while (ends := homes[homes]).tobytes() != homes.tobytes():
            homes = ends
    return homes


def _assigned(edges: Edges) -> Iterator[tuple[int, int]]:
    import numpy as np

    rows, places = np.unique(edges.rows, return_inverse=True)
    columns, others = np.unique(edges.columns, return_inverse=True)
    table = np.zeros((len(rows), len(columns)), dtype=np.int64)
    table[places, others] = edges.weights
    for row, column in enumerate(assign([line.data for line in table])):
        if column is not None:
            yield int(rows[row]), int(columns[column])
