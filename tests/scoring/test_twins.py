"""Protocols on tokens and tags beside seqeval 1.2.2 and slow twins."""

from __future__ import annotations

import random
import warnings
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from scoring.kit import PLAIN, entities, flat_entities, pair
from seqeval.metrics import classification_report
from seqeval.metrics.sequence_labeling import precision_recall_fscore_support
from seqeval.metrics.v1 import precision_recall_fscore_support as strict_support
from seqeval.scheme import IOB2

from nerharness.metrics import Counts
from nerharness.scoring.pair import Pair, TagRows
from nerharness.scoring.protocols import ProtocolScores, score_pairs
from nerharness.scoring.tokens import tag_rows, token_bio, token_label
from nerharness.types import Entity

Rows = Sequence[Sequence[str]]
Figures = tuple[float, float, float]


def reported(gold: Rows, predicted: Rows, *, strictly: bool) -> dict[str, Any]:
    """Return seqeval's report, to which its micro averages are added."""
    how: dict[str, Any] = {"mode": "strict", "scheme": IOB2} if strictly else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = classification_report(gold, predicted, output_dict=True, zero_division=0, **how)
        if strictly:
            micro = strict_support(gold, predicted, average="micro", scheme=IOB2)
        else:
            micro = precision_recall_fscore_support(gold, predicted, average="micro")
    return {**report, "micro": micro[:3]}


def figures(one: Any) -> Figures:
    return one.precision, one.recall, one.f1


def row(report: dict[str, Any], name: str) -> Figures:
    return tuple(float(report[name][key]) for key in ("precision", "recall", "f1-score"))  # type: ignore[return-value]


def same(ours: ProtocolScores, report: dict[str, Any]) -> None:
    labels = {name for name in report if " avg" not in name and name != "micro"}
    assert {name for name, one in ours.labels.items() if one.support or one.fp} == labels
    for name in labels:
        assert figures(ours.labels[name]) == row(report, name)
        assert ours.labels[name].support == report[name]["support"]
    if labels:  # without a label seqeval has no average
        assert figures(ours.micro) == tuple(map(float, report["micro"]))
        assert figures(ours.macro) == row(report, "macro avg")
        assert figures(ours.weighted) == row(report, "weighted avg")


def tags_by_chance(seed: int) -> list[tuple[Rows, Rows]]:
    """Draw the tags of documents; most are no sequence that a scheme allows."""
    rng = random.Random(seed)
    names = [f"L{n}" for n in range(rng.choice([1, 2, 5, 13]))]
    tags = ["O", *(f"{prefix}-{name}" for prefix in "BI" for name in names)]
    documents = []
    for _ in range(rng.randrange(1, 6)):
        sizes = [rng.randrange(1, 25) for _ in range(rng.randrange(1, 5))]
        gold = [rng.choices(tags, k=size) for size in sizes]
        given = [[t if rng.random() < 0.7 else rng.choice(tags) for t in line] for line in gold]
        documents.append((gold, given))
    return documents


@pytest.mark.parametrize("seed", range(40))
def test_tags_score_as_in_seqeval_to_the_last_digit(seed: int) -> None:
    documents = tags_by_chance(seed)
    scores = score_pairs([Pair((), (), PLAIN, tags=TagRows(*sides)) for sides in documents])
    gold, predicted = ([line for sides in documents for line in sides[n]] for n in (0, 1))
    same(scores["seqeval-default"], reported(gold, predicted, strictly=False))
    same(scores["seqeval-strict"], reported(gold, predicted, strictly=True))


@pytest.mark.parametrize("seed", range(40))
def test_entities_score_as_their_tags_do_in_seqeval(seed: int) -> None:
    rng = random.Random(seed)

    def drawn() -> list[Entity]:
        choices = [(rng.randrange(10), rng.choice([1, 2]), rng.choice("abc")) for _ in range(6)]
        return flat_entities(choices)

    pairs = []
    for _ in range(8):
        gold = drawn()
        pairs.append(pair(gold, [*rng.sample(gold, len(gold) // 2)] or drawn(), PLAIN))
    rows = [tag_rows(one) for one in pairs]
    gold_rows, predicted_rows = ([line for one in rows for line in one[n]] for n in (0, 1))
    scores = score_pairs(pairs)
    report = reported(gold_rows, predicted_rows, strictly=False)
    same(scores["seqeval-default"], report)
    same(scores["strict"], report)
    same(scores["seqeval-strict"], reported(gold_rows, predicted_rows, strictly=True))


def plain_tags(some: Sequence[Entity]) -> set[tuple[int, str, str]]:
    """Tag each token by looking at each character of each entity."""
    found = set()
    for one in some:
        characters = {n for part in one.fragments for n in range(part.start, part.end)}
        touched = [
            number
            for number, token in enumerate(PLAIN.tokens)
            if characters & set(range(token.start, token.end))
        ]
        for number in touched:
            found.add((number, "B" if number == touched[0] else "I", one.label))
    return found


def plain_counts(gold: set[Any], given: set[Any]) -> dict[str, Counts]:
    labels = sorted({one[-1] for one in gold | given})
    return {
        label: Counts(
            sum(one[-1] == label for one in gold & given),
            sum(one[-1] == label for one in given - gold),
            sum(one[-1] == label for one in gold - given),
        )
        for label in labels
    }


@given(entities, entities)
def test_tokens_score_as_by_a_plain_twin(gold: list[Entity], predicted: list[Entity]) -> None:
    one = pair(gold, predicted, PLAIN)
    tags, given = plain_tags(gold), plain_tags(predicted)
    assert token_bio(one) == plain_counts(tags, given)
    no_place = [{(number, label) for number, _, label in side} for side in (tags, given)]
    assert token_label(one) == plain_counts(*no_place)
