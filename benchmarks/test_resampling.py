"""Speed of bootstrap draws, beside numpy's."""

from functools import cache
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.timing import repeat
from nerharness.resampling import bootstrap

DRAWS: Final = 10_000
ROWS: Final = 2_000
SEED: Final = 2026
ROUNDS: Final = 10
TOGETHER: Final = 1_000  # how many draws numpy is asked for at once
TABLES: Final = {"6 labels": (18, 0.95), "60 labels": (180, 0.05)}  # columns, share of them above 0


@pytest.fixture(autouse=True)
def group(benchmark: BenchmarkFixture) -> None:
    benchmark.group = "resampling"


@pytest.mark.parametrize("labels", TABLES)
def test_bootstrap(benchmark: BenchmarkFixture, labels: str) -> None:
    table = _table(labels)
    sums = bootstrap(table, DRAWS, seed=SEED)
    assert_like(sums, table)
    assert sums.std(axis=0) == pytest.approx(_drawn_by_numpy(table, DRAWS).std(axis=0), rel=0.05)
    facts = _facts(f"bootstrap, {labels}")
    repeat(benchmark, _drawn, table, DRAWS, rounds=ROUNDS, facts=facts)


@pytest.mark.parametrize("labels", TABLES)
def test_numpy(benchmark: BenchmarkFixture, labels: str) -> None:
    table = _table(labels)
    assert_like(_drawn_by_numpy(table, DRAWS), table)
    facts = _facts(f"numpy, {labels}")
    repeat(benchmark, _drawn_by_numpy, table, DRAWS, rounds=3, facts=facts)


def assert_like(sums: NDArray[np.float64], table: NDArray[np.float64]) -> None:
    """The sums have the shape asked for, and the means of the table's columns within 5 sigma."""
    assert sums.shape == (DRAWS, table.shape[1])
    sigma = table.std(axis=0) * np.sqrt(ROWS / DRAWS)
    assert np.all(np.abs(sums.mean(axis=0) - table.sum(axis=0)) <= 5 * sigma)


def _drawn(table: NDArray[np.float64], draws: int) -> NDArray[np.float64]:
    return bootstrap(table, draws, seed=SEED)


def _drawn_by_numpy(table: NDArray[np.float64], draws: int) -> NDArray[np.float64]:
    rng = np.random.default_rng(SEED)
    even = np.full(len(table), 1 / len(table))
    parts = (rng.multinomial(len(table), even, size=TOGETHER) for _ in range(draws // TOGETHER))
    return np.concatenate([times.astype(np.float64) @ table for times in parts])


def _facts(name: str) -> dict[str, Any]:
    return {"name": name, "items": DRAWS}


@cache
def _table(labels: str) -> NDArray[np.float64]:
    columns, share = TABLES[labels]
    rng = np.random.default_rng(SEED)
    counts = 1 + rng.poisson(2, (ROWS, columns))
    return np.where(rng.random((ROWS, columns)) < share, counts, 0).astype(np.float64)
