"""What is learned from, and what decides which epoch is kept."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from nerharness.corpora.labels import read_labels
from nerharness.errors import CorpusError, UsageError
from nerharness.flatten import LONGEST, Policy
from nerharness.plugin.host import Host
from nerharness.runs.corpus import digest, load_corpus, resegmented
from nerharness.runs.cuts import UnitCuts
from nerharness.runs.learned import describe_labels
from nerharness.runs.protection import is_any_marked, is_protected, protect
from nerharness.runs.spec import Spec
from nerharness.segmenters import find_segmenter
from nerharness.training.settings import Method, Settings
from nerharness.types import Corpus, Example

_LOCAL_REPORTS = frozenset({"none", "tensorboard"})


@dataclass(frozen=True, slots=True)
class TrainSpec:
    """What to train on what."""

    model: str
    corpus: str
    method: Method = "encoder"
    settings: Settings = field(default_factory=Settings)
    labels: Path | None = None
    tokens: str | None = None
    dev_share: float = 0.0
    """The share of train's documents to hold out as dev, where the corpus has none."""
    limit: int | None = None
    """Documents of train to learn from."""
    dev_limit: int | None = None
    """Documents of dev to choose the epoch by; what is kept is scored on all of them."""
    lacking: bool = False
    """Whether train may have no example of some labels, as a draw of few documents may."""
    mixed: tuple[str, ...] = ()
    """More corpora whose train splits are learned from, each under its own labels."""
    policy: Policy = LONGEST
    """Which of overlapping entities a token classifier learns."""
    prompting: Spec = field(default_factory=Spec)
    """How a model that is prompted is asked; its corpus, split and model are those above."""
    report_to: tuple[str, ...] = ()
    """Where the trainer of transformers is to report to besides."""


class Data(NamedTuple):
    """Corpora as they are learned from."""

    corpus: Corpus
    """With splits `train` and `dev`, and no other."""
    mixed: tuple[Corpus, ...]
    protected: bool = False
    """Whether the texts must not leave the machine."""

    @property
    def train(self) -> tuple[Example, ...]:
        """What is learned from."""
        return self.corpus.splits["train"]

    @property
    def dev(self) -> tuple[Example, ...]:
        """What decides which epoch is kept."""
        return self.corpus.splits["dev"]

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the label set."""
        return self.corpus.labels.names

    @property
    def lacking(self) -> tuple[str, ...]:
        """The labels that train has no example of."""
        known = {entity.label for example in self.train for entity in example.entities}
        return tuple(name for name in self.labels if name not in known)

    def cuts(self, spec: TrainSpec) -> UnitCuts:
        """Return what is cut of all that is learned from, and of dev."""
        mixed = {
            f"train of {name}": one.splits["train"]
            for name, one in zip(spec.mixed, self.mixed, strict=True)
        }
        splits = {**self.corpus.splits, **mixed}
        if spec.method == "encoder":
            return UnitCuts.of(splits, "sentence", chosen=False)
        return UnitCuts.of(splits, spec.prompting.unit)

    def describe(self, spec: TrainSpec) -> dict[str, Any]:
        """Return what `training.json` says of it; a mixed corpus is called as the spec does."""
        parts = self.corpus.splits
        return {
            **describe_labels(self.corpus.labels),
            "lacking": list(self.lacking),
            "documents": {name: len(part) for name, part in parts.items()},
            "sha256": {name: digest(part) for name, part in parts.items()},
            "mixed": [
                {
                    "corpus": name,
                    **describe_labels(one.labels),
                    "documents": len(one.splits["train"]),
                    "sha256": digest(one.splits["train"]),
                }
                for name, one in zip(spec.mixed, self.mixed, strict=True)
            ],
            "limit": spec.limit,
            "dev_limit": spec.dev_limit,
            "dev_share": spec.dev_share,
        }


def read_data(spec: TrainSpec, host: Host) -> Data:
    """Read the corpora; `CorpusError` or `UsageError` for what cannot be learned from."""
    if protected := _is_protected(spec, host):
        _protect(spec, host)
    corpus = load_corpus(host, spec.corpus, read_labels(spec.labels) if spec.labels else None)
    corpus = _segmented(corpus, spec)
    train, dev = _splits(corpus, spec.dev_share, spec.settings.seed)
    corpus = replace(corpus, splits={"train": _some(train, spec), "dev": dev})
    mixed = []
    for name in spec.mixed:
        other = _segmented(load_corpus(host, name, None, "--mix"), spec)
        if not other.splits.get("train"):
            raise _no_train(other, "--mix")
        mixed.append(other)
    data = Data(corpus, tuple(mixed), protected)
    if data.lacking and not spec.lacking:
        raise CorpusError(
            f"train has no example of label {data.lacking[0]!r}",
            where="--corpus",
            hint="learn from more documents, or declare the labels to learn with --labels",
        )
    return data


def _is_protected(spec: TrainSpec, host: Host) -> bool:
    corpora = [spec.corpus, *spec.mixed]
    return is_protected(spec.prompting, host) or is_any_marked(corpora, spec.labels, host)


def _protect(spec: TrainSpec, host: Host) -> None:
    """Let nothing leave the machine."""
    if remote := sorted(set(spec.report_to) - _LOCAL_REPORTS):
        raise UsageError(
            f"the texts are protected, and {remote[0]!r} may report to another machine",
            where="--report-to",
            hint="see docs/privacy.md",
        )
    protect(spec.prompting, host, spec.prompting.resolve(host))


def _segmented(corpus: Corpus, spec: TrainSpec) -> Corpus:
    return resegmented(corpus, find_segmenter(spec.tokens)) if spec.tokens else corpus


def _no_train(corpus: Corpus, flag: str) -> CorpusError:
    return CorpusError(
        f"corpus {corpus.name!r} has no train split",
        where=flag,
        hint="give a folder with a file, or for brat a subfolder, named train",
    )


def _some(train: tuple[Example, ...], spec: TrainSpec) -> tuple[Example, ...]:
    """Return as many documents as asked for, drawn so that fewer are always among more."""
    if spec.limit is None or spec.limit >= len(train):
        return train
    order = list(range(len(train)))
    random.Random(spec.settings.seed).shuffle(order)
    return tuple(train[place] for place in sorted(order[: spec.limit]))


def _splits(
    corpus: Corpus, share: float, seed: int
) -> tuple[tuple[Example, ...], tuple[Example, ...]]:
    train, dev = corpus.splits.get("train", ()), corpus.splits.get("dev", ())
    if not train:
        raise _no_train(corpus, "--corpus")
    if share:
        if dev:
            raise UsageError("the corpus has a dev split", where="--dev-share")
        order = list(range(len(train)))
        random.Random(seed).shuffle(order)
        held = set(order[: max(1, round(share * len(train)))])
        dev = tuple(one for place, one in enumerate(train) if place in held)
        train = tuple(one for place, one in enumerate(train) if place not in held)
    if not dev:
        raise CorpusError(
            f"corpus {corpus.name!r} has no dev split to choose the best epoch by",
            where="--corpus",
            hint="hold a part of train out: --dev-share 0.1",
        )
    return train, dev
