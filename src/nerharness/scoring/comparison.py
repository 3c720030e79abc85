"""Runs over the same documents beside each other: figures, differences, and what changed most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from typing import Any, NamedTuple, Self

from nerharness.errors import RunError
from nerharness.metrics import Counts, micro
from nerharness.scoring.agreement import Agreement, counts_to_json
from nerharness.scoring.figures import Averaging, Row
from nerharness.scoring.intervals import Resampling
from nerharness.scoring.pair import Pair
from nerharness.scoring.significance import Differences, differences, holm
from nerharness.scoring.spans import strict


class Run(NamedTuple):
    """What one run answered: a pair for each document by its id, under a label set."""

    name: str
    documents: Mapping[str, Pair]
    labels: tuple[str, ...]
    notes: Mapping[str, int] = {}
    """What was left out, or is unusual, and how often."""


class Contrast(NamedTuple):
    """What a second run has more than a first, by protocol.

    `corrected` has the p-values of the permutation tests, corrected by Holm's method for the number
    of contrasts.
    """

    first: str
    second: str
    differences: Mapping[str, Differences]
    corrected: Mapping[str, Mapping[tuple[Row, str], float]]


class Change(NamedTuple):
    """A document about which runs differ: the strict counts of each run, in the runs' order."""

    document: str
    counts: tuple[Counts, ...]
    apart: int
    """How many entities some of the runs predict, and not all."""

    @property
    def errors(self) -> tuple[float, ...]:
        """False positives and false negatives of each run."""
        return tuple(one.fp + one.fn for one in self.counts)

    @property
    def size(self) -> float:
        """By how many errors the best and the worst run differ."""
        return max(self.errors) - min(self.errors)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs or more over the same documents; `changed` begins with what changed most."""

    names: tuple[str, ...]
    agreements: tuple[Agreement, ...]
    contrasts: tuple[Contrast, ...]
    changed: tuple[Change, ...]
    resampling: Resampling
    documents: int
    left_out: Mapping[str, int]
    """What only some of the runs have, by kind."""
    notes: tuple[Mapping[str, int], ...]
    """Of each run."""
    runs: tuple[Run, ...]
    """What was compared: all runs have the same documents in the same order."""

    @classmethod
    def of(
        cls,
        runs: Sequence[Run],
        resampling: Resampling,
        *,
        common: bool = False,
        with_first: bool = False,
    ) -> Self:
        """Compare runs; each contrast is that of a later run with an earlier one.

        That is each earlier one, or the first alone (`with_first`). Raises `RunError` for runs over
        different documents or label sets, unless `common`: then what not all runs have is left out.
        """
        if len(runs) < 2:
            raise RunError("one run cannot be compared", hint="name two runs or more")
        runs, left_out = _shared(runs) if common else (_same(runs), Counter[str]())
        names = tuple(run.name for run in runs)
        agreements = [Agreement.of(run.documents.values(), run.labels, resampling) for run in runs]
        return cls(
            names,
            tuple(agreements),
            tuple(_contrasts(names, agreements, resampling, with_first=with_first)),
            tuple(_changes(runs)),
            resampling,
            len(runs[0].documents),
            left_out,
            tuple(run.notes for run in runs),
            tuple(runs),
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know who would rely on intervals and p-values."""
        return tuple(dict.fromkeys(one for run in self.agreements for one in run.warnings))

    def to_json(self) -> dict[str, Any]:
        """Return the documented shape (docs/scoring.md)."""
        return {
            "documents": self.documents,
            "left_out": dict(self.left_out),
            "resampling": asdict(self.resampling),
            "warnings": list(self.warnings),
            "runs": [
                {"name": name, "protocols": agreement.to_json()["protocols"], "notes": dict(notes)}
                for name, agreement, notes in zip(
                    self.names, self.agreements, self.notes, strict=True
                )
            ],
            "contrasts": [_contrast_to_json(contrast) for contrast in self.contrasts],
            "changed": [
                {
                    "document": one.document,
                    "strict": [counts_to_json(c) for c in one.counts],
                    "apart": one.apart,
                }
                for one in self.changed
            ],
        }


def _same(runs: Sequence[Run]) -> list[Run]:
    """Return the runs, their documents in the order of the first; `RunError` unless all agree."""
    first, *others = runs
    for other in others:
        for one, another in ((first, other), (other, first)):
            lacking = [id for id in one.documents if id not in another.documents]
            if lacking:
                raise _different(
                    f"{another.name} lacks document {lacking[0]!r} of {one.name} "
                    f"({len(lacking):,} such documents)"
                )
        changed = [id for id, pair in first.documents.items() if _differ(pair, other.documents[id])]
        if changed:
            raise _different(
                f"document {changed[0]!r} has another text or other gold entities in {other.name} "
                f"than in {first.name} ({len(changed):,} such documents)"
            )
        if set(other.labels) != set(first.labels):
            raise _different(
                f"{first.name} has the labels {', '.join(sorted(first.labels))}, "
                f"{other.name} {', '.join(sorted(other.labels))}"
            )
    return [_cut(run, list(first.documents), first.labels, set()) for run in runs]


