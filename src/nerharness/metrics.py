"""Counts of entities, and precision, recall and F1 of them.

The arithmetic is that of seqeval 1.2.2, to the last bit: the same formulas on the same types,
averaged by numpy in the order of the sorted labels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Average", "Counts", "macro", "micro", "weighted"]


@dataclass(frozen=True, slots=True)
class Counts:
    """True positives, false positives and false negatives; none is negative.

    They are whole numbers, except under protocols that give a part of a credit.
    """

    tp: float = 0
    fp: float = 0
    fn: float = 0

    def __post_init__(self) -> None:
        if min(self.tp, self.fp, self.fn) < 0:
            raise ValueError(f"counts must not be negative, got {self}")

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def support(self) -> float:
        """How many there are in the gold data."""
        return self.tp + self.fn

    @property
    def precision(self) -> float:
        """The share of the predictions that are right; 0.0 without predictions."""
        return _quotient(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """The share of the gold entities that were predicted; 0.0 without gold entities."""
        return _quotient(self.tp, self.support)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 0.0 if both are."""
        precision, recall = self.precision, self.recall
        return _quotient(2 * precision * recall, precision + recall)


@dataclass(frozen=True, slots=True)
class Average:
    """Precision, recall and F1, each averaged over labels."""

    precision: float
    recall: float
    f1: float


def micro(counts: Mapping[str, Counts]) -> Counts:
    """The counts of all labels together."""
    return sum(counts.values(), Counts())


def macro(counts: Mapping[str, Counts]) -> Average:
    """The mean over the labels that occur in the gold data or in the predictions.

    0.0 if there is none, where seqeval gives NaN.
    """
    return _average(_present(counts), None)


def weighted(counts: Mapping[str, Counts]) -> Average:
    """The mean over the labels, weighted by support; 0.0 if there is no support."""
    present = _present(counts)
    return _average(present, [one.support for one in present])


def _quotient(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else 0.0


def _present(counts: Mapping[str, Counts]) -> list[Counts]:
    ordered = (counts[label] for label in sorted(counts))
    return [one for one in ordered if one.support or one.fp]


def _average(counts: Sequence[Counts], weights: Sequence[float] | None) -> Average:
    if not counts or (weights is not None and not any(weights)):
        return Average(0.0, 0.0, 0.0)
    # Imported here because numpy is slow to import and most callers never average.
    import numpy as np

    columns = zip(*((one.precision, one.recall, one.f1) for one in counts), strict=True)
    return Average(*(float(np.average(column, weights=weights)) for column in columns))
