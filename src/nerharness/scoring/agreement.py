"""Everything that gold and predicted entities of some documents say about each other.

`to_json` has the documented shape (docs/scoring.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any, Self

from nerharness.metrics import Average, Counts, micro
from nerharness.scoring.calibration import Calibration, calibrate
from nerharness.scoring.errors import Errors, count_faults, faults, oracles
from nerharness.scoring.figures import FIGURES, Averaging, Row
from nerharness.scoring.intervals import DEFAULT, FEW_DOCUMENTS, Intervals, Resampling, intervals
from nerharness.scoring.pair import Pair
from nerharness.scoring.protocols import ProtocolScores, score_pairs
from nerharness.scoring.strata import Strata, stratify
from nerharness.types.labels import bare_name

NAMED = 5
"""How many labels a warning names."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Scores by protocol with their intervals, and what strict match got wrong and why."""

    protocols: Mapping[str, ProtocolScores]
    intervals: Mapping[str, Intervals]
    """By protocol; empty where they were not asked for."""
    errors: Errors
    strata: Strata
    calibration: Calibration | None
    resampling: Resampling | None
    ids: tuple[str, ...]
    """The documents' ids, or their places where there are none."""
    strange: Mapping[str, str | None] = field(default_factory=dict)
    """Predicted labels that gold does not have, each with the one that is spelt alike."""
    failures: Mapping[str, str] = field(default_factory=dict)
    """What went wrong with documents, by their ids, which then count as without entities."""

    @classmethod
    def of(
        cls,
        pairs: Iterable[Pair],
        labels: Sequence[str] = (),
        resampling: Resampling | None = DEFAULT,
    ) -> Self:
        """Score documents; each of `labels` gets a row. Without `resampling` no intervals.

        Documents are taken by their ids, so that the order in which they were finished changes
        nothing, not even which are drawn.
        """
        pairs = sorted(pairs, key=lambda pair: pair.document.id if pair.document else "")
        protocols = score_pairs(pairs, labels)
        return cls(
            protocols=protocols,
            intervals={
                name: intervals(scores.documents, scores.names, resampling)
                for name, scores in protocols.items()
            }
            if resampling
            else {},
            errors=count_faults((one for pair in pairs for one in faults(pair)), labels),
            strata=stratify(pairs),
            calibration=calibrate(pairs),
            resampling=resampling,
            ids=tuple(
                pair.document.id if pair.document else str(place)
                for place, pair in enumerate(pairs)
            ),
            strange=_strange(pairs, labels),
        )

    @property
    def by_document(self) -> Mapping[str, Counts]:
        """Strict match of each document, all labels together."""
        documents = self.protocols["strict"].documents
        return {id: micro(one) for id, one in zip(self.ids, documents, strict=True)}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know who would rely on the scores and their intervals."""
        return (*self._failed(), *self._misnamed(), *self._narrow())

    def _failed(self) -> Iterator[str]:
        for id, error in islice(self.failures.items(), 1):
            yield (
                f"{len(self.failures):,} of {len(self.ids):,} documents failed and count as "
                f"without entities; the first, {id!r}: {error}"
            )

    def _misnamed(self) -> Iterator[str]:
        if self.strange:
            named = ", ".join(
                repr(name) if like is None else f"{name!r} (gold has {like!r})"
                for name, like in islice(self.strange.items(), NAMED)
            )
            more = len(self.strange) - NAMED
            many = "labels are" if len(self.strange) > 1 else "label is"
            yield (
                f"{len(self.strange):,} predicted {many} none of gold's: {named}"
                f"{f' and {more:,} more' if more > 0 else ''}"
            )

    def _narrow(self) -> Iterator[str]:
        telling = sum(map(bool, self.protocols["strict"].documents))
        if self.intervals and 0 < telling < FEW_DOCUMENTS:
            yield (
                f"intervals are too narrow: over fewer than {FEW_DOCUMENTS} documents with "
                f"entities (here {telling}) they miss the truth more than twice as often as they "
                "should"
            )

    @property
    def oracles(self) -> Mapping[str, Counts]:
        """What strict match would be, all labels together, with one kind of error put right."""
        return oracles(self.protocols["strict"].micro, self.errors)

    def to_json(self) -> dict[str, Any]:
        """Return the documented shape."""
        return {
            "protocols": {name: self._protocol(name) for name in self.protocols},
            "errors": _errors(self.errors),
            "oracles": {name: counts_to_json(counts) for name, counts in self.oracles.items()},
            "strata": {
                name: {stratum: counts_to_json(counts) for stratum, counts in rows.items()}
                for name, rows in self.strata.items()
            },
            "by_document": {id: asdict(counts) for id, counts in self.by_document.items()},
            "calibration": _calibration(self.calibration) if self.calibration else None,
            "resampling": asdict(self.resampling) if self.resampling else None,
            "warnings": list(self.warnings),
        }

    def _protocol(self, name: str) -> dict[str, Any]:
        scores, known = self.protocols[name], self.intervals.get(name, {})
        return {
            "micro": {**counts_to_json(scores.micro), **_intervals(known, Averaging.MICRO)},
            "macro": {**rates_to_json(scores.macro), **_intervals(known, Averaging.MACRO)},
            "weighted": {**rates_to_json(scores.weighted), **_intervals(known, Averaging.WEIGHTED)},
            "labels": {
                label: {**counts_to_json(counts), **_intervals(known, label)}
                for label, counts in scores.labels.items()
            },
        }


def _strange(pairs: Iterable[Pair], labels: Iterable[str]) -> dict[str, str | None]:
    known, given = set(labels), set[str]()
    for pair in pairs:
        known.update(entity.label for entity in pair.gold)
        given.update(entity.label for entity in pair.predicted)
    alike = {bare_name(name): name for name in sorted(known, reverse=True)}
    return {name: alike.get(bare_name(name)) for name in sorted(given - known)}


def rates_to_json(scores: Counts | Average) -> dict[str, float]:
    """Return precision, recall and F1 by name."""
    return {"precision": scores.precision, "recall": scores.recall, "f1": scores.f1}


def counts_to_json(counts: Counts) -> dict[str, float]:
    """Return the rates and the counts by name."""
    return {**rates_to_json(counts), "tp": counts.tp, "fp": counts.fp, "fn": counts.fn}


def _intervals(known: Intervals, row: Row) -> dict[str, Any]:
    found = {figure: known[row, figure] for figure in FIGURES if (row, figure) in known}
    if not found:
        return {}
    return {
        "intervals": {
            figure: {"percentile": list(one.percentile), "bca": list(one.bca)}
            for figure, one in found.items()
        }
    }


def _errors(errors: Errors) -> dict[str, Any]:
    return {
        "fp": dict(errors.fp),
        "fn": dict(errors.fn),
        "labels": {
            label: {"fp": dict(row.fp), "fn": dict(row.fn)} for label, row in errors.labels.items()
        },
        "confusion": [
            {"gold": gold, "predicted": predicted, "count": count}
            for (gold, predicted), count in sorted(errors.confusion.items())
        ],
    }


def _calibration(calibration: Calibration) -> dict[str, Any]:
    return {
        "expected_error": calibration.expected_error,
        "brier": calibration.brier,
        "without": calibration.without,
        "bins": [one._asdict() for one in calibration.bins],
        "curve": [
            {"confidence": one.confidence, **counts_to_json(one.counts)}
            for one in calibration.curve
        ],
    }
