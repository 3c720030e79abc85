"""Figures of many counts at once are those of `nerharness.metrics`."""

from __future__ import annotations

import random

import numpy as np
import pytest
from scoring.kit import drawn_counts

from nerharness.metrics import Average, Counts, macro, micro, weighted
from nerharness.scoring.figures import count_table, rates

LABELS = ["a", "b", "c"]


def figures(one: Counts | Average) -> tuple[float, float, float]:
    return one.precision, one.recall, one.f1


@pytest.mark.parametrize("seed", range(30))
def test_figures_are_those_of_metrics(seed: int) -> None:
    rng = random.Random(seed)
    for document in drawn_counts(rng, 20, LABELS):
        (found,) = rates(count_table([document], LABELS))
        present = {name: one for name, one in document.items() if one.support or one.fp}
        for row, label in enumerate(LABELS):
            if label in present:
                assert found[row] == pytest.approx(figures(present[label]))
            else:
                assert np.isnan(found[row]).all()
        for row, average in enumerate((micro, macro, weighted), start=len(LABELS)):
            if present:
                assert found[row] == pytest.approx(figures(average(present)))
            else:
                assert np.isnan(found[row]).all()


def test_a_label_that_is_none_of_those_wanted_is_left_out() -> None:
    table = count_table([{"a": Counts(1, 2, 3), "x": Counts(9, 9, 9)}, {}], ["b", "a"])
    assert table.tolist() == [[0, 0, 0, 1, 2, 3], [0, 0, 0, 0, 0, 0]]


@pytest.mark.parametrize(("documents", "labels"), [(0, []), (0, ["a"]), (2, [])])
def test_no_documents_and_no_labels_have_an_empty_table(documents: int, labels: list[str]) -> None:
    assert count_table([{}] * documents, labels).shape == (documents, 3 * len(labels))


def test_what_rounding_leaves_of_a_label_is_nothing() -> None:
    thirds = np.array([[0.1 + 0.2, 0.7, 0.7]])
    rest = thirds - np.array([[0.3, 0.7, 0.7]])
    assert rest.any()
    assert np.isnan(rates(rest)).all()
