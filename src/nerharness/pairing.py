"""One-to-one pairing of two sets for the most that the pairs can be worth together."""

from collections.abc import Sequence

from nerharness import _core

__all__ = ["assign"]


def assign(weights: Sequence[Sequence[int]]) -> list[int | None]:
    """For each row the column that it is paired with, or ``None``; no column is given twice.

    ``weights`` has a row for each of the one set, with a number for each of the other: 0 or less
    where the two must not be paired. The weights of the pairs add up to as much as they can (the
    Hungarian method, Kuhn 1955). Rows of different lengths are a ``ValueError``.
    """
    return _core.assign(weights)
