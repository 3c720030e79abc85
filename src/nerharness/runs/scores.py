"""A run's scores, always computed from its records.

The JSON shape (`schema` 1) is that of `scores.json` and `--json`; docs/scores.md describes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from nerharness.metrics import Average, Counts
from nerharness.runs.grounding import FOUND_TIERS
from nerharness.runs.lookup import Retrieval
from nerharness.runs.record import Outputs, Record
from nerharness.scoring.protocols import ProtocolScores, score_pairs
from nerharness.types import Usage

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Scores:
    """What a run reached; see `to_json` for the names."""

    protocols: Mapping[str, ProtocolScores]
    documents: Mapping[str, int]
    mentions: Mapping[str, int]
    outputs: Outputs
    retrieval: Retrieval
    usage: Usage
    seconds: float

    @classmethod
    def of(cls, records: Iterable[Record], labels: Sequence[str] = ()) -> Scores:
        """Score records; each of `labels` gets a row even if it never occurs."""
        records = list(records)
        tiers: Counter[str] = Counter()
        for record in records:
            tiers.update(record.tiers)
            tiers["ungrounded"] += len(record.ungrounded)
        kinds = (*FOUND_TIERS, "ungrounded")
        failed = sum(record.error is not None for record in records)
        return cls(
            protocols=score_pairs(((r.gold, r.entities) for r in records), labels),
            documents={"total": len(records), "failed": failed},
            mentions={"total": tiers.total(), **{kind: tiers[kind] for kind in kinds}},
            outputs=_total(record.outputs for record in records),
            retrieval=Retrieval.of(one for record in records for one in record.retrieved),
            usage=sum((record.usage for record in records), Usage()),
            seconds=round(sum(record.seconds for record in records), 3),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the documented shape."""
        return {
            "schema": SCHEMA,
            "protocols": {name: _protocol(scores) for name, scores in self.protocols.items()},
            "documents": dict(self.documents),
            "mentions": dict(self.mentions),
            "outputs": asdict(self.outputs),
            "retrieval": self.retrieval.to_json(),
            "usage": asdict(self.usage),
            "seconds": self.seconds,
        }


def _total(outputs: Iterable[Outputs]) -> Outputs:
    sums: Counter[str] = Counter()
    problems: Counter[str] = Counter()
    for output in outputs:
        counts = asdict(output)
        problems.update(counts.pop("problems"))
        sums.update(counts)
    return Outputs(**sums, problems=dict(sorted(problems.items())))


def _protocol(scores: ProtocolScores) -> dict[str, Any]:
    return {
        "micro": _counts(scores.micro),
        "macro": _rates(scores.macro),
        "labels": {name: _counts(counts) for name, counts in scores.labels.items()},
    }


def _rates(scores: Counts | Average) -> dict[str, float]:
    return {"precision": scores.precision, "recall": scores.recall, "f1": scores.f1}


def _counts(counts: Counts) -> dict[str, float]:
    return {**_rates(counts), "tp": counts.tp, "fp": counts.fp, "fn": counts.fn}
