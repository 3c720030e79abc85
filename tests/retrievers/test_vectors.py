"""Approximate search beside the exact one."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Final

import pytest

pytest.importorskip("faiss")

import faiss
import numpy as np

from nerharness.retrievers import vectors
from nerharness.retrievers.vectors import IndexKind, build, kind_for, search

ROUNDING: Final[dict[IndexKind, float]] = {"flat": 3e-4, "hnsw": 1e-5, "ivf": 1e-5}


@pytest.mark.parametrize(
    ("size", "kind"),
    [
        (1, "flat"),
        (vectors.HNSW_FROM - 1, "flat"),
        (vectors.HNSW_FROM, "hnsw"),
        (vectors.IVF_FROM - 1, "hnsw"),
        (vectors.IVF_FROM, "ivf"),
    ],
)
def test_the_kind_goes_by_size_unless_one_is_wanted(size: int, kind: IndexKind) -> None:
    assert kind_for(size) == kind
    assert kind_for(size, "ivf") == "ivf"


def points(count: int, seed: int) -> np.ndarray:
    """Points around some centres, as texts lie around topics."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(0).normal(size=(60, 32))
    rows = centres[rng.integers(60, size=count)] + rng.normal(size=(count, 32))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize(("kind", "recall"), [("flat", 0.999), ("hnsw", 0.98), ("ivf", 0.9)])
def test_the_nearest_are_those_of_comparing_with_all(kind: IndexKind, recall: float) -> None:
    rows, queries = points(8000, 1), points(100, 2)
    exact = queries @ rows.T
    best = np.argsort(-exact, axis=1)[:, :10]
    scores, found = search(build(rows, kind), queries, 10)
    shared = [len(set(a) & set(b)) for a, b in zip(best.tolist(), found.tolist(), strict=True)]
    assert np.mean(shared) / 10 >= recall
    assert scores == pytest.approx(np.take_along_axis(exact, found, 1), abs=ROUNDING[kind])
    assert (np.diff(scores, axis=1) <= 1e-6).all()


@pytest.mark.parametrize("kind", ["flat", "hnsw", "ivf"])
def test_more_than_there_are_is_all_there_are(kind: IndexKind) -> None:
    rows = points(90, 3)
    index = build(rows, kind)
    assert sorted(search(index, rows[:1], 500)[1][0].tolist()) == list(range(90))
    numbers = np.array([7, 3, 7])
    assert vectors.rows(index, numbers) == pytest.approx(rows[numbers], abs=ROUNDING[kind])


@pytest.mark.parametrize("fails", [False, True])
def test_no_more_threads_than_queries_are_taken(fails: bool) -> None:
    class Index:
        """Tells how many threads it may take."""

        ntotal = 9
        threads = 0

        def search(self, queries: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
            self.threads = faiss.omp_get_max_threads()
            if fails:
                raise RuntimeError("no such queries")
            return queries, queries

    usual = faiss.omp_get_max_threads()
    try:
        faiss.omp_set_num_threads(3)
        for queries, threads in ((1, 1), (2, 2), (64, 3)):
            index = Index()
            with pytest.raises(RuntimeError) if fails else nullcontext():
                search(index, points(queries, 1), 5)
            assert index.threads == threads
            assert faiss.omp_get_max_threads() == 3
    finally:
        faiss.omp_set_num_threads(usual)
