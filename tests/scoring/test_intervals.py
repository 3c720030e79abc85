"""Bootstrap intervals beside the textbook's formulas, its example, and scipy's."""

from __future__ import annotations

import math
import random
from statistics import NormalDist

import numpy as np
import pytest
from scoring.kit import drawn_counts

from nerharness.metrics import Counts, micro
from nerharness.resampling import bootstrap
from nerharness.scoring.figures import Averaging, count_table
from nerharness.scoring.intervals import Resampling, bounds_of, intervals

NORMAL = NormalDist()
HUNDRED = Resampling(draws=2000, seed=3)


def f1(sums: np.ndarray) -> float:
    tp, fp, fn = sums
    return float(2 * tp / (2 * tp + fp + fn))


def textbook(
    drawn: list[float], observed: float, left_out: list[float], level: float
) -> tuple[float, float]:
    """Return the BCa interval, (14.9) to (14.15) of Efron and Tibshirani (1993), step by step.

    Draws that equal what was observed count half.
    """
    below = sum(one < observed - 1e-12 for one in drawn)
    equal = sum(abs(one - observed) <= 1e-12 for one in drawn)
    z0 = NORMAL.inv_cdf((below + equal / 2) / len(drawn))
    mean = sum(left_out) / len(left_out)
    top = sum((mean - one) ** 3 for one in left_out)
    a = top / (6 * sum((mean - one) ** 2 for one in left_out) ** 1.5)
    ends = []
    for alpha in ((1 - level) / 2, 1 - (1 - level) / 2):
        z = NORMAL.inv_cdf(alpha)
        ends.append(NORMAL.cdf(z0 + (z0 + z) / (1 - a * (z0 + z))))
    return tuple(float(np.quantile(drawn, end)) for end in ends)  # type: ignore[return-value]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_intervals_are_the_textbooks(seed: int, level: float) -> None:
    documents = drawn_counts(random.Random(seed), 30, ["a", "b"])
    found = intervals(documents, ["a", "b"], Resampling(1000, seed, level))[Averaging.MICRO, "f1"]
    table = count_table(documents, ["a", "b"])
    table = table[:, :3] + table[:, 3:]
    drawn = [f1(sums) for sums in bootstrap(table, 1000, seed=seed)]
    left_out = [f1(np.delete(table, row, axis=0).sum(axis=0)) for row in range(len(table))]
    assert found.bca == pytest.approx(textbook(drawn, f1(table.sum(axis=0)), left_out, level))
    tails = ((1 - level) / 2, (1 + level) / 2)
    assert found.percentile == pytest.approx([np.quantile(drawn, tail) for tail in tails])


def test_the_spatial_test_data_of_the_textbook() -> None:
    """Efron and Tibshirani (1993), tables 14.1 and 14.2: the variance of 26 scores, 90 %.

    They have 2,000 draws and get 100.8 to 233.9 by percentiles and 115.8 to 259.6 by BCa; ours are
    100,000, so that theirs, not ours, are uncertain by some units.
    """
    scores = np.array(
        [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24,
         26, 30, 41], dtype=float,
    )  # fmt: skip
    assert scores.var() == pytest.approx(171.5, abs=0.05)
    rng = np.random.default_rng(1)
    drawn = scores[rng.integers(0, 26, (100_000, 26))].var(axis=1)
    left_out = np.array([np.delete(scores, place).var() for place in range(26)])

    def rows(values: np.ndarray) -> np.ndarray:  # as the first figure of the first row
        shape = np.full((len(values), 4, 3), np.nan)
        shape[:, 0, 0] = values
        return shape

    found = bounds_of(["a"], rows(np.array([scores.var()]))[0], rows(drawn), rows(left_out), 0.9)
    assert found["a", "precision"].percentile == pytest.approx((100.8, 233.9), abs=4)
    assert found["a", "precision"].bca == pytest.approx((115.8, 259.6), abs=4)


