"""Scoring protocols: each counts true and false positives and false negatives per label.

An entity is its label and all its fragments: nested and discontinuous entities count as what they
are. The same entity given twice counts once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from nerharness.metrics import Average, Counts, macro, micro
from nerharness.types import Entity, Span

LabelCounts = dict[str, Counts]
Pair = tuple[Sequence[Entity], Sequence[Entity]]
"""Gold and predicted entities of one document."""


def strict(gold: Sequence[Entity], predicted: Sequence[Entity]) -> LabelCounts:
    """Count an entity as found when label and every fragment agree."""
    golden, given = set(gold), set(predicted)
    hits = Counter(entity.label for entity in golden & given)
    spurious = Counter(entity.label for entity in given - golden)
    missed = Counter(entity.label for entity in golden - given)
    return _counts(hits, spurious, missed)


def exact(gold: Sequence[Entity], predicted: Sequence[Entity]) -> LabelCounts:
    """Count an entity as found when every fragment agrees, whatever the label.

    At the same place, gold and predicted entities are paired one to one, equal labels first, then
    in label order. A pair counts for the gold entity's label, a false positive for the predicted.
    """
    places: defaultdict[tuple[Span, ...], tuple[set[str], set[str]]] = defaultdict(
        lambda: (set(), set())
    )
    for side, entities in enumerate((gold, predicted)):
        for entity in entities:
            places[entity.fragments][side].add(entity.label)
    hits: Counter[str] = Counter()
    spurious: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for golden, given in places.values():
        agreed = golden & given
        left, right = sorted(golden - agreed), sorted(given - agreed)
        pairs = min(len(left), len(right))
        hits.update([*agreed, *left[:pairs]])
        missed.update(left[pairs:])
        spurious.update(right[pairs:])
    return _counts(hits, spurious, missed)


PROTOCOLS: Mapping[str, Callable[[Sequence[Entity], Sequence[Entity]], LabelCounts]] = {
    "strict": strict,
    "exact": exact,
}


def _counts(hits: Counter[str], spurious: Counter[str], missed: Counter[str]) -> LabelCounts:
    names = sorted({*hits, *spurious, *missed})
    return {name: Counts(hits[name], spurious[name], missed[name]) for name in names}


@dataclass(frozen=True, slots=True)
class ProtocolScores:
    """Counts per label, and their averages: macro over the labels in gold or predictions."""

    labels: Mapping[str, Counts]

    @property
    def micro(self) -> Counts:
        """All labels' counts together."""
        return micro(self.labels)

    @property
    def macro(self) -> Average:
        """The unweighted mean over labels that occur in gold or predictions, as seqeval's."""
        return macro({name: c for name, c in self.labels.items() if c.tp + c.fp + c.fn})


def score_pairs(pairs: Iterable[Pair], labels: Sequence[str] = ()) -> dict[str, ProtocolScores]:
    """Score documents by every protocol; each of `labels` gets a row even if it never occurs."""
    totals = {name: {label: Counts(0, 0, 0) for label in labels} for name in PROTOCOLS}
    for gold, predicted in pairs:
        for name, protocol in PROTOCOLS.items():
            for label, counts in protocol(gold, predicted).items():
                totals[name][label] = totals[name].get(label, Counts(0, 0, 0)) + counts
    return {name: ProtocolScores(counts) for name, counts in totals.items()}
