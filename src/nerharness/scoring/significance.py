"""Whether two runs over the same documents differ: paired tests, and intervals of differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from nerharness.resampling import bootstrap, coins
from nerharness.scoring.counting import LabelCounts
from nerharness.scoring.figures import FIGURES, Averaging, Row, count_table, rates
from nerharness.scoring.intervals import Interval, Resampling, bounds_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ROUNDING = 1e-12


class Difference(NamedTuple):
    """What a second run has more of a figure than a first, and how sure that is.

    `permutation` is the two-sided p-value of the test that swaps the runs' answers about each
    document or not by a coin (approximate randomisation, Noreen 1989); `bootstrap` is twice the
    share of paired draws on the other side of no difference.
    """

    value: float
    interval: Interval
    permutation: float
    bootstrap: float


Differences = Mapping[tuple[Row, str], Difference]
"""By row (a label, or an `Averaging`) and figure, as `intervals.Intervals`."""


def differences(
    first: Sequence[LabelCounts],
    second: Sequence[LabelCounts],
    labels: Sequence[str],
    resampling: Resampling,
) -> dict[tuple[Row, str], Difference]:
    """Compare two runs' counts of the same documents, in the same order.

    A figure that one of the two does not have, such as that of a label that neither gold nor its
    predictions have, has no difference.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} documents cannot be paired with {len(second)}")
    one, other = count_table(first, labels), count_table(second, labels)
    if not one.size:
        return {}
    observed = _gap(one.sum(axis=0)[None], other.sum(axis=0)[None])
    both = bootstrap(_beside(one, other), resampling.draws, seed=resampling.seed)
    drawn = _gap(*_apart(both))
    left_out = _gap(one.sum(axis=0) - one, other.sum(axis=0) - other)
    swapped = coins(other - one, resampling.draws, seed=resampling.seed)
    shuffled = _gap(one.sum(axis=0) + swapped, other.sum(axis=0) - swapped)
    found = bounds_of(labels, observed[0], drawn, left_out, resampling.level)
    return {
        key: Difference(
            float(observed[0][place]),
            found[key],
            _permutation(shuffled[:, *place], float(observed[0][place])),
            _bootstrap(drawn[:, *place]),
        )
        for key, place in _places(labels).items()
        if key in found
    }


def holm(values: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number (Holm 1979), in the same order."""
    order = sorted(range(len(values)), key=lambda place: values[place])
    corrected = [0.0] * len(values)
    highest = 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(values) - rank) * values[place]))
        corrected[place] = highest
    return corrected


def _places(labels: Sequence[str]) -> dict[tuple[Row, str], tuple[int, int]]:
    return {
        (name, figure): (row, column)
        for row, name in enumerate((*labels, *Averaging))
        for column, figure in enumerate(FIGURES)
    }


def _beside(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    return np.concatenate([one, other], axis=1)


def _apart(both: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    width = both.shape[1] // 2
    return both[:, :width], both[:, width:]


def _gap(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    return rates(other) - rates(one)


def _permutation(shuffled: NDArray[np.float64], observed: float) -> float:
    """Return the share of shuffles that differ at least as much, the observed one among them."""
    as_far = int((~(abs(shuffled) < abs(observed) - _ROUNDING)).sum())  # NaN says nothing against
    return (1 + as_far) / (1 + len(shuffled))


def _bootstrap(drawn: NDArray[np.float64]) -> float:
    import numpy as np

    known = drawn[~np.isnan(drawn)]
    below, above = int((known <= _ROUNDING).sum()), int((known >= -_ROUNDING).sum())
    return min(1.0, 2 * (1 + min(below, above)) / (1 + known.size))
