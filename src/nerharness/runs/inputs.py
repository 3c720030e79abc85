"""What a run works on: its options resolved, its corpus read, its split chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from nerharness.corpora.labels import read_labels
from nerharness.corpora.sources import read_parts
from nerharness.errors import CorpusError, UsageError
from nerharness.findings import Findings
from nerharness.plugin.host import Host, Kind
from nerharness.runs.corpus import Selection, choose_split, open_gold, resegmented, select
from nerharness.runs.learned import Learned
from nerharness.runs.protection import is_protected, protect
from nerharness.runs.spec import Options, Spec
from nerharness.runs.units import check_unit, units
from nerharness.segmenters import find_segmenter
from nerharness.types import Corpus, Example, Unit


@dataclass(frozen=True, slots=True)
class Inputs:
    """A spec with what it names, but for the plugins' own things and the model."""

    spec: Spec
    options: Mapping[Any, Options]
    """By kind of plugin, every option of the chosen one."""
    packages: tuple[str, ...]
    """Where the chosen plugins come from, in their order."""
    corpus: Corpus
    """As much of it as the run needs: what is evaluated, and the whole train split."""
    selection: Selection
    conduct: frozenset[str] = frozenset()
    """The names of those options that decide nothing about results."""
    model: Mapping[str, str] = field(default_factory=dict)
    """What `run.json` says of the model, in a run that is gone on with."""
    retriever: Mapping[str, str] = field(default_factory=dict)
    """What is known of the retriever's model from another process or sitting."""

    def pinned(self, kind: Kind) -> Options:
        """Return the options of the backend or retriever, of which the model may be known.

        Then its revision is that commit and not what a branch stands for now.
        """
        known, name = {
            "backends": (self.model, "revision"),
            "retrievers": (self.retriever, "embedding_revision"),
        }[kind]
        options = self.options[kind]
        takes = name in options and "revision" in known
        return {**options, name: known["revision"]} if takes else options

    @property
    def train(self) -> tuple[Example, ...]:
        """The train split; empty if there is none."""
        return self.corpus.splits.get("train", ())

    @property
    def splits(self) -> dict[str, tuple[Example, ...]]:
        """What is evaluated, and what can be learnt from."""
        train = {"train": self.train} if self.train and self.selection.split != "train" else {}
        return {self.selection.split: self.selection.examples, **train}

    def units(self) -> Iterator[Unit]:
        """Yield the units of the selected documents, in order."""
        for example in self.selection.examples:
            yield from units(example.document, self.spec.unit)


def read_inputs(spec: Spec, host: Host) -> Inputs:
    """Check the spec and read the corpus; raises the errors of `nerharness.errors`."""
    options = spec.resolve(host)
    for flag, number in (
        ("--continuations", spec.continuations),
        ("--reasoning-tokens", spec.reasoning_tokens),
    ):
        if number < 0:
            raise UsageError(f"{number} is negative", where=flag)
    if not 0 < spec.threshold <= 1:
        raise UsageError(
            f"must be above 0 and at most 1, got {spec.threshold}", where="--threshold"
        )
    if spec.limit is not None and spec.limit < 1:
        raise UsageError(f"must be at least 1, got {spec.limit}", where="--limit")
    check_unit(spec.unit)
    if is_protected(spec, host):
        spec = replace(spec, protected=True)
        protect(spec, host, options)
    corpus, selection = _read(spec, host)
    if not len(corpus.labels):
        raise CorpusError(
            f"corpus {corpus.name!r} has no label: no entity in it, and none declared",
            where="--corpus",
            hint="declare labels with --labels FILE or a corpus.toml",
        )
    packages = tuple(host.package(kind, name) for kind, name in spec.chosen.items())
    return Inputs(spec, options, packages, corpus, selection, spec.conduct(host))


def _read(spec: Spec, host: Host) -> tuple[Corpus, Selection]:
    """Read what is evaluated, and the whole train split, which is what can be learnt from."""
    labels = read_labels(spec.labels) if spec.labels else None
    segmenter = find_segmenter(spec.tokens) if spec.tokens else None
    reader, path = open_gold(host, spec.corpus)
    source = reader.open(path, labels, Findings())
    split = choose_split(source, spec.split)
    where = path or Path(source.name)
    corpus = read_parts(source, where, {split: spec.limit, "train": None})
    corpus = resegmented(corpus, segmenter) if segmenter else corpus
    if spec.training and labels is None:
        corpus = Learned.read(spec.training).told(corpus)
    return corpus, select(corpus, split, spec.limit)
