"""What is true of every protocol, whatever the entities."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scoring.kit import PLAIN, at, entities, flat_entities, flat_tokens, pair

from nerharness.scoring.agreement import Agreement
from nerharness.scoring.intervals import Resampling
from nerharness.scoring.matching import Credit, Likeness, match
from nerharness.scoring.overlap import dice, shared
from nerharness.scoring.pair import Frequencies, Gap, Pair
from nerharness.scoring.protocols import PROTOCOLS, score_pairs
from nerharness.types import Entity, Mention, Span

FEW = Resampling(draws=20)

# What it takes from the sums of parts of credits, which are not whole numbers.
close = pytest.approx


def tps(gold: list[Entity], predicted: list[Entity]) -> dict[str, float]:
    scores = score_pairs([pair(gold, predicted, PLAIN)])
    return {name: one.micro.tp for name, one in scores.items()}


@given(entities, entities)
def test_swapping_gold_and_predictions_swaps_precision_and_recall(
    gold: list[Entity], predicted: list[Entity]
) -> None:
    one = score_pairs([pair(gold, predicted, PLAIN)])
    other = score_pairs([pair(predicted, gold, PLAIN)])
    assert one.keys() == PROTOCOLS.keys()
    for name in PROTOCOLS:
        before, after = one[name].micro, other[name].micro
        assert (before.precision, before.recall) == close((after.recall, after.precision)), name
        assert before.f1 == close(after.f1), name


def dealt(one: Pair, rng: random.Random) -> Pair:
    """Return the pair with both sides in another order, and what belongs to their entities."""
    gold = rng.sample(range(len(one.gold)), len(one.gold))
    predicted = rng.sample(range(len(one.predicted)), len(one.predicted))
    assert one.frequencies is not None
    return replace(
        one,
        gold=tuple(one.gold[place] for place in gold),
        predicted=tuple(one.predicted[place] for place in predicted),
        confidences=tuple(one.confidences[place] for place in predicted),
        frequencies=Frequencies(
            tuple(one.frequencies.gold[place] for place in gold),
            tuple(one.frequencies.predicted[place] for place in predicted),
        ),
    )


@settings(deadline=None)
@given(st.lists(st.tuples(entities, entities), min_size=1, max_size=3), st.randoms())
def test_no_order_of_entities_changes_anything(
    sides: list[tuple[list[Entity], list[Entity]]], rng: random.Random
) -> None:
    pairs = [
        replace(
            pair(
                gold,
                predicted,
                PLAIN,
                ungrounded=[Mention("ab cde", "a"), Mention("jk", "b")],
                gaps=[Gap(Span(14, 22), "failed")],
                confidences=[0.1 * (len(one.label + str(one.span)) % 11) for one in predicted],
            ),
            frequencies=Frequencies(
                tuple(one.span.start for one in gold), tuple(one.span.start for one in predicted)
            ),
        )
        for gold, predicted in sides
    ]
    shuffled = [dealt(one, rng) for one in pairs]
    before, after = (Agreement.of(some, ("a",), FEW).to_json() for some in (pairs, shuffled))
    assert before == after


def test_the_order_that_takes_a_greedy_matching_from_nothing_to_a_half_changes_nothing() -> None:
    # nervaluate 1.2.1 gives these predictions a strict F1 of 0.5, and in the other order of 0.0.
    gold = [at("a", 0, 4), at("a", 5, 9)]
    predicted = [at("a", 0, 4), at("a", 0, 9)]
    for order in (predicted, predicted[::-1]):
        assert score_pairs([pair(gold, order, None)])["strict"].micro.f1 == 0.5


@given(entities, entities)
def test_figures_lie_between_nothing_and_one(gold: list[Entity], predicted: list[Entity]) -> None:
    for name, scores in score_pairs([pair(gold, predicted, PLAIN)]).items():
        for one in (scores.micro, scores.macro, scores.weighted, *scores.labels.values()):
            for figure in (one.precision, one.recall, one.f1):
                assert 0 <= figure <= 1, name


@given(entities)
def test_what_is_all_right_has_one_in_every_protocol(gold: list[Entity]) -> None:
    for name, scores in score_pairs([pair(gold, gold[::-1], PLAIN)]).items():
        assert scores.micro.fp == scores.micro.fn == 0, name


@given(entities, entities)
def test_protocols_on_spans_judge_the_same_entities(
    gold: list[Entity], predicted: list[Entity]
) -> None:
    scores = score_pairs([pair(gold, predicted, None)])
    assert list(scores) == ["strict", "exact", "partial", "partial-chars", "type"]
    for one in scores.values():
        assert one.micro.support == close(len(set(gold)))
        assert one.micro.tp + one.micro.fp == close(len(set(predicted)))


@given(entities, entities)
def test_protocols_that_ask_for_less_find_as_much(
    gold: list[Entity], predicted: list[Entity]
) -> None:
    tp = tps(gold, predicted)
    touching = len(match(gold, predicted, lambda _: 1.0))
    rounding = 1e-5
    assert tp["strict"] <= tp["exact"] <= tp["partial"] <= touching
    assert tp["exact"] <= tp["partial-chars"] + rounding <= touching + 2 * rounding
    assert tp["strict"] <= tp["type"] <= touching <= 2 * tp["partial"]


@given(entities, entities)
def test_type_finds_as_much_as_strict_of_each_label(
    gold: list[Entity], predicted: list[Entity]
) -> None:
    scores = score_pairs([pair(gold, predicted, None)])
    for label, counts in scores["strict"].labels.items():
        assert counts.tp <= scores["type"].labels[label].tp


@given(flat_tokens, flat_tokens)
def test_on_flat_entities_of_tokens_tags_say_what_entities_say(
    gold: list[tuple[int, int, str]], predicted: list[tuple[int, int, str]]
) -> None:
    one = pair(flat_entities(gold), flat_entities(predicted), PLAIN)
    scores = score_pairs([one])
    assert dict(scores["strict"].labels) == dict(scores["seqeval-default"].labels)
    assert dict(scores["strict"].labels) == dict(scores["seqeval-strict"].labels)
    assert scores["token-bio"].micro.tp <= scores["token-label"].micro.tp


CREDITS: dict[str, Credit] = {
    "exact": lambda one: one.place,
    "half": lambda one: 0.5 + 0.5 * one.place,
    "typed": lambda one: one.label,
    "dice": lambda one: one.dice,
}

few = entities.map(lambda some: some[:5])


@pytest.mark.parametrize("credit", CREDITS.values(), ids=CREDITS)
@given(gold=few, predicted=few)
def test_no_matching_is_worth_more(
    credit: Credit, gold: list[Entity], predicted: list[Entity]
) -> None:
    ones, others = sorted(set(gold)), sorted(set(predicted))
    short, long = sorted((ones, others), key=len)

    def worth(one: Entity, other: Entity) -> float:
        # Credits are symmetric, so that it does not matter which side is the shorter one.
        place, label = one.fragments == other.fragments, one.label == other.label
        alike = Likeness(float(place), float(label), dice(one, other))
        return float(credit(alike)) if shared(one, other) else 0.0

    best = max(
        sum(worth(one, other) for one, other in zip(short, order, strict=True))
        for order in permutations(long, len(short))
    )
    found = match(gold, predicted, credit)
    assert sum(one.credit for one in found) == close(best, abs=1e-5)
    assert len({one.gold for one in found}) == len({one.predicted for one in found}) == len(found)
    assert all(one.gold in gold and one.predicted in predicted for one in found)
    assert all(one.credit == worth(one.gold, one.predicted) > 0 for one in found)
