"""Why strict match fails: each cause by hand, what would be without it, and the accounts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from scoring.kit import PLAIN, at, counts, entities, pair

from nerharness.metrics import Counts
from nerharness.scoring.agreement import Agreement
from nerharness.scoring.errors import MEANING, ORACLES, Fault, count_faults, faults, repaired
from nerharness.scoring.pair import Gap, Pair
from nerharness.scoring.spans import strict
from nerharness.types import Entity, Mention, Span

FAILURE, PAIN, FEVER = at("a", 0, 13), at("a", 18, 35), at("b", 40, 45)
CUT = (Span(0, 5), Span(6, 46))
SENTENCE, SECOND = Span(0, 36), Span(37, 46)


def named(text: str, label: str = "a") -> list[Mention]:
    return [Mention(text, label)]


CASES: dict[str, tuple[Pair, list[Fault]]] = {
    "agreement": (pair([FAILURE], [FAILURE]), []),
    "right place, wrong label": (
        pair([FAILURE], [at("b", 0, 13)]), [Fault("label", FAILURE, at("b", 0, 13))],
    ),
    "all of it and more": (pair([FAILURE], [at("a", 0, 17)]),
                           [Fault("longer", FAILURE, at("a", 0, 17))]),
    "a part of it": (pair([PAIN], [at("a", 25, 35)]), [Fault("shorter", PAIN, at("a", 25, 35))]),
    "begins and ends too late": (
        pair([at("a", 18, 30)], [at("a", 25, 35)]),
        [Fault("shifted", at("a", 18, 30), at("a", 25, 35))],
    ),
    # Fragments that touch are one, whichever side has them; the third one stands apart.
    "touching fragments": (pair([at("a", 0, 5, 5, 13)], [FAILURE]), []),
    "touching fragments, wrong label": (
        pair([FAILURE], [at("b", 0, 5, 5, 13)]), [Fault("label", FAILURE, at("b", 0, 13))],
    ),
    "touching fragments and one more": (
        pair([FAILURE], [at("a", 0, 5, 5, 13, 14, 17)]),
        [Fault("longer", FAILURE, at("a", 0, 13, 14, 17))],
    ),
    "neither label nor place": (pair([PAIN], [at("b", 25, 35)]),
                                [Fault("both", PAIN, at("b", 25, 35))]),
    # Gold is found, so the second prediction on it is one too many.
    "a further one on what is found": (
        pair([PAIN], [PAIN, at("a", 25, 35)]), [Fault("duplicate", None, at("a", 25, 35))],
    ),
    # The more alike of two is the shorter one, 17 characters less 7; the other one is left over.
    "a further one on what is nearly found": (
        pair([PAIN], [at("a", 25, 35), at("a", 31, 35)]),
        [Fault("shorter", PAIN, at("a", 25, 35)), Fault("duplicate", None, at("a", 31, 35))],
    ),
    "where there is nothing": (pair([], [FEVER]), [Fault("spurious", None, FEVER)]),
    # What only touches an entity is not on it.
    "beside an entity": (
        pair([at("a", 0, 5)], [at("a", 5, 13)]),
        [Fault("spurious", None, at("a", 5, 13)), Fault("missed", at("a", 0, 5), None)],
    ),
    "not named": (pair([FEVER], []), [Fault("missed", FEVER, None)]),
    # "renal failures" stands nowhere; what is like it and missed is what was meant.
    "named in other words": (
        pair([FAILURE, FEVER], [], ungrounded=named("renal failures")),
        [Fault("ungrounded", FAILURE, None), Fault("missed", FEVER, None)],
    ),
    # One invented mention accounts for one missed entity, the one of its label.
    "named once in other words": (
        pair([FAILURE, at("b", 0, 13)], [], ungrounded=named("renal failures", "b")),
        [Fault("missed", FAILURE, None), Fault("ungrounded", at("b", 0, 13), None)],
    ),
    "named in words that are like none": (
        pair([FEVER], [], ungrounded=named("broken arm")), [Fault("missed", FEVER, None)],
    ),
    # An invented mention for what was found accounts for nothing.
    "named also in other words": (pair([FAILURE], [FAILURE], ungrounded=named("renal failures")),
                                  []),
    "after the cut": (
        pair([FAILURE, PAIN], [FAILURE], gaps=[Gap(Span(13, 36), "truncated")]),
        [Fault("truncated", PAIN, None)],
    ),
    "before the cut": (
        pair([FAILURE, PAIN], [PAIN], gaps=[Gap(SECOND, "truncated")]),
        [Fault("missed", FAILURE, None)],
    ),
    "in a unit that could not be read": (pair([FEVER], [], gaps=[Gap(SECOND, "unparsed")]),
                                         [Fault("unparsed", FEVER, None)]),
    "in a unit without an answer": (pair([FEVER], [], gaps=[Gap(SECOND, "failed")]),
                                    [Fault("failed", FEVER, None)]),
    # No unit's answer alone could name it, and one of the two is not there.
    "half in a unit without an answer": (
        pair([at("a", 31, 45)], [], gaps=[Gap(SECOND, "failed")]),
        [Fault("failed", at("a", 31, 45), None)],
    ),
    # No answer could hold it, whatever else is known; a part that was found is no fault of its own.
    "cut, and named in other words": (
        replace(pair([FAILURE, FEVER], [], ungrounded=named("renal failures")), units=CUT),
        [Fault("divided", FAILURE, None), Fault("missed", FEVER, None)],
    ),
    "cut, and a part found": (
        replace(pair([FAILURE], [at("a", 0, 5)]), units=CUT),
        [Fault("divided", FAILURE, at("a", 0, 5))],
    ),
    "cut, and a part found with a wrong label": (
        replace(pair([FAILURE], [at("b", 0, 5)]), units=CUT),
        [Fault("both", FAILURE, at("b", 0, 5))],
    ),
    # That words were invented is known of the answer; a gap only says that there is none.
    "named in other words, and in a gap": (
        pair([FAILURE], [], ungrounded=named("renal failures"), gaps=[Gap(SENTENCE, "truncated")]),
        [Fault("ungrounded", FAILURE, None)],
    ),
    # The hull of a discontinuous entity is longer; a fragment of it is shorter.
    "discontinuous, taken for its hull": (
        pair([at("a", 0, 5, 31, 35)], [at("a", 0, 35)]),
        [Fault("longer", at("a", 0, 5, 31, 35), at("a", 0, 35))],
    ),
    "discontinuous, a part found": (
        pair([at("a", 0, 5, 31, 35)], [at("a", 0, 5)]),
        [Fault("shorter", at("a", 0, 5, 31, 35), at("a", 0, 5))],
    ),
    # Nested: the inner one is found, what is left of gold has no prediction of its own.
    "nested, the outer one missed": (
        pair([FAILURE, at("b", 0, 5)], [at("b", 0, 5)]), [Fault("missed", FAILURE, None)],
    ),
    # Adjacent entities taken for one: the one of which it has more is matched.
    "adjacent, taken for one": (
        pair([at("a", 0, 5), at("a", 5, 13)], [FAILURE]),
        [Fault("longer", at("a", 5, 13), FAILURE), Fault("missed", at("a", 0, 5), None)],
    ),
    "twice": (pair([FEVER], [FEVER, FEVER]), []),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_causes_by_hand(name: str) -> None:
    one, expected = CASES[name]
    assert sorted(faults(one), key=repr) == sorted(expected, key=repr)


def test_each_cause_occurs_in_a_case() -> None:
    seen = {fault.cause for _, expected in CASES.values() for fault in expected}
    assert seen == MEANING.keys() == {cause for causes in ORACLES.values() for cause in causes}


def test_labels_taken_for_others_are_counted_whether_the_place_is_right_or_not() -> None:
    pairs = [pair([FAILURE, PAIN], [at("b", 0, 13), at("b", 25, 35)]), pair([FEVER], [FEVER])]
    errors = count_faults(fault for one in pairs for fault in faults(one))
    assert errors.confusion == {("a", "b"): 2}
    assert errors.fp == errors.fn == {"label": 1, "both": 1}
    assert errors.labels["a"].fn == errors.labels["b"].fp == {"label": 1, "both": 1}
    assert not errors.labels["a"].fp


def test_a_label_that_never_occurs_has_a_row() -> None:
    assert count_faults([], ("a", "never")).labels.keys() == {"a", "never"}


def test_what_would_be_with_one_thing_put_right() -> None:
    gold = [FAILURE, PAIN, FEVER]
    # One of the wrong label, one too short, one missed, one on nothing.
    agreement = Agreement.of([pair(gold, [at("b", 0, 13), at("a", 25, 35), at("c", 14, 17)])])
    assert agreement.protocols["strict"].micro == Counts(0, 3, 3)
    assert {name: agreement.oracles[name] for name in ORACLES} == counts(
        {
            "boundaries": (1, 2, 2),
            "labels": (1, 2, 2),
            "boundaries and labels": (2, 1, 1),
            "duplicate predictions": (0, 3, 3),
            "spurious predictions": (0, 2, 3),
            "entities divided": (0, 3, 3),
            "invented words": (0, 3, 3),
            "answers lost": (0, 3, 3),
            "entities missed": (1, 3, 2),
        }
    )


@given(entities, entities)
def test_each_false_positive_and_negative_has_one_cause(
    gold: list[Entity], predicted: list[Entity]
) -> None:
    found = faults(pair(gold, predicted, PLAIN))
    missed = [fault.gold for fault in found if fault.gold]
    spurious = [fault.predicted for fault in found if fault.predicted]
    assert sorted(missed) == sorted(set(gold) - set(predicted))
    assert sorted(spurious) == sorted(set(predicted) - set(gold))


@given(entities, entities)
def test_causes_of_a_label_add_up_to_what_strict_match_counts(
    gold: list[Entity], predicted: list[Entity]
) -> None:
    one = pair(gold, predicted, PLAIN)
    errors, scores = count_faults(faults(one)), strict(one)
    for label, row in scores.items():
        causes = errors.labels.get(label)
        assert row.fp == (causes.fp.total() if causes else 0)
        assert row.fn == (causes.fn.total() if causes else 0)


@given(entities, entities)
def test_putting_right_lowers_nothing_and_all_of_it_leaves_nothing_to_do(
    gold: list[Entity], predicted: list[Entity]
) -> None:
    agreement = Agreement.of([pair(gold, predicted, PLAIN)], resampling=None)
    before = agreement.protocols["strict"].micro
    for after in agreement.oracles.values():
        assert after.f1 >= before.f1
        assert after.support == before.support
    everything = repaired(before, agreement.errors, MEANING)
    assert everything == Counts(len(set(gold)), 0, 0)
    assert everything.f1 == (1 if gold else 0)
