"""Intervals hold what they should, and tests err as often as they may: by simulation.

Documents differ in how hard they are, so that entities of one document go together. At another
seed the figures are others by about 0.5 % (one standard error).
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from nerharness.metrics import Counts
from nerharness.scoring.counting import LabelCounts
from nerharness.scoring.figures import Averaging
from nerharness.scoring.intervals import FEW_DOCUMENTS, Resampling, intervals
from nerharness.scoring.significance import differences

GOLD, EASE, SPURIOUS = 6.0, 0.7, 1.1
"""The mean number of gold entities of a document, the share found, and the mean of spurious ones"""


def hardness(rng: np.random.Generator, documents: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw how many gold entities documents have, and how easily they are found."""
    return rng.poisson(GOLD, documents), rng.beta(8 * EASE, 8 * (1 - EASE), documents)


def labelled(rng: np.random.Generator, gold: np.ndarray, ease: np.ndarray) -> list[LabelCounts]:
    """Draw what a model finds in them; the harder a document, the more is spurious."""
    hits, extra = rng.binomial(gold, ease), rng.poisson(0.5 + 2 * (1 - ease))
    rows = zip(hits.tolist(), extra.tolist(), (gold - hits).tolist(), strict=True)
    return [{"a": Counts(*row)} for row in rows]


def test_intervals_hold_the_truth_in_95_of_100_corpora() -> None:
    rng = np.random.default_rng(2024)
    hits, spurious, missed = GOLD * EASE, SPURIOUS, GOLD * (1 - EASE)
    truth = Counts(hits, spurious, missed)
    corpora = 2500
    held: Counter[tuple[str, str]] = Counter()
    for seed in range(corpora):
        documents = labelled(rng, *hardness(rng, 100))
        found = intervals(documents, ["a"], Resampling(draws=800, seed=seed))
        for figure in ("precision", "recall", "f1"):
            for kind, (low, high) in found[Averaging.MICRO, figure]._asdict().items():
                held[kind, figure] += low <= getattr(truth, figure) <= high
    assert len(held) == 6
    for what, count in held.items():
        assert count / corpora == pytest.approx(0.95, abs=0.015), what


def missed(documents: int, corpora: int) -> float:
    """Return the share of corpora whose intervals of micro F1 do not hold the truth."""
    rng = np.random.default_rng(2024)
    truth = Counts(GOLD * EASE, SPURIOUS, GOLD * (1 - EASE)).f1
    found = 0
    for seed in range(corpora):
        drawn = labelled(rng, *hardness(rng, documents))
        one = intervals(drawn, ["a"], Resampling(draws=400, seed=seed))[Averaging.MICRO, "f1"]
        found += not one.percentile.low <= truth <= one.percentile.high
    return found / corpora


def test_over_few_documents_intervals_miss_the_truth_more_than_twice_as_often() -> None:
    assert missed(FEW_DOCUMENTS // 2, 1000) > 0.13
    assert missed(FEW_DOCUMENTS - 2, 1000) > 0.10
    assert missed(2 * FEW_DOCUMENTS, 1000) < 0.10


def test_the_permutation_test_finds_a_difference_where_there_is_none_in_5_of_100_pairs() -> None:
    rng = np.random.default_rng(2024)
    pairs = 3000
    found = 0
    for seed in range(pairs):
        documents = hardness(rng, 40)
        first, second = (labelled(rng, *documents) for _ in range(2))
        # With 399 draws there is a p-value of exactly 0.05.
        one = differences(first, second, ["a"], Resampling(draws=399, seed=seed))
        found += one[Averaging.MICRO, "f1"].permutation <= 0.05
    assert found / pairs == pytest.approx(0.05, abs=0.01)
