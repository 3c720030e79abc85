"""Speed and accuracy of alignment: nerharness and its peers on the same notes, on one core.

The accuracy on all notes is asserted first; then as many of the notes are timed as take the
contestant about a second.
"""

from functools import cache
from time import perf_counter
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.accuracy import Accuracy, count
from benchmarks.contestants import NAMES, contestant, jobs
from benchmarks.goals import GOALS, assert_goals
from benchmarks.notes import Note, notes
from benchmarks.peers import PeerMissingError
from benchmarks.real import CORPORA, DataMissingError, real_notes
from benchmarks.timing import repeat

SEED = 2026
SIZES = {200: (400, 5), 2_000: (100, 25), 20_000: (40, 50)}  # notes, mentions of each
REAL = 100  # documents of a corpus
SECONDS = 1.0
ROUNDS = 3, 20

# At least so many percent right offsets and right occurrences, at most so many false (anywhere).
BOUNDS = {
    "nerharness": (96, 90, 6),
    "nerharness, batch": (96, 90, 6),
    "nerharness, columns": (96, 90, 6),
    "rapidfuzz": (75, 25, 20),
    "edlib": (85, 30, 20),
    "sassy": (85, 30, 20),
    "spaczz": (95, 30, 25),
    "langextract": (65, 55, 15),
    "llm-ie": (65, 25, 10),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", SIZES)
def test_synthetic(benchmark: BenchmarkFixture, size: int, name: str) -> None:
    benchmark.group = str(size)
    compete(benchmark, name, _synthetic(size), size)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("corpus", CORPORA)
def test_real(benchmark: BenchmarkFixture, corpus: str, name: str) -> None:
    benchmark.group = corpus
    try:
        made = _real(corpus)
    except DataMissingError as error:
        pytest.skip(str(error))
    compete(benchmark, name, made)


def compete(
    benchmark: BenchmarkFixture, name: str, made: list[Note], size: int | None = None
) -> None:
    """Assert the contestant's accuracy on all notes, then time it on some of them."""
    try:
        one = contestant(name)
    except PeerMissingError as error:
        pytest.skip(str(error))
    texts, mentions = jobs(made)
    one.run(texts[:1], mentions[:1])
    begun = perf_counter()
    found = one.run(texts, mentions)
    seconds = perf_counter() - begun
    accuracy = count(made, one.read(found))
    _assert_bounds(name, accuracy)
    if size in GOALS and name.startswith("nerharness"):
        assert_goals(size, accuracy)
    timed = min(len(made), max(2, int(len(made) * SECONDS / seconds)))
    few, many = ROUNDS
    rounds = min(many, max(few, int(2 * SECONDS * len(made) / (seconds * timed))))
    facts = _facts(name, accuracy, sum(map(len, mentions[:timed])))
    repeat(benchmark, one.run, texts[:timed], mentions[:timed], rounds=rounds, facts=facts)


def _assert_bounds(name: str, accuracy: Accuracy) -> None:
    offsets, occurrence, false = BOUNDS[name]
    assert accuracy.right_offsets() >= offsets
    assert accuracy.right_occurrence() >= occurrence
    assert accuracy.false() <= false


def _facts(name: str, accuracy: Accuracy, mentions: int) -> dict[str, Any]:
    return {
        "name": name,
        "mentions": mentions,
        "offsets": accuracy.right_offsets(),
        "occurrence": accuracy.right_occurrence(),
        "false": accuracy.false(),
        "offsets by kind": {kind: accuracy.right_offsets(kind) for kind in accuracy.total},
        "occurrence by kind": {kind: accuracy.right_occurrence(kind) for kind in accuracy.total},
    }


@cache
def _synthetic(size: int) -> list[Note]:
    count, mentions = SIZES[size]
    return notes(count, size, mentions, SEED)


@cache
def _real(corpus: str) -> list[Note]:
    return real_notes(corpus, SEED, REAL)
