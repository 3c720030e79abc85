"""Intervals: by theory, by simulation, and where there is nothing to draw."""

from __future__ import annotations

import random

import numpy as np
import pytest

from nerharness.metrics import Counts
from nerharness.resampling import bootstrap, coins
from nerharness.scoring.statistics import f1_interval


def test_equal_documents_have_no_uncertainty() -> None:
    assert f1_interval([Counts(1, 1, 1)] * 20) == pytest.approx((0.5, 0.5))


def test_nothing_to_draw_is_defined() -> None:
    assert f1_interval([]) == (0.0, 0.0)
    assert f1_interval([Counts()] * 3) == (0.0, 0.0)


def test_the_same_seed_gives_the_same_interval() -> None:
    documents = [Counts(n % 3, n % 2, n % 5) for n in range(30)]
    assert f1_interval(documents, seed=4) == f1_interval(documents, seed=4)
    assert f1_interval(documents, seed=4) != f1_interval(documents, seed=5)


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    # Each document has four entities, each found with probability .6, and as many spurious ones.
    rng = random.Random(8)
    truth, covered, runs = 2 * 2.4 / (4 + 4), 0, 300
    for run in range(runs):
        documents = []
        for _ in range(100):
            found = sum(rng.random() < 0.6 for _ in range(4))
            documents.append(Counts(found, 4 - found, 4 - found))
        low, high = f1_interval(documents, draws=1000, seed=run)
        covered += low <= truth <= high
    assert 0.91 <= covered / runs <= 0.98


def test_sums_have_the_shape_and_rows_of_the_table() -> None:
    table = np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]])
    for draw in (bootstrap, coins):
        sums = draw(table, 50, seed=1)
        assert sums.shape == (50, 2)
        assert np.array_equal(sums[:, 1], 10 * sums[:, 0])
        assert np.array_equal(sums, draw(table, 50, seed=1, threads=3))
    assert set(coins(table, 200, seed=1)[:, 0]) == set(range(8))
