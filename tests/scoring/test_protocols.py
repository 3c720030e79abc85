"""Strict and exact match, by hand and against seqeval."""

from __future__ import annotations

import random
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import classification_report
from seqeval.metrics.sequence_labeling import precision_recall_fscore_support

from nerharness.metrics import Counts
from nerharness.scoring.pair import Pair
from nerharness.scoring.protocols import score_pairs
from nerharness.scoring.spans import exact, strict
from nerharness.tags import decode
from nerharness.types import Entity, Span

A = Entity.at("a", 0, 5)
B = Entity.at("b", 0, 5)
LATER = Entity.at("a", 10, 12)
GAP = Entity("a", (Span(0, 5), Span(10, 12)))


def pair(gold: list[Entity], predicted: list[Entity]) -> Pair:
    return Pair(tuple(gold), tuple(predicted))


CASES = {
    # name: (gold, predicted, strict counts, exact counts)
    "agreement": ([A], [A], {"a": (1, 0, 0)}, {"a": (1, 0, 0)}),
    "wrong label, right place": (
        [A], [B], {"a": (0, 0, 1), "b": (0, 1, 0)}, {"a": (1, 0, 0)},
    ),
    "boundary off by one": (
        [A], [Entity.at("a", 0, 4)], {"a": (0, 1, 1)}, {"a": (0, 1, 1)},
    ),
    "given twice counts once": ([A], [A, A], {"a": (1, 0, 0)}, {"a": (1, 0, 0)}),
    "two labels on one place, one given": (
        [A, B], [B], {"a": (0, 0, 1), "b": (1, 0, 0)}, {"a": (0, 0, 1), "b": (1, 0, 0)},
    ),
    "one gold, two labels given": (
        [A], [A, B], {"a": (1, 0, 0), "b": (0, 1, 0)}, {"a": (1, 0, 0), "b": (0, 1, 0)},
    ),
    "all fragments must agree": ([GAP], [A, LATER], {"a": (0, 2, 1)}, {"a": (0, 2, 1)}),
    "fragments agree": ([GAP], [GAP], {"a": (1, 0, 0)}, {"a": (1, 0, 0)}),
    "nothing": ([], [], {}, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_counts_by_hand(name: str) -> None:
    gold, predicted, strictly, exactly = CASES[name]
    assert strict(pair(gold, predicted)) == {k: Counts(*v) for k, v in strictly.items()}
    assert exact(pair(gold, predicted)) == {k: Counts(*v) for k, v in exactly.items()}


spans = st.builds(lambda s, n: Span(s, s + n), st.integers(0, 6), st.integers(1, 3))
entities = st.lists(
    st.builds(lambda label, span: Entity(label, (span,)), st.sampled_from("ab"), spans), max_size=6
)


@given(entities, entities, st.randoms())
def test_order_changes_nothing(
    gold: list[Entity], predicted: list[Entity], rng: random.Random
) -> None:
    shuffled = rng.sample(predicted, len(predicted))
    assert strict(pair(gold, predicted)) == strict(pair(gold, shuffled))
    assert exact(pair(gold, predicted)) == exact(pair(gold, shuffled))


@given(entities, entities)
def test_exact_finds_at_least_what_strict_finds_and_loses_none(
    gold: list[Entity], predicted: list[Entity]
) -> None:
    scores = score_pairs([pair(gold, predicted)])
    strictly, exactly = scores["strict"].micro, scores["exact"].micro
    assert strictly.tp <= exactly.tp
    for counts in (strictly, exactly):
        assert counts.tp + counts.fn == len(set(gold))
        assert counts.tp + counts.fp == len(set(predicted))


@given(entities, entities)
def test_swapping_gold_and_predictions_swaps_precision_and_recall(
    gold: list[Entity], predicted: list[Entity]
) -> None:
    one = score_pairs([pair(gold, predicted)])["exact"].micro
    other = score_pairs([pair(predicted, gold)])["exact"].micro
    assert (one.precision, one.recall) == (other.recall, other.precision)


def test_every_label_of_the_set_has_a_row_but_only_occurring_ones_count_for_macro() -> None:
    scores = score_pairs([pair([A], [A])], labels=("a", "never"))["strict"]
    assert scores.labels["never"] == Counts(0, 0, 0)
    assert scores.macro.f1 == 1.0


def test_no_document_gives_zeros() -> None:
    scores = score_pairs([], labels=("a",))["strict"]
    assert (scores.micro.f1, scores.macro.f1) == (0.0, 0.0)


def entities_of(tags: list[str]) -> list[Entity]:
    return [Entity.at(label, start, end) for label, start, end in decode(tags)]


@pytest.mark.parametrize("seed", range(60))
def test_flat_annotation_scores_as_seqeval_to_the_last_digit(seed: int) -> None:
    rng = random.Random(seed)
    names = [f"L{n}" for n in range(rng.choice([1, 2, 5, 13]))]
    tags = ["O", *(f"{prefix}-{name}" for prefix in "BI" for name in names)]
    sizes = [rng.randrange(1, 25) for _ in range(rng.randrange(1, 12))]
    gold = [rng.choices(tags, k=size) for size in sizes]
    pred = [[t if rng.random() < 0.7 else rng.choice(tags) for t in row] for row in gold]
    ours = score_pairs([pair(*map(entities_of, rows)) for rows in zip(gold, pred, strict=True)])[
        "strict"
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = classification_report(gold, pred, output_dict=True)
        micro = precision_recall_fscore_support(gold, pred, average="micro")
    for name, counts in ours.labels.items():
        row = report[name]
        assert (counts.precision, counts.recall, counts.f1) == (
            row["precision"], row["recall"], row["f1-score"],
        )  # fmt: skip
        assert counts.support == row["support"]
    assert (ours.micro.precision, ours.micro.recall, ours.micro.f1) == micro[:3]
    macro = report["macro avg"]
    assert (ours.macro.precision, ours.macro.recall, ours.macro.f1) == (
        macro["precision"], macro["recall"], macro["f1-score"],
    )  # fmt: skip
