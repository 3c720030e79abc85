"""Reliability of confidences, by hand."""

from __future__ import annotations

import pytest
from scoring.kit import at, pair

from nerharness.metrics import Counts
from nerharness.scoring.calibration import calibrate

A, B, C, D = at("a", 0, 5), at("a", 6, 13), at("a", 18, 24), at("b", 40, 45)


def test_without_confidences_there_is_nothing_to_say() -> None:
    assert calibrate([]) is None
    assert calibrate([pair([A], [A])]) is None
    assert calibrate([pair([A], [A], confidences=[None])]) is None


def test_bins_error_and_brier_score_by_hand() -> None:
    # Right at 0.95 and 0.85, wrong at 0.85 and 0.1; one without confidence; one missed.
    one = pair([A, B, D], [A, B, C], confidences=[0.95, 0.85, 0.85])
    two = pair([], [C, D], confidences=[0.1, None])
    found = calibrate([one, two])
    assert found is not None
    bins = {one.low: one for one in found.bins if one.predictions}
    assert list(bins) == [0.1, 0.8, 0.9]
    assert (bins[0.8].predictions, bins[0.8].confidence, bins[0.8].precision) == (2, 0.85, 0.5)
    # (2 * |0.85 - 0.5| + 1 * |0.95 - 1| + 1 * |0.1 - 0|) / 4
    assert found.expected_error == pytest.approx((0.7 + 0.05 + 0.1) / 4)
    # (0.05^2 + 0.15^2 + 0.85^2 + 0.1^2) / 4
    assert found.brier == pytest.approx((0.0025 + 0.0225 + 0.7225 + 0.01) / 4)
    assert found.without == 1


def test_precision_and_recall_by_threshold() -> None:
    one = pair([A, B, D], [A, B, C], confidences=[0.9, 0.5, 0.5])
    found = calibrate([one])
    assert found is not None
    # From 0.5 on all three: two right, one wrong, D missed. From 0.9 on only A.
    assert found.curve == ((0.5, Counts(2, 1, 1)), (0.9, Counts(1, 0, 2)))


@pytest.mark.parametrize(("confidence", "place"), [(0.0, 0), (0.1, 1), (0.999, 9), (1.0, 9)])
def test_a_bin_holds_its_lower_bound_and_the_last_one_both(confidence: float, place: int) -> None:
    found = calibrate([pair([A], [A], confidences=[confidence])])
    assert found is not None
    assert [one.predictions for one in found.bins].index(1) == place
    assert len(found.bins) == 10


@pytest.mark.parametrize("confidences", [[0.9, 0.2], [0.2, 0.9], [None, 0.9], [0.9, None]])
def test_of_an_entity_given_twice_the_highest_confidence_counts(
    confidences: list[float | None],
) -> None:
    found = calibrate([pair([A], [A, A], confidences=confidences)])
    assert found is not None
    assert found.curve == ((0.9, Counts(1, 0, 0)),)
    assert found.without == 0


def test_a_curve_has_a_hundred_points_at_most_the_first_of_all() -> None:
    predicted = [at("a", start, start + 1) for start in range(46)]
    pairs = [
        pair([A], predicted, confidences=[(46 * n + m) / 1000 for m in range(46)]) for n in range(5)
    ]
    found = calibrate(pairs)
    assert found is not None
    assert 50 <= len(found.curve) <= 100
    assert found.curve[0] == (0.0, Counts(0, 230, 5))
    assert list(found.curve) == sorted(found.curve, key=lambda point: point.confidence)


def test_as_many_confidences_as_entities() -> None:
    with pytest.raises(ValueError, match="shorter"):
        calibrate([pair([A], [A, B], confidences=[0.5])])
