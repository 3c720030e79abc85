"""The protocols that compare entities by where they stand, on cases worked out by hand."""

from __future__ import annotations

import pytest
from scoring.kit import at, counts, pair

from nerharness.scoring.matching import match
from nerharness.scoring.spans import exact, partial, partial_chars, strict, type_

FAILURE, RENAL, PAIN = at("a", 0, 13), at("a", 0, 5), at("a", 18, 35)

CASES = {
    # Place and label agree: whole credit everywhere.
    "agreement": (
        [FAILURE], [FAILURE],
        {"a": (1, 0, 0)}, {"a": (1, 0, 0)}, {"a": (1, 0, 0)}, {"a": (1, 0, 0)}, {"a": (1, 0, 0)},
    ),
    # The place agrees: all but strict and type look at nothing else. The pair is a's, gold's label.
    "wrong label": (
        [FAILURE], [at("b", 0, 13)],
        {"a": (0, 0, 1), "b": (0, 1, 0)}, {"a": (1, 0, 0)}, {"a": (1, 0, 0)}, {"a": (1, 0, 0)},
        {"a": (0, 0, 1), "b": (0, 1, 0)},
    ),
    # 5 of 13 characters, none too many: half a credit, and 2 * 5 / (5 + 13) of one.
    "too short": (
        [FAILURE], [RENAL],
        {"a": (0, 1, 1)}, {"a": (0, 1, 1)}, {"a": (0.5, 0.5, 0.5)},
        {"a": (5 / 9, 1 - 5 / 9, 1 - 5 / 9)}, {"a": (1, 0, 0)},
    ),
    # The same with another label: type gives nothing for it, the others that overlap do.
    "too short, wrong label": (
        [FAILURE], [at("b", 0, 5)],
        {"a": (0, 0, 1), "b": (0, 1, 0)}, {"a": (0, 0, 1), "b": (0, 1, 0)}, {"a": (0.5, 0.5, 0.5)},
        {"a": (5 / 9, 1 - 5 / 9, 1 - 5 / 9)}, {"a": (0, 0, 1), "b": (0, 1, 0)},
    ),
    # Adjacent entities share no character: [0, 5) and [5, 13) have nothing to do with each other.
    "adjacent": (
        [RENAL], [at("a", 5, 13)],
        {"a": (0, 1, 1)}, {"a": (0, 1, 1)}, {"a": (0, 1, 1)}, {"a": (0, 1, 1)}, {"a": (0, 1, 1)},
    ),
    # [0, 5) and [5, 13) as fragments of one entity cover what [0, 13) covers: that is the entity.
    "touching fragments": (
        [FAILURE], [at("a", 0, 5, 5, 13)],
        {"a": (1, 0, 0)}, {"a": (1, 0, 0)}, {"a": (1, 0, 0)}, {"a": (1, 0, 0)}, {"a": (1, 0, 0)},
    ),
    # A space between fragments is not covered, 5 + 7 of 13 characters are: 2 * 12 / (12 + 13).
    "fragments that nearly touch": (
        [FAILURE], [at("a", 0, 5, 6, 13)],
        {"a": (0, 1, 1)}, {"a": (0, 1, 1)}, {"a": (0.5, 0.5, 0.5)},
        {"a": (24 / 25, 1 / 25, 1 / 25)}, {"a": (1, 0, 0)},
    ),
    # Two adjacent gold entities taken for one: it can be matched with one of them only, the one of
    # which it covers more: [5, 13), 2 * 8 / (8 + 13).
    "two taken for one": (
        [RENAL, at("a", 5, 13)], [FAILURE],
        {"a": (0, 1, 2)}, {"a": (0, 1, 2)}, {"a": (0.5, 0.5, 1.5)},
        {"a": (16 / 21, 1 - 16 / 21, 2 - 16 / 21)}, {"a": (1, 0, 1)},
    ),
    # Nested entities both count. The one prediction fits the inner one wholly.
    "nested, inner found": (
        [FAILURE, RENAL], [RENAL],
        {"a": (1, 0, 1)}, {"a": (1, 0, 1)}, {"a": (1, 0, 1)}, {"a": (1, 0, 1)}, {"a": (1, 0, 1)},
    ),
    # First come, first served would give [0, 13) to [0, 5), and nothing to the second.
    "chain": (
        [RENAL, FAILURE], [FAILURE, at("a", 0, 17)],
        {"a": (1, 1, 1)}, {"a": (1, 1, 1)},
        # 1 for the equal ones and 0.5 for the rest: better than twice 0.5.
        {"a": (1.5, 0.5, 0.5)},
        # 1 + 10/22 is more than 10/18 + 26/30.
        {"a": (1 + 5 / 11, 1 - 5 / 11, 1 - 5 / 11)},
        {"a": (2, 0, 0)},
    ),
    # One of two fragments: no strict or exact match, but an overlap. 5 of 5 + 4 characters.
    "discontinuous, a part found": (
        [at("a", 0, 5, 31, 35)], [RENAL],
        {"a": (0, 1, 1)}, {"a": (0, 1, 1)}, {"a": (0.5, 0.5, 0.5)},
        {"a": (10 / 14, 1 - 10 / 14, 1 - 10 / 14)}, {"a": (1, 0, 0)},
    ),
    # What lies in the gap of a discontinuous entity shares no character with it.
    "discontinuous, only its gap found": (
        [at("a", 0, 5, 31, 35)], [at("a", 6, 13)],
        {"a": (0, 1, 1)}, {"a": (0, 1, 1)}, {"a": (0, 1, 1)}, {"a": (0, 1, 1)}, {"a": (0, 1, 1)},
    ),
    # The hull has all 9 characters and 26 too many: 2 * 9 / (9 + 35).
    "discontinuous, taken for its hull": (
        [at("a", 0, 5, 31, 35)], [at("a", 0, 35)],
        {"a": (0, 1, 1)}, {"a": (0, 1, 1)}, {"a": (0.5, 0.5, 0.5)},
        {"a": (18 / 44, 1 - 18 / 44, 1 - 18 / 44)}, {"a": (1, 0, 0)},
    ),
    # Nothing is cut at the end of a sentence (character 36).
    "across a sentence end": (
        [at("a", 31, 45)], [at("a", 31, 45)],
        {"a": (1, 0, 0)}, {"a": (1, 0, 0)}, {"a": (1, 0, 0)}, {"a": (1, 0, 0)}, {"a": (1, 0, 0)},
    ),
    # The same entity twice counts once, on either side.
    "twice": (
        [PAIN], [PAIN, PAIN],
        {"a": (1, 0, 0)}, {"a": (1, 0, 0)}, {"a": (1, 0, 0)}, {"a": (1, 0, 0)}, {"a": (1, 0, 0)},
    ),
    # One place, two labels in gold: the prediction is matched with the one of its label.
    "two labels at one place": (
        [FAILURE, at("b", 0, 13)], [at("b", 0, 13)],
        {"a": (0, 0, 1), "b": (1, 0, 0)}, {"a": (0, 0, 1), "b": (1, 0, 0)},
        {"a": (0, 0, 1), "b": (1, 0, 0)}, {"a": (0, 0, 1), "b": (1, 0, 0)},
        {"a": (0, 0, 1), "b": (1, 0, 0)},
    ),
    "nothing": ([], [], {}, {}, {}, {}, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_counts_by_hand(name: str) -> None:
    gold, predicted, *expected = CASES[name]
    one = pair(gold, predicted, None)
    for protocol, rows in zip(
        (strict, exact, partial, partial_chars, type_), expected, strict=True
    ):
        found = protocol(one)
        assert found.keys() == rows.keys(), protocol.__name__
        for label, wanted in counts(rows).items():
            got = found[label]
            assert (got.tp, got.fp, got.fn) == pytest.approx((wanted.tp, wanted.fp, wanted.fn)), (
                protocol.__name__
            )


@pytest.mark.parametrize("protocol", [partial, partial_chars])
def test_among_equals_as_many_pairs_of_one_label_as_can_be(protocol: object) -> None:
    # Three predictions overlap three gold entities by a character each way, a, b, c beside b, c, a:
    # whatever the matching, it is worth the same, so the labels decide, and not one of them alone.
    gold = [at("a", 0, 4), at("b", 3, 7), at("c", 6, 10)]
    predicted = [at("b", 0, 4), at("c", 3, 7), at("a", 6, 10)]
    found = protocol(pair(gold, predicted, None))  # type: ignore[operator]
    assert {label: row.tp for label, row in found.items()} == {"a": 1, "b": 1, "c": 1}


def test_labels_decide_before_likeness_however_many_pairs_there_are() -> None:
    # Four pairs are worth half a credit each in either of two ways: each with its own, all much
    # alike and none of one label; or each with the next, a character in common, and one label a.
    gold = [at("a", 0, 10), at("b", 10, 20), at("c", 20, 30), at("d", 30, 40)]
    predicted = [at("w", 0, 9, 39, 40), at("a", 9, 19), at("x", 19, 29), at("y", 29, 39)]
    found = match(gold, predicted, lambda _: 0.5)
    assert {(one.gold.label, one.predicted.label) for one in found} == {
        ("a", "a"), ("b", "x"), ("c", "y"), ("d", "w"),
    }  # fmt: skip
