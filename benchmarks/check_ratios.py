"""Time nerharness and a peer in turns, on the same input; `benchmarks.ratios` judges the JSON.

Many turns of short calls, spread over the whole run: what else the machine does meets all alike,
and the fastest call of a turn was not interrupted. Short enough for every change:
`make bench-check`.
"""

from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from typing import Any, Final, NamedTuple

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.accuracy import count
from benchmarks.contestants import contestant, jobs
from benchmarks.goals import assert_goals
from benchmarks.notes import notes
from benchmarks.sentences import tagged
from benchmarks.timing import repeat
from nerharness.tags import score_tags

TURNS: Final = range(21)
ROUNDS: Final = 15
SEED: Final = 2026
PEER: Final = "rapidfuzz"
PEER_RIGHT: Final = 75  # percent right offsets, at least
TOKENS: Final = 20_000


class Pair(NamedTuple):
    """The same work done by us and by the peer."""

    ours: Callable[[], Any]
    peer: Callable[[], Any]


def _align(size: int, count_all: int, count_timed: int, mentions: int) -> Pair:
    made = notes(count_all, size, mentions, SEED)
    ours, peer = contestant("nerharness"), contestant(PEER)
    assert_goals(size, count(made, ours.read(ours.run(*jobs(made)))))
    of_peer = count(made, peer.read(peer.run(*jobs(made))))
    assert of_peer.right_offsets() >= PEER_RIGHT
    timed = jobs(made[:count_timed])
    return Pair(partial(ours.run, *timed), partial(peer.run, *timed))


def _score_tags() -> Pair:
    f1_score = import_module("seqeval.metrics").f1_score
    tags = tagged(TOKENS, SEED)
    assert score_tags(*tags).micro.f1 == pytest.approx(f1_score(*tags), abs=1e-12)
    return Pair(partial(score_tags, *tags), partial(f1_score, *tags))


PAIRS: Final[dict[str, Callable[[], Pair]]] = {
    "align 200 / rapidfuzz": partial(_align, 200, 400, 20, 5),
    "align 2000 / rapidfuzz": partial(_align, 2_000, 60, 2, 25),
    "align 20000 / rapidfuzz": partial(_align, 20_000, 20, 1, 50),
    "score_tags / seqeval f1": _score_tags,
}


@pytest.mark.parametrize("side", Pair._fields)
@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("turn", TURNS)
def check_ratio(benchmark: BenchmarkFixture, turn: int, name: str, side: str) -> None:
    run: Callable[[], Any] = getattr(_pair(name), side)
    facts = {"pair": name, "turn": turn, "side": side}
    repeat(benchmark, run, rounds=ROUNDS, facts=facts)


@cache
def _pair(name: str) -> Pair:
    return PAIRS[name]()
