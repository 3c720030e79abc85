"""Paired tests beside full enumeration and by hand."""

from __future__ import annotations

import random
from itertools import product

import pytest
from scoring.kit import drawn_counts

from nerharness.metrics import Counts, micro
from nerharness.scoring.counting import LabelCounts
from nerharness.scoring.figures import Averaging
from nerharness.scoring.intervals import Resampling
from nerharness.scoring.significance import differences, holm

Run = list[LabelCounts]
MANY = Resampling(draws=20_000)


def f1(documents: Run) -> float:
    return sum((micro(document) for document in documents), Counts()).f1


def worse(documents: Run, rng: random.Random, harm: float) -> Run:
    return [
        {
            label: Counts(one.tp - lost, one.fp, one.fn + lost)
            for label, one in document.items()
            for lost in [int(one.tp) and int(rng.random() < harm)]
        }
        for document in documents
    ]


@pytest.mark.parametrize("seed", range(6))
def test_the_permutation_test_is_that_of_all_permutations(seed: int) -> None:
    rng = random.Random(seed)
    first, second = (drawn_counts(rng, 10, ["a", "b"]) for _ in range(2))
    observed = abs(f1(second) - f1(first))
    gaps = []
    for swaps in product([False, True], repeat=10):
        pairs = zip(first, second, swaps, strict=True)
        one, other = zip(*((b, a) if swap else (a, b) for a, b, swap in pairs), strict=True)
        gaps.append(abs(f1(list(other)) - f1(list(one))))
    exact = sum(gap >= observed - 1e-12 for gap in gaps) / len(gaps)
    found = differences(first, second, ["a", "b"], MANY)[Averaging.MICRO, "f1"]
    assert found.value == pytest.approx(f1(second) - f1(first))
    assert found.permutation == pytest.approx(exact, abs=0.015)


def test_a_run_does_not_differ_from_itself() -> None:
    run = drawn_counts(random.Random(0), 30, ["a", "b"])
    for one in differences(run, run, ["a", "b"], Resampling(200)).values():
        assert (one.value, one.permutation, one.bootstrap) == (0, 1, 1)
        assert one.interval.percentile == one.interval.bca == (0, 0)


def test_a_run_that_is_worse_everywhere_differs() -> None:
    rng = random.Random(1)
    run = drawn_counts(rng, 60, ["a", "b"])
    found = differences(run, worse(run, rng, 0.8), ["a", "b"], MANY)[Averaging.MICRO, "f1"]
    assert found.value < 0
    assert found.permutation < 0.001
    assert found.bootstrap < 0.001
    assert found.interval.percentile.high < 0
    assert found.interval.bca.high < 0


def test_the_other_way_round_the_difference_is_its_opposite() -> None:
    rng = random.Random(2)
    one, other = drawn_counts(rng, 40, ["a"]), drawn_counts(rng, 40, ["a"])
    there = differences(one, other, ["a"], Resampling(2000))[Averaging.MICRO, "f1"]
    back = differences(other, one, ["a"], Resampling(2000))[Averaging.MICRO, "f1"]
    assert back.value == -there.value
    assert back.permutation == there.permutation
    assert back.bootstrap == there.bootstrap
    assert back.interval.percentile == pytest.approx([-x for x in there.interval.percentile[::-1]])
    assert back.interval.bca == pytest.approx([-x for x in there.interval.bca[::-1]])


def test_the_same_seed_gives_the_same_answer() -> None:
    rng = random.Random(3)
    one, other = drawn_counts(rng, 40, ["a"]), drawn_counts(rng, 40, ["a"])
    once = differences(one, other, ["a"], Resampling(500, seed=1))
    assert once == differences(one, other, ["a"], Resampling(500, seed=1))
    assert once != differences(one, other, ["a"], Resampling(500, seed=2))


def test_no_p_value_is_below_what_the_draws_can_show() -> None:
    run = [{"a": Counts(5, 0, 0)}] * 50
    found = differences(run, [{"a": Counts(0, 5, 5)}] * 50, ["a"], Resampling(99))["a", "f1"]
    assert found.permutation == pytest.approx(1 / 100)
    assert found.bootstrap == pytest.approx(2 / 100)


def test_a_label_that_one_side_does_not_have_has_no_difference() -> None:
    found = differences([{"a": Counts(1)}], [{"a": Counts(1), "b": Counts(fp=1)}], ["a", "b"], MANY)
    assert {row for row, _ in found} == {"a", *Averaging}


def test_documents_that_cannot_be_paired_are_refused() -> None:
    with pytest.raises(ValueError, match="1 documents cannot be paired with 2"):
        differences([{}], [{}, {}], ["a"], MANY)


def test_nothing_has_no_differences() -> None:
    assert differences([], [], ["a"], MANY) == differences([{}], [{}], [], MANY) == {}


def test_holm_by_hand() -> None:
    # In order .01, .02, .03, .04 of 4: 4 * .01, 3 * .02, 2 * .03, and .04, which is below .06.
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    # 3 * .4 is more than 1, and so is all that follows.
    assert holm([0.5, 0.4, 0.9]) == [1, 1, 1]
    # 3 * .005, 2 * .011, 1 * .02: the last one is lifted to the one before it.
    assert holm([0.011, 0.02, 0.005]) == pytest.approx([0.022, 0.022, 0.015])
    assert holm([0.03]) == [0.03]
    assert holm([]) == []
