"""Sums over rows drawn anew, for bootstrap intervals and permutation tests, in the Rust core."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nerharness import _core

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    Draw = Callable[[bytes, int, int, int, int], bytes]

__all__ = ["bootstrap", "coins"]


def bootstrap(
    table: NDArray[np.float64], draws: int, *, seed: int, threads: int = 1
) -> NDArray[np.float64]:
    """Return the sums of `draws` draws of as many rows as there are, with replacement.

    `table` has shape `(rows, columns)`, the answer `(draws, columns)`. A draw depends on the seed
    and its number alone: more draws begin with the same ones, and threads change nothing. Raises
    `ValueError` for a number that is not finite.
    """
    return _drawn(_core.bootstrap, table, draws, seed, threads)


def coins(
    table: NDArray[np.float64], draws: int, *, seed: int, threads: int = 1
) -> NDArray[np.float64]:
    """Return the sums of `draws` choices of rows, in each of which a fair coin decides every row.

    Shapes, seed and threads as in `bootstrap`.
    """
    return _drawn(_core.coins, table, draws, seed, threads)


def _drawn(
    draw: Draw, table: NDArray[np.float64], draws: int, seed: int, threads: int
) -> NDArray[np.float64]:
    # Imported here because numpy is slow to import, and this module is not.
    import numpy as np

    rows = np.ascontiguousarray(table, dtype=np.float64)
    sums = draw(rows.tobytes(), rows.shape[1], draws, seed, threads)
    return np.frombuffer(sums, np.float64).reshape(draws, rows.shape[1])
