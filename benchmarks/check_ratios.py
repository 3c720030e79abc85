"""Time nerharness and a peer in turns, on the same input; `benchmarks.ratios` judges the JSON.

Short enough for every change: `make bench-check`.
"""

from functools import cache, partial
from importlib import import_module

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.accuracy import count
from benchmarks.contestants import contestant, jobs
from benchmarks.notes import Note, notes
from benchmarks.sentences import Tags, tagged
from benchmarks.timing import repeat
from nerharness.tags import score_tags

TURNS = range(9)
SEED = 2026
SIZES = {200: (400, 5), 2_000: (60, 25), 20_000: (10, 50)}  # notes, mentions of each
ROUNDS = 3
TOKENS = 200_000
RIGHT = {"nerharness": 95, "rapidfuzz": 75}  # percent right offsets, at least


@pytest.mark.parametrize("name", ["nerharness", "rapidfuzz"])
@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("size", SIZES)
def check_align(benchmark: BenchmarkFixture, size: int, turn: int, name: str) -> None:
    one = contestant(name)
    made = _notes(size)
    texts, mentions = jobs(made)
    if turn == 0:
        accuracy = count(made, one.read(one.run(texts, mentions)))
        assert accuracy.right_offsets() >= RIGHT[name]
    facts = {"pair": f"align {size} / rapidfuzz", "turn": turn, "ours": name == "nerharness"}
    repeat(benchmark, one.run, texts, mentions, rounds=ROUNDS, facts=facts)


@pytest.mark.parametrize("name", ["nerharness", "seqeval"])
@pytest.mark.parametrize("turn", TURNS)
def check_score_tags(benchmark: BenchmarkFixture, turn: int, name: str) -> None:
    f1_score = import_module("seqeval.metrics").f1_score
    gold, predicted = _tags()
    if turn == 0:
        assert score_tags(gold, predicted).micro.f1 == pytest.approx(f1_score(gold, predicted))
    ours = name == "nerharness"
    run = partial(score_tags if ours else f1_score, gold, predicted)
    facts = {"pair": "score_tags / seqeval f1", "turn": turn, "ours": ours}
    repeat(benchmark, run, rounds=ROUNDS if ours else 1, facts=facts)


@cache
def _notes(size: int) -> list[Note]:
    number, mentions = SIZES[size]
    return notes(number, size, mentions, SEED)


@cache
def _tags() -> tuple[Tags, Tags]:
    return tagged(TOKENS, SEED)
