"""Counts per label, out of sets of what was found and should be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Set
from typing import TypeVar

from nerharness.metrics import Counts
from nerharness.scoring.matching import Match
from nerharness.types import Entity

LabelCounts = dict[str, Counts]

Item = TypeVar("Item", bound=Hashable)


def count_sets(gold: Set[Item], given: Set[Item], label: Callable[[Item], str]) -> LabelCounts:
    """Count what is in both sets, only in `given`, only in `gold`, for each item's label."""
    hits = Counter(label(item) for item in gold & given)
    spurious = Counter(label(item) for item in given - gold)
    missed = Counter(label(item) for item in gold - given)
    names = sorted({*hits, *spurious, *missed})
    return {name: Counts(hits[name], spurious[name], missed[name]) for name in names}


def count_matches(
    gold: Iterable[Entity], predicted: Iterable[Entity], matches: Iterable[Match]
) -> LabelCounts:
    """Count credits: a match counts, wholly, for the label of its gold entity."""
    golden, given = set(gold), set(predicted)
    counts: LabelCounts = {}

    def add(label: str, tp: float, fp: float, fn: float) -> None:
        counts[label] = counts.get(label, Counts()) + Counts(tp, fp, fn)

    for one, other, credit in matches:
        golden.remove(one)
        given.remove(other)
        add(one.label, credit, 1 - credit, 1 - credit)
    for entity in golden:
        add(entity.label, 0, 0, 1)
    for entity in given:
        add(entity.label, 0, 1, 0)
    return dict(sorted(counts.items()))
