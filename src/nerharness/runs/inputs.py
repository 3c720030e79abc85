"""What a run works on: its options resolved, its corpus read, its split chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nerharness.corpora.labels import read_labels
from nerharness.errors import CorpusError, UsageError
from nerharness.plugin.host import Host
from nerharness.runs.corpus import Selection, choose_split, load_corpus, resegmented
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
    selection: Selection

    @property
    def train(self) -> tuple[Example, ...]:
        """The train split; empty if there is none."""
        return self.corpus.splits.get("train", ())

    def units(self) -> Iterator[Unit]:
        """Yield the units of the selected documents, in order."""
        for example in self.selection.examples:
            yield from units(example.document, self.spec.unit)


def read_inputs(spec: Spec, host: Host) -> Inputs:
    """Check the spec and read the corpus; raises the errors of `nerharness.errors`."""
    options = spec.resolve(host)
    if spec.continuations < 0:
        raise UsageError(f"{spec.continuations} is negative", where="--continuations")
    if not 0 < spec.threshold <= 1:
        raise UsageError(
            f"must be above 0 and at most 1, got {spec.threshold}", where="--threshold"
        )
    labels = read_labels(spec.labels) if spec.labels else None
    check_unit(spec.unit)
    segmenter = find_segmenter(spec.tokens) if spec.tokens else None
    corpus = load_corpus(host, spec.corpus, labels)
    corpus = resegmented(corpus, segmenter) if segmenter else corpus
    if not len(corpus.labels):
        raise CorpusError(
            f"corpus {corpus.name!r} has no label: no entity in it, and none declared",
            where="--corpus",
            hint="declare labels with --labels FILE or a corpus.toml",
        )
    selection = choose_split(corpus, spec.split, spec.limit)
    packages = tuple(host.package(kind, name) for kind, name in spec.chosen.items())
    return Inputs(spec, options, packages, corpus, selection)
