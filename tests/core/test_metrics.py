"""Counts and their averages; the comparison with seqeval is among the tests of tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerharness.metrics import Average, Counts, macro, micro, weighted

COUNTS = st.builds(Counts, *[st.integers(0, 50)] * 3)


def test_the_textbook_case() -> None:
    counts = Counts(tp=3, fp=1, fn=3)
    assert (counts.precision, counts.recall, counts.support) == (0.75, 0.5, 6)
    assert counts.f1 == 2 * 0.75 * 0.5 / 1.25


@pytest.mark.parametrize("counts", [Counts(), Counts(fp=2), Counts(fn=2)])
def test_undefined_is_zero(counts: Counts) -> None:
    assert (counts.precision, counts.recall, counts.f1) == (0.0, 0.0, 0.0)


def test_averages() -> None:
    counts = {"A": Counts(1, 0, 0), "B": Counts(0, 1, 3)}
    assert micro(counts) == Counts(1, 1, 3)
    assert macro(counts) == Average(0.5, 0.5, 0.5)
    assert weighted(counts) == Average(0.25, 0.25, 0.25)


def test_labels_that_never_occur_do_not_count() -> None:
    counts = {"A": Counts(1, 0, 0), "B": Counts()}
    assert macro(counts) == weighted(counts) == Average(1.0, 1.0, 1.0)


@pytest.mark.parametrize("counts", [{}, {"A": Counts()}])
def test_averages_of_nothing_are_zero(counts: dict[str, Counts]) -> None:
    assert micro(counts) == Counts()
    assert macro(counts) == weighted(counts) == Average(0.0, 0.0, 0.0)


def test_without_support_the_weighted_average_is_zero() -> None:
    assert weighted({"A": Counts(fp=3)}) == Average(0.0, 0.0, 0.0)


def test_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        Counts(tp=-1)


@given(COUNTS, COUNTS)
def test_counts_add_up(a: Counts, b: Counts) -> None:
    total = a + b
    assert (total.tp, total.fp, total.fn) == (a.tp + b.tp, a.fp + b.fp, a.fn + b.fn)
    assert micro({"a": a, "b": b}) == total


@given(st.dictionaries(st.text(max_size=3), COUNTS, max_size=12))
def test_the_order_of_the_labels_changes_no_bit(counts: dict[str, Counts]) -> None:
    turned = dict(reversed(counts.items()))
    assert macro(turned) == macro(counts)
    assert weighted(turned) == weighted(counts)
