"""Uncertainty of scores: intervals by drawing documents anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from nerharness.metrics import Counts
from nerharness.resampling import bootstrap

DRAWS = 10_000


class Interval(NamedTuple):
    """The bounds between which a figure lies in most draws."""

    low: float
    high: float


def f1_interval(
    documents: Sequence[Counts], *, level: float = 0.95, draws: int = DRAWS, seed: int = 0
) -> Interval:
    """Return the percentile bootstrap interval of the micro F1 over `documents`.

    `documents` has the counts of each. Whole documents are drawn, since entities of one document
    are not independent (Efron and Tibshirani 1993, chapter 13). Without documents it is (0, 0).
    """
    # Imported here because numpy is slow to import and most callers never draw.
    import numpy as np

    table = np.array([[one.tp, one.fp, one.fn] for one in documents], np.float64).reshape(-1, 3)
    tp, fp, fn = bootstrap(table, draws, seed=seed).T
    below = 2 * tp + fp + fn
    f1 = np.divide(2 * tp, below, out=np.zeros_like(below), where=below > 0)
    low, high = np.quantile(f1, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))
