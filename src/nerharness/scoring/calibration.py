"""How far confidences can be trusted: reliability, and what a threshold would give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from nerharness.metrics import Counts
from nerharness.scoring.pair import Pair
from nerharness.types import Entity

BINS = 10


class Bin(NamedTuple):
    """The predictions whose confidence lies in `[low, high)`; the last bin holds 1, too."""

    low: float
    high: float
    predictions: int
    confidence: float
    """Their mean confidence; 0 without predictions."""
    precision: float
    """The share of them that strict match counts as right; 0 without predictions."""


class Threshold(NamedTuple):
    """Strict match if only predictions of at least this confidence were made."""

    confidence: float
    counts: Counts


class Calibration(NamedTuple):
    """Reliability of the predictions that bear a confidence, and strict match by threshold."""

    bins: tuple[Bin, ...]
    curve: tuple[Threshold, ...]
    """By rising confidence, one for each that occurs, at most `BINS` times `BINS`."""
    brier: float
    """The mean squared difference between confidence and being right (Brier 1950)."""
    without: int
    """Predictions that bear none, and take part in nothing here."""

    @property
    def expected_error(self) -> float:
        """The mean distance of confidence and precision of a bin (Guo et al. 2017), in [0, 1]."""
        total = sum(one.predictions for one in self.bins)
        gaps = (one.predictions * abs(one.confidence - one.precision) for one in self.bins)
        return sum(gaps) / total if total else 0.0


def calibrate(pairs: Sequence[Pair]) -> Calibration | None:
    """Judge the confidences of strict match; `None` if no prediction bears any."""
    judged: list[tuple[float, bool]] = []
    without = 0
    for pair in pairs:
        gold = set(pair.gold)
        sure = _surest(pair)
        judged += ((confidence, entity in gold) for entity, confidence in sure.items())
        without += len(set(pair.predicted) - sure.keys())
    if not judged:
        return None
    judged.sort()  # so that no order of predictions changes a bit of a sum
    support = sum(len(set(pair.gold)) for pair in pairs)
    brier = sum((confidence - right) ** 2 for confidence, right in judged) / len(judged)
    return Calibration(_bins(judged), _curve(judged, support), brier, without)


def _surest(pair: Pair) -> dict[Entity, float]:
    """Return the confidence of each entity that bears one, the highest if it was given twice."""
    sure: dict[Entity, float] = {}
    for entity, confidence in zip(pair.predicted, pair.confidences, strict=bool(pair.confidences)):
        if confidence is not None:
            sure[entity] = max(confidence, sure.get(entity, confidence))
    return sure


def _bins(judged: Sequence[tuple[float, bool]]) -> tuple[Bin, ...]:
    held: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for confidence, right in judged:
        held[min(int(confidence * BINS), BINS - 1)].append((confidence, right))
    return tuple(
        Bin(
            number / BINS,
            (number + 1) / BINS,
            len(inside),
            sum(confidence for confidence, _ in inside) / len(inside) if inside else 0.0,
            sum(right for _, right in inside) / len(inside) if inside else 0.0,
        )
        for number, inside in enumerate(held)
    )


def _curve(judged: Sequence[tuple[float, bool]], support: int) -> tuple[Threshold, ...]:
    kept, hits = len(judged), sum(right for _, right in judged)
    points: list[Threshold] = []
    before = None
    for confidence, right in judged:
        if confidence != before:
            points.append(Threshold(confidence, Counts(hits, kept - hits, support - hits)))
            before = confidence
        kept, hits = kept - 1, hits - right
    step = max(1, -(-len(points) // (BINS * BINS)))
    return tuple(points[::step])
