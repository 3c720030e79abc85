"""What the runs of a grid reached, and those that differ in one setting alone, on average."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Self

from nerharness.metrics import Average, Counts
from nerharness.runs.folder import RunFolder
from nerharness.runs.grid import Variant
from nerharness.runs.scores import Scores
from nerharness.scoring.protocols import ProtocolScores
from nerharness.scoring.spread import Spread


class Reached(NamedTuple):
    """A run of a grid, and what it has reached."""

    variant: Variant
    about: str
    """What was evaluated: corpus, split and how much of it."""
    documents: str
    """The digest of that."""
    scores: Scores

    @classmethod
    def of(cls, variant: Variant, folder: RunFolder) -> Self:
        """Read a run's folder; raises `RunError` as `RunFolder.score` does."""
        described = folder.description()
        corpus, split = described["corpus"], described["spec"]["split"]
        about = f"{corpus['name']}, {split}, {corpus['documents']:,} documents"
        return cls(variant, about, corpus["sha256"], folder.score(folder.labels()))

    @property
    def name(self) -> str:
        """That of the run."""
        return self.variant.name


class RateSpreads(NamedTuple):
    """Precision, recall and F1 of several runs."""

    precision: Spread
    recall: Spread
    f1: Spread

    @classmethod
    def of(cls, rates: Sequence[Counts | Average]) -> Self:
        """Return those of the rates of each run."""
        return cls(*(Spread.of([getattr(one, name) for one in rates]) for name in cls._fields))

    def to_json(self) -> dict[str, Any]:
        """Return the documented shape."""
        return {name: spread._asdict() for name, spread in self._asdict().items()}


class Mean(NamedTuple):
    """What runs that differ in one setting alone reach by one protocol."""

    name: str
    """What their names have in common."""
    runs: tuple[str, ...]
    micro: RateSpreads
    macro: RateSpreads
    labels: Mapping[str, RateSpreads]

    @classmethod
    def of(cls, name: str, runs: Sequence[Reached], protocol: str) -> Self:
        """Return that of runs over the same documents."""
        found = [run.scores.agreement.protocols[protocol] for run in runs]
        labels = dict.fromkeys(label for one in found for label in one.labels)
        return cls(
            name,
            tuple(run.name for run in runs),
            RateSpreads.of([one.micro for one in found]),
            RateSpreads.of([one.macro for one in found]),
            {label: RateSpreads.of(_of_label(found, label)) for label in labels},
        )

    def to_json(self) -> dict[str, Any]:
        """Return the documented shape."""
        return {
            "name": self.name,
            "runs": list(self.runs),
            "micro": self.micro.to_json(),
            "macro": self.macro.to_json(),
            "labels": {label: one.to_json() for label, one in self.labels.items()},
        }


def means(runs: Sequence[Reached], over: str, protocol: str) -> Iterator[Mean]:
    """Yield a mean for every two or more runs that differ in the setting `over` alone.

    The documents are the same, too: where the setting chooses them, there is no mean.
    """
    groups: dict[object, list[Reached]] = {}
    for run in runs:
        rest = {key: value for key, value in run.variant.settings.items() if key != over}
        if over in run.variant.settings:
            key = run.documents, frozenset((key, type(v), v) for key, v in rest.items())
            groups.setdefault(key, []).append(run)
    for group in groups.values():
        if len(group) > 1:
            yield Mean.of(group[0].variant.name_but_for(over), group, protocol)


def _of_label(found: Sequence[ProtocolScores], label: str) -> list[Counts]:
    return [one.labels.get(label, Counts()) for one in found]
