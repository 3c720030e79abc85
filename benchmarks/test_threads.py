"""Speed of `align_batch` with more threads; its answers stay the same."""

import os
from functools import cache, partial

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.contestants import jobs
from benchmarks.notes import notes
from benchmarks.timing import repeat
from nerharness.align import Aligner

NOTES, SIZE, MENTIONS, SEED = 1_000, 2_000, 25, 2026
ROUNDS = 5
THREADS = [count for count in (1, 2, 4, 8, 16) if count <= (os.cpu_count() or 1)]


@pytest.mark.parametrize("threads", THREADS)
def test_threads(benchmark: BenchmarkFixture, threads: int) -> None:
    texts, mentions = _jobs()
    aligner = Aligner()
    expected = [aligner.align(*job) for job in zip(texts, mentions, strict=True)]
    assert aligner.align_batch(texts, mentions, threads=threads) == expected
    benchmark.group = "threads"
    facts = {"name": f"{threads}", "mentions": NOTES * MENTIONS}
    run = partial(aligner.align_batch, threads=threads)
    repeat(benchmark, run, texts, mentions, rounds=ROUNDS, facts=facts)


@cache
def _jobs() -> tuple[list[str], list[list[str]]]:
    return jobs(notes(NOTES, SIZE, MENTIONS, SEED))
