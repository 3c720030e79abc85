"""Bootstrap intervals of every figure, by drawing whole documents.

Entities of one document are not independent, so documents are what is drawn (Efron and Tibshirani
1993, chapters 13 and 14). The same seed gives the same draws for every protocol and every run over
the same number of documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

from nerharness.resampling import bootstrap
from nerharness.scoring.counting import LabelCounts
from nerharness.scoring.figures import FIGURES, Averaging, Row, count_table, rates

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


MAX_DRAWS = 1_000_000
"""More take more memory than they are worth."""
MAX_SEED = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Resampling:
    """How intervals and tests are made; `ValueError` for what makes none."""

    draws: int = 10_000
    seed: int = 0
    level: float = 0.95

    def __post_init__(self) -> None:
        if not 1 <= self.draws <= MAX_DRAWS:
            raise ValueError(f"draws must be from 1 to {MAX_DRAWS}, got {self.draws}")
        if not 0 < self.level < 1:
            raise ValueError(f"the level must be above 0 and below 1, got {self.level}")
        if not 0 <= self.seed <= MAX_SEED:
            raise ValueError(f"the seed must be from 0 to {MAX_SEED}, got {self.seed}")


DEFAULT = Resampling()

FEW_DOCUMENTS = 10
"""Over fewer, intervals miss the truth more than twice as often as they say (by simulation)."""


class Bounds(NamedTuple):
    """The lower and the upper end of an interval."""

    low: float
    high: float


class Interval(NamedTuple):
    """Two intervals of one figure: by percentiles, and bias-corrected and accelerated (BCa)."""

    percentile: Bounds
    bca: Bounds


Intervals = Mapping[tuple[Row, str], Interval]
"""By row (a label, or an `Averaging`) and figure (one of `FIGURES`)."""


def intervals(
    documents: Sequence[LabelCounts], labels: Sequence[str], resampling: Resampling
) -> dict[tuple[Row, str], Interval]:
    """Return the interval of each figure of the labels and averages.

    A draw without a label says nothing about that label. Figures that no draw has, such as those
    of a label that never occurs, have none here.
    """
    table = count_table(documents, labels)
    if not table.size:
        return {}
    drawn = rates(bootstrap(table, resampling.draws, seed=resampling.seed))
    left_out = rates(table.sum(axis=0) - table)
    observed = rates(table.sum(axis=0)[None])
    return bounds_of(labels, observed[0], drawn, left_out, resampling.level)


def bounds_of(
    labels: Sequence[str],
    observed: NDArray[np.float64],
    drawn: NDArray[np.float64],
    left_out: NDArray[np.float64],
    level: float,
) -> dict[tuple[Row, str], Interval]:
    """Return the intervals of figures of shape `(rows, 3)`, drawn and left out a document each."""
    import numpy as np

    found: dict[tuple[Row, str], Interval] = {}
    for row, name in enumerate((*labels, *Averaging)):
        for column, figure in enumerate(FIGURES):
            values = drawn[:, row, column]
            values = np.sort(values[~np.isnan(values)])
            if values.size and not np.isnan(observed[row, column]):
                jackknife = left_out[:, row, column]
                jackknife = jackknife[~np.isnan(jackknife)]
                found[name, figure] = _interval(values, observed[row, column], jackknife, level)
    return found


def _interval(
    values: NDArray[np.float64], observed: float, jackknife: NDArray[np.float64], level: float
) -> Interval:
    tails = ((1 - level) / 2, (1 + level) / 2)
    percentile = Bounds(*(_quantile(values, tail) for tail in tails))
    bias = _bias(values, observed)
    if bias is None:
        return Interval(percentile, percentile)
    lean = _acceleration(jackknife)
    return Interval(percentile, Bounds(*(_quantile(values, _moved(t, bias, lean)) for t in tails)))


def _bias(values: NDArray[np.float64], observed: float) -> float | None:
    """Return how far the draws lie to one side of the figure; `None` if they all do.

    Draws that equal it, but for rounding, count half to each side.
    """
    import numpy as np

    close = 1e-12
    low, high = np.searchsorted(values, [observed - close, observed + close])
    share = float(low + high) / (2 * values.size)
    return NormalDist().inv_cdf(share) if 0 < share < 1 else None


def _acceleration(jackknife: NDArray[np.float64]) -> float:
    """Return how the spread changes with the figure (equation 14.15); 0 if nothing varies."""
    if not jackknife.size:
        return 0.0
    gaps = jackknife.mean() - jackknife
    spread = float((gaps**2).sum()) ** 1.5
    return float((gaps**3).sum()) / (6 * spread) if spread > 1e-18 else 0.0


def _moved(tail: float, bias: float, lean: float) -> float:
    """Return the share of draws at which the BCa interval ends (equation 14.10)."""
    normal = NormalDist()
    reach = bias + normal.inv_cdf(tail)
    if lean * reach >= 1:  # beyond the pole of the formula: the last of the draws on that side
        return float(reach > 0)
    return normal.cdf(bias + reach / (1 - lean * reach))


def _quantile(ordered: NDArray[np.float64], share: float) -> float:
    """Return the quantile of sorted values, between two of them by a straight line."""
    place = share * (ordered.size - 1)
    below = int(place)
    above = min(below + 1, ordered.size - 1)
    return float(ordered[below] + (place - below) * (ordered[above] - ordered[below]))
