"""Why entities are missed or spurious under strict match: each has one cause.

What strict match leaves over of gold and predicted entities is matched one to one where the two
overlap. A matched pair is one fault: its gold entity and its predicted one have the same cause.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from nerharness.align import similarity
from nerharness.metrics import Counts
from nerharness.pairing import assign
from nerharness.scoring.cuts import cut_by
from nerharness.scoring.matching import match
from nerharness.scoring.overlap import clusters, overlaps, shared, size
from nerharness.scoring.pair import Gap, Pair
from nerharness.types import Entity, Mention

Cause = Literal[
    "label",
    "longer",
    "shorter",
    "shifted",
    "both",
    "duplicate",
    "spurious",
    "divided",
    "ungrounded",
    "truncated",
    "unparsed",
    "failed",
    "missed",
]

MEANING: dict[Cause, str] = {
    "label": "right place, wrong label",
    "longer": "right label, more than the entity",
    "shorter": "right label, part of the entity",
    "shifted": "right label, too much at one end and too little at the other",
    "both": "wrong label and wrong boundary",
    "duplicate": "a further prediction on a gold entity",
    "spurious": "a prediction where there is no gold entity",
    "divided": "whole in no unit: no answer can hold the entity",
    "ungrounded": "named, but in words that stand nowhere in the text",
    "truncated": "after the point where the answer was cut",
    "unparsed": "in a unit whose answer could not be read",
    "failed": "in a unit that got no answer",
    "missed": "not named",
}

_HALVES = re.compile(r"[\ud800-\udfff]")
"""Halves of surrogate pairs, which are no text that could be alike."""
NEAR = 0.5
"""An invented mention means a missed entity when their words are at least this similar."""


class Fault(NamedTuple):
    """A false negative, a false positive, or one of each that belong together."""

    cause: Cause
    gold: Entity | None
    predicted: Entity | None


def faults(pair: Pair) -> list[Fault]:
    """Return every false negative and false positive of strict match with its cause, once each."""
    hits = set(pair.gold) & set(pair.predicted)
    golden, given = set(pair.gold) - hits, set(pair.predicted) - hits
    pairs = match(golden, given, lambda _: 1.0)
    cut = frozenset(cut_by(pair.units, pair.gold))
    found = [Fault(_cause(one, other, is_cut=one in cut), one, other) for one, other, _ in pairs]
    missed = sorted(golden - {one.gold for one in pairs})
    spurious = sorted(given - {one.predicted for one in pairs})
    further = _on_gold(spurious, pair.gold)
    found += [
        Fault("duplicate" if place in further else "spurious", None, one)
        for place, one in enumerate(spurious)
    ]
    found += _missed(pair, missed, cut)
    return found


def _cause(gold: Entity, predicted: Entity, *, is_cut: bool) -> Cause:
    if gold.label != predicted.label:
        return "label" if gold.fragments == predicted.fragments else "both"
    if is_cut:
        return "divided"
    common = shared(gold, predicted)
    if common == size(gold):
        return "longer"
    return "shorter" if common == size(predicted) else "shifted"


def _on_gold(predicted: Sequence[Entity], gold: Iterable[Entity]) -> set[int]:
    """Return the places of the predicted entities that share a character with a gold one."""
    golden = sorted(set(gold))
    found: set[int] = set()
    for rows, columns in clusters(predicted, golden):
        some = [predicted[row] for row in rows], [golden[column] for column in columns]
        found.update(rows[row] for row in set(overlaps(*some).rows.tolist()))
    return found


def _missed(pair: Pair, missed: Sequence[Entity], cut: Container[Entity]) -> Iterator[Fault]:
    meant = _meant(pair, missed)
    for place, entity in enumerate(missed):
        silent = (gap.cause for gap in pair.gaps if _touches(gap, entity))
        cause: Cause = "ungrounded" if meant[place] else next(silent, "missed")
        yield Fault("divided" if entity in cut else cause, entity, None)


def _touches(gap: Gap, entity: Entity) -> bool:
    return any(p.start < gap.span.end and gap.span.start < p.end for p in entity.fragments)


def _meant(pair: Pair, missed: Sequence[Entity]) -> list[bool]:
    """Tell of each missed entity whether one of the invented mentions was meant for it."""
    if pair.document is None or not pair.ungrounded or not missed:
        return [False] * len(missed)
    text = _HALVES.sub("\ufffd", pair.document.text)
    weights = [[_likeness(one, other, text) for other in pair.ungrounded] for one in missed]
    return [column is not None for column in assign(weights)]


def _likeness(entity: Entity, mention: Mention, text: str) -> int:
    _, score = similarity(_HALVES.sub("\ufffd", mention.text), entity.surface(text))
    return round(1000 * score) * 2 + (entity.label == mention.label) if score >= NEAR else 0


class LabelErrors(NamedTuple):
    """How many false positives and false negatives of a label each cause accounts for."""

    fp: Counter[Cause]
    fn: Counter[Cause]


class Errors(NamedTuple):
    """The faults of all documents: by label and cause, and which label was taken for which."""

    labels: dict[str, LabelErrors]
    confusion: Counter[tuple[str, str]]
    """Gold and predicted label of each pair whose cause is "label" or "both"."""

    @property
    def fp(self) -> Counter[Cause]:
        """False positives by cause, all labels together."""
        return sum((one.fp for one in self.labels.values()), Counter())

    @property
    def fn(self) -> Counter[Cause]:
        """False negatives by cause, all labels together."""
        return sum((one.fn for one in self.labels.values()), Counter())


def count_faults(found: Iterable[Fault], labels: Iterable[str] = ()) -> Errors:
    """Add faults up; each of `labels` gets a row."""
    rows = {label: LabelErrors(Counter(), Counter()) for label in labels}
    confusion: Counter[tuple[str, str]] = Counter()
    for cause, gold, predicted in found:
        for entity, side in ((predicted, 0), (gold, 1)):
            if entity is not None:
                row = rows.setdefault(entity.label, LabelErrors(Counter(), Counter()))
                row[side][cause] += 1
        if gold and predicted and gold.label != predicted.label:
            confusion[gold.label, predicted.label] += 1
    return Errors(rows, confusion)


def repaired(strict: Counts, errors: Errors, causes: Iterable[Cause]) -> Counts:
    """Return the counts that strict match would have if the causes did not exist.

    A pair becomes a hit, a missed entity is found, and a spurious one is not there.
    """
    wanted = set(causes)
    fp = sum(count for cause, count in errors.fp.items() if cause in wanted)
    fn = sum(count for cause, count in errors.fn.items() if cause in wanted)
    return Counts(strict.tp + fn, strict.fp - fp, strict.fn - fn)


ORACLES: dict[str, tuple[Cause, ...]] = {
    "boundaries": ("longer", "shorter", "shifted"),
    "labels": ("label",),
    "boundaries and labels": ("longer", "shorter", "shifted", "label", "both"),
    "duplicate predictions": ("duplicate",),
    "spurious predictions": ("spurious",),
    "entities divided": ("divided",),
    "invented words": ("ungrounded",),
    "answers lost": ("truncated", "unparsed", "failed"),
    "entities missed": ("missed",),
}
"""What could be put right, and the causes that this would remove."""


def oracles(strict: Counts, errors: Errors) -> dict[str, Counts]:
    """Return what strict match would be with each of `ORACLES` put right, and nothing else."""
    return {name: repaired(strict, errors, causes) for name, causes in ORACLES.items()}
