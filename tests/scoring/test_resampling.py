"""Drawn sums: their shape, their rows, and what has none."""

from __future__ import annotations

import numpy as np
import pytest

from nerharness.resampling import bootstrap, coins


def test_sums_have_the_shape_and_rows_of_the_table() -> None:
    table = np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]])
    for draw in (bootstrap, coins):
        sums = draw(table, 50, seed=1)
        assert sums.shape == (50, 2)
        assert np.array_equal(sums[:, 1], 10 * sums[:, 0])
        assert np.array_equal(sums, draw(table, 50, seed=1, threads=3))
    assert set(coins(table, 200, seed=1)[:, 0]) == set(range(8))


def test_what_is_not_finite_has_no_sums() -> None:
    for value in (np.nan, np.inf):
        with pytest.raises(ValueError, match="row 1, column 0 of the table is"):
            bootstrap(np.array([[1.0, 2.0], [value, 3.0]]), 5, seed=1)


def test_sums_are_those_of_numpy_for_the_same_rows() -> None:
    rng = np.random.default_rng(4)
    table = rng.poisson(0.5, (1500, 7)).astype(np.float64)
    times = bootstrap(np.eye(1500), 20, seed=3)
    assert np.array_equal(times.sum(axis=1), np.full(20, 1500))
    assert np.array_equal(bootstrap(table, 20, seed=3), times @ table)