def _different(what: str) -> RunError:
    return RunError(what, hint="compare what they have in common with --common")


def _differ(one: Pair, other: Pair) -> bool:
    texts = [pair.document and pair.document.text for pair in (one, other)]
    return texts[0] != texts[1] or set(one.gold) != set(other.gold)


def _shared(runs: Sequence[Run]) -> tuple[list[Run], Counter[str]]:
    """Return the runs with the documents and labels that all have, and count what they lose."""
    first, *others = runs
    labels = [label for label in first.labels if all(label in one.labels for one in others)]
    ids = [id for id in first.documents if all(id in one.documents for one in others)]
    every_label = {label for run in runs for label in run.labels}
    others_only = every_label - set(labels)
    cut = [_cut(run, ids, labels, others_only) for run in runs]
    kept = [
        id
        for id in ids
        if not any(_differ(cut[0].documents[id], one.documents[id]) for one in cut[1:])
    ]
    every_id = {id for run in runs for id in run.documents}
    left_out = Counter(
        {
            "documents that not all runs have": len(every_id) - len(ids),
            "documents whose text or gold differs": len(ids) - len(kept),
            "labels that not all runs have": len(others_only),
        }
    )
    if not kept or not labels:
        raise RunError("the runs have no document, or no label, in common")
    return [_cut(run, kept, labels, set()) for run in cut], +left_out


def _cut(run: Run, ids: Sequence[str], labels: Sequence[str], dropped: set[str]) -> Run:
    """Return the run with these documents, in this order, and without the dropped labels."""
    documents = {id: _without(run.documents[id], dropped) for id in ids}
    return Run(run.name, documents, tuple(labels), run.notes)


def _without(pair: Pair, labels: set[str]) -> Pair:
    """Return the pair without the entities of some labels."""
    if not labels:
        return pair
    kept = [place for place, one in enumerate(pair.predicted) if one.label not in labels]
    return replace(
        pair,
        gold=tuple(one for one in pair.gold if one.label not in labels),
        predicted=tuple(pair.predicted[place] for place in kept),
        confidences=tuple(pair.confidences[place] for place in kept) if pair.confidences else (),
        frequencies=None,
        tags=None,
    )


def _contrasts(
    names: Sequence[str],
    agreements: Sequence[Agreement],
    resampling: Resampling,
    *,
    with_first: bool,
) -> list[Contrast]:
    pairs = list(combinations(range(len(names)), 2))
    if with_first:
        pairs = pairs[: len(names) - 1]
    found = [_differences(agreements[a], agreements[b], resampling) for a, b in pairs]
    corrected = [{protocol: dict[tuple[Row, str], float]() for protocol in one} for one in found]
    for protocol in found[0]:
        for key in {key for one in found for key in one[protocol]}:
            held = [place for place, one in enumerate(found) if key in one[protocol]]
            values = holm([found[place][protocol][key].permutation for place in held])
            for place, value in zip(held, values, strict=True):
                corrected[place][protocol][key] = value
    return [
        Contrast(names[a], names[b], one, right)
        for (a, b), one, right in zip(pairs, found, corrected, strict=True)
    ]


def _differences(
    one: Agreement, other: Agreement, resampling: Resampling
) -> dict[str, Differences]:
    found: dict[str, Differences] = {}
    for name, first in one.protocols.items():
        if name in other.protocols:
            second = other.protocols[name]
            labels = list(dict.fromkeys([*first.names, *second.names]))
            found[name] = differences(first.documents, second.documents, labels, resampling)
    return found


def _changes(runs: Sequence[Run]) -> list[Change]:
    changes = (_change(id, [run.documents[id] for run in runs]) for id in runs[0].documents)
    found = [one for one in changes if one.size or one.apart]
    return sorted(found, key=lambda one: (-one.size, -one.apart, one.document))


def _change(id: str, answers: Sequence[Pair]) -> Change:
    first, *others = (set(one.predicted) for one in answers)
    apart = first.union(*others) - first.intersection(*others)
    return Change(id, tuple(micro(strict(one)) for one in answers), len(apart))


def _contrast_to_json(contrast: Contrast) -> dict[str, Any]:
    protocols: dict[str, Any] = {}
    for protocol, found in contrast.differences.items():
        labels: dict[str, Any] = {}
        averages: dict[str, Any] = {}
        for (row, figure), one in found.items():
            if isinstance(row, Averaging):
                cells = averages.setdefault(row.value, {})
            else:
                cells = labels.setdefault(row, {})
            cells[figure] = {
                "difference": one.value,
                "percentile": list(one.interval.percentile),
                "bca": list(one.interval.bca),
                "permutation": one.permutation,
                "permutation_holm": contrast.corrected[protocol][row, figure],
                "bootstrap": one.bootstrap,
            }
        protocols[protocol] = {**averages, "labels": labels}
    return {"first": contrast.first, "second": contrast.second, "protocols": protocols}
