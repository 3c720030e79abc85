"""A run's scores, always computed from its records.

The JSON shape (`schema` 1) is that of `scores.json` and `--json`; docs/scoring.md describes it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from nerharness.flatten import LONGEST, Policy
from nerharness.runs.grounding import FOUND_TIERS
from nerharness.runs.lookup import Retrieval
from nerharness.runs.record import Outputs, Record
from nerharness.scoring.agreement import Agreement
from nerharness.scoring.cuts import Cuts
from nerharness.scoring.intervals import DEFAULT, Resampling
from nerharness.scoring.pair import Pair
from nerharness.types import Usage

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Scores:
    """What a run reached; see `to_json` for the names."""

    agreement: Agreement
    documents: Mapping[str, int]
    mentions: Mapping[str, int]
    cuts: Cuts
    outputs: Outputs
    retrieval: Retrieval
    usage: Usage
    seconds: float

    @classmethod
    def of(
        cls,
        records: Iterable[Record],
        labels: Sequence[str] = (),
        resampling: Resampling | None = DEFAULT,
        policy: Policy = LONGEST,
    ) -> Scores:
        """Score records; each of `labels` gets a row even if it never occurs."""
        records = list(records)
        return cls.about(records, [record.pair(policy) for record in records], labels, resampling)

    @classmethod
    def about(
        cls,
        records: Sequence[Record],
        pairs: Sequence[Pair],
        labels: Sequence[str],
        resampling: Resampling | None,
    ) -> Scores:
        """Score pairs that are made of the records, one of each."""
        tiers: Counter[str] = Counter()
        for record in records:
            tiers.update(record.tiers)
            tiers["ungrounded"] += len(record.ungrounded)
        kinds = (*FOUND_TIERS, "ungrounded")
        failed = sum(record.error is not None for record in records)
        return cls(
            agreement=Agreement.of(pairs, labels, resampling),
            documents={"total": len(records), "failed": failed},
            mentions={"total": tiers.total(), **{kind: tiers[kind] for kind in kinds}},
            cuts=Cuts.of((record.gold, record.units) for record in records),
            outputs=_total(record.outputs for record in records),
            retrieval=Retrieval.of(one for record in records for one in record.retrieved),
            usage=sum((record.usage for record in records), Usage()),
            seconds=round(sum(record.seconds for record in records), 3),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the documented shape."""
        return {
            "schema": SCHEMA,
            **self.agreement.to_json(),
            "documents": dict(self.documents),
            "mentions": dict(self.mentions),
            "cut_by_units": self.cuts.to_json(),
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
