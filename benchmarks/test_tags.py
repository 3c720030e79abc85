"""Speed of tags and tokens: scoring against seqeval, tags to spans and back, spans to tokens."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from itertools import chain
from typing import Any, Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.sentences import Tags, tagged
from benchmarks.timing import repeat
from nerharness.align import to_tokens
from nerharness.metrics import Average, Counts
from nerharness.tags import TagScores, decode, encode, score_tags

TOKENS: Final = 1_000_000
SEED: Final = 2026
ROUNDS: Final = 10
SEQEVAL: Final = import_module("seqeval.metrics")


@pytest.fixture(autouse=True)
def group(benchmark: BenchmarkFixture) -> None:
    benchmark.group = "tags"


def test_score_tags(benchmark: BenchmarkFixture) -> None:
    gold, predicted = _tags()
    assert_report(score_tags(gold, predicted), gold, predicted)
    facts = _facts("score_tags", TOKENS)
    repeat(benchmark, score_tags, gold, predicted, rounds=ROUNDS, facts=facts)


def test_seqeval_report(benchmark: BenchmarkFixture) -> None:
    facts = _facts("seqeval, report", TOKENS)
    repeat(benchmark, SEQEVAL.classification_report, *_tags(), rounds=2, facts=facts)


def test_seqeval_f1(benchmark: BenchmarkFixture) -> None:
    facts = _facts("seqeval, f1", TOKENS)
    repeat(benchmark, SEQEVAL.f1_score, *_tags(), rounds=3, facts=facts)


def test_decode(benchmark: BenchmarkFixture) -> None:
    tags = _line()
    assert decode(tags) == [
        (label, start, end + 1)
        for label, start, end in SEQEVAL.sequence_labeling.get_entities(tags)
    ]
    repeat(benchmark, decode, tags, rounds=ROUNDS, facts=_facts("decode", len(tags)))


def test_encode(benchmark: BenchmarkFixture) -> None:
    tags = _line()
    spans = decode(tags)
    assert encode(spans, len(tags)) == tags
    repeat(benchmark, encode, spans, len(tags), rounds=ROUNDS, facts=_facts("encode", len(tags)))


def test_to_tokens(benchmark: BenchmarkFixture) -> None:
    tokens = [(6 * number, 6 * number + 5) for number in range(TOKENS)]
    ranges = [(number, number + 1 + number % 3) for number in range(0, TOKENS - 3, 2)]
    spans = [(tokens[first][0], tokens[last - 1][1]) for first, last in ranges]
    assert to_tokens(tokens, spans) == ranges
    facts = _facts("to_tokens", len(spans))
    repeat(benchmark, to_tokens, tokens, spans, rounds=ROUNDS, facts=facts)


def assert_report(scores: TagScores, gold: Tags, predicted: Tags) -> None:
    """The scores are those of seqeval's report, for each label and for each average."""
    report = SEQEVAL.classification_report(gold, predicted, output_dict=True)
    for name, ours in _rows(scores):
        for measure, value in ours.items():
            assert value == pytest.approx(report[name][measure], abs=1e-12), (name, measure)
    assert set(report) - {"micro avg", "macro avg", "weighted avg"} == set(scores.labels)


def _rows(scores: TagScores) -> Iterator[tuple[str, dict[str, float]]]:
    averages: dict[str, Counts | Average] = {
        "micro avg": scores.micro,
        "macro avg": scores.macro,
        "weighted avg": scores.weighted,
    }
    for name, row in (*scores.labels.items(), *averages.items()):
        yield name, {"precision": row.precision, "recall": row.recall, "f1-score": row.f1}
    for name, counts in scores.labels.items():
        yield name, {"support": counts.support}


def _facts(name: str, items: int) -> dict[str, Any]:
    return {"name": name, "items": items}


@cache
def _tags() -> tuple[Tags, Tags]:
    return tagged(TOKENS, SEED)


@cache
def _line() -> list[str]:
    """One sentence of all tokens."""
    return list(chain.from_iterable(_tags()[0]))