def test_intervals_are_those_of_scipy() -> None:
    stats = pytest.importorskip("scipy.stats", reason="scipy is not installed")
    documents = drawn_counts(random.Random(5), 60, ["a"])
    table = count_table(documents, ["a"])
    ours = intervals(documents, ["a"], Resampling(20_000, 1))["a", "f1"]
    for method, bounds in (("percentile", ours.percentile), ("BCa", ours.bca)):
        theirs = stats.bootstrap(
            tuple(table.T),
            lambda tp, fp, fn, axis: 2 * tp.sum(axis) / (2 * tp + fp + fn).sum(axis),
            paired=True,
            n_resamples=20_000,
            method=method,
            rng=np.random.default_rng(2),
        ).confidence_interval
        assert bounds == pytest.approx(tuple(theirs), abs=0.005), method


def test_the_same_seed_gives_the_same_intervals_and_another_others() -> None:
    documents = drawn_counts(random.Random(0), 40, ["a", "b"])
    once = intervals(documents, ["a", "b"], HUNDRED)
    assert once == intervals(documents, ["a", "b"], HUNDRED)
    assert once != intervals(documents, ["a", "b"], Resampling(draws=2000, seed=4))


def test_every_figure_has_an_interval_around_it() -> None:
    documents = drawn_counts(random.Random(0), 40, ["a", "b"])
    found = intervals(documents, ["a", "b", "never"], HUNDRED)
    assert {row for row, _ in found} == {"a", "b", *Averaging}
    assert {figure for _, figure in found} == {"precision", "recall", "f1"}
    total = sum((micro(document) for document in documents), Counts())
    for bounds in found[Averaging.MICRO, "f1"]:
        assert bounds.low < total.f1 < bounds.high


def test_what_never_varies_has_an_interval_of_one_point() -> None:
    found = intervals([{"a": Counts(2, 0, 0)}] * 5, ["a"], HUNDRED)
    assert {bounds for one in found.values() for bounds in one} == {(1.0, 1.0)}


def test_documents_are_drawn_whole() -> None:
    # Two documents, all right and all wrong: F1 is 0, 0.5 or 1, whatever their size.
    documents = [{"a": Counts(9, 0, 0)}, {"a": Counts(0, 9, 9)}]
    found = intervals(documents, ["a"], HUNDRED)["a", "f1"]
    assert found.percentile == (0.0, 1.0)


def test_draws_without_an_entity_say_nothing_about_any_average() -> None:
    # A third of the documents has all entities: the draws without it are no draws of 0.
    documents = [{"a": Counts(3, 0, 0)}, {}, {}]
    found = intervals(documents, ["a"], HUNDRED)
    for row in ("a", *Averaging):
        assert found[row, "f1"].percentile == (1.0, 1.0), row


@pytest.mark.parametrize("documents", [[], [{}], [{}, {}]])
def test_nothing_has_no_intervals(documents: list[dict[str, Counts]]) -> None:
    assert intervals(documents, ["a"], HUNDRED) == {}
    assert intervals(documents, [], HUNDRED) == {}


def test_a_level_beyond_the_pole_of_the_formula_ends_with_the_last_draw() -> None:
    # One document in a hundred has what is wrong: the figure leans as far as figures can.
    documents = [{"a": Counts(1, 0, 0)}] * 99 + [{"a": Counts(0, 500, 0)}]
    found = intervals(documents, ["a"], Resampling(2000, 0, 0.9999999999))["a", "precision"]
    # Where the one is drawn four times, which happens, precision is 96 / 2,096; without it 1.
    assert found.bca.low < 0.05
    assert found.bca.high == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"draws": 0}, {"draws": 10**7}, {"seed": -1}, {"seed": 2**64},
        {"level": 0.0}, {"level": 1.0}, {"level": math.nan},
    ],
)  # fmt: skip
def test_what_makes_no_intervals_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Resampling(**wrong)  # type: ignore[arg-type]
