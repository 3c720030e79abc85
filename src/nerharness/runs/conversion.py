"""From any reader to any writer, one document at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nerharness.corpora.labels import read_labels
from nerharness.corpora.mark import mark_copy
from nerharness.corpora.output import taking_place
from nerharness.corpora.sources import without_documents
from nerharness.errors import CorpusError, UsageError
from nerharness.findings import Findings
from nerharness.losses import Losses
from nerharness.plugin import CorpusWriter
from nerharness.plugin.host import Host
from nerharness.runs.corpus import open_reader
from nerharness.runs.protection import is_any_marked
from nerharness.runs.reading import named_options
from nerharness.segmenters import Segmenter, resegment
from nerharness.types import Example, Source


@dataclass(slots=True)
class Conversion:
    """What was converted: documents and entities of each split, and what was lost on the way."""

    documents: Counter[str] = field(default_factory=Counter)
    entities: Counter[str] = field(default_factory=Counter)
    losses: Losses = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    """What the reader passed over, which no example can hold."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON shows it."""
        splits = {
            split: {"documents": count, "entities": self.entities[split]}
            for split, count in self.documents.items()
        }
        return {"splits": splits, "losses": dict(self.losses), "skipped": dict(self.skipped)}


def convert(
    host: Host,
    wanted: str,
    out: Path,
    to: str,
    *,
    labels: Path | None = None,
    policy: str | None = None,
    segmenter: Segmenter | None = None,
    lossless: bool = False,
) -> Conversion:
    """Read `wanted` and write it as `out` with the writer `to`, `NAME` or `NAME:OPTION=VALUE`.

    `labels` is a file that declares them, `policy` the writer's option of that name, and
    `segmenter` gives tokens and sentences anew. What is written of a protected corpus is protected.
    Raises `UsageError` and `CorpusError`; nothing is written then, nor if `lossless` is asked for
    and something would be lost.
    """
    writer = make_writer(host, to, policy)
    reader, path = open_reader(host, wanted, "IN")
    findings = Findings()
    source = reader.open(path, read_labels(labels) if labels else None, findings)
    protected = is_any_marked([wanted], labels, host)
    done = Conversion()
    counted = _counted(source, done, segmenter)
    with taking_place(out) as target:
        done.losses = writer.write(counted, target)
        if not done.documents.total():
            raise without_documents(wanted)
        if lossless and done.losses:
            lost = ", ".join(f"{kind} {count}" for kind, count in done.losses.items())
            raise CorpusError(f"{to} cannot hold all of it: {lost}", where="--lossless")
        if protected:
            mark_copy(target, out)
    done.skipped = findings.skipped
    return done


def make_writer(host: Host, to: str, policy: str | None = None) -> CorpusWriter:
    """Return the writer that `NAME` or `NAME:OPTION=VALUE` means."""
    place, name, options = named_options(to)
    if place:
        raise UsageError(f"{to!r} is no writer", where="--to", hint="write NAME:OPTION=VALUE")
    provider = host.find("writers", name)
    if policy is not None:
        if all(option.name != "policy" for option in provider.options):
            raise UsageError(f"{name} holds overlapping entities", where="--policy")
        options["policy"] = policy
    try:
        writer: CorpusWriter = host.make("writers", name, options=options)
    except UsageError as error:
        if policy is not None and error.where == f"{name}:policy={policy}":
            error.where = "--policy"
        raise
    return writer


@dataclass(frozen=True, slots=True)
class _Counted:
    """Examples that are counted while they are gone through."""

    split: str
    examples: Iterable[Example]
    done: Conversion
    segmenter: Segmenter | None

    def __iter__(self) -> Iterator[Example]:
        self.done.documents[self.split] = self.done.entities[self.split] = 0
        for example in self.examples:
            self.done.documents[self.split] += 1
            self.done.entities[self.split] += len(example.entities)
            yield resegment(example, self.segmenter) if self.segmenter else example


def _counted(source: Source, done: Conversion, segmenter: Segmenter | None) -> Source:
    splits: Mapping[str, Iterable[Example]] = {
        split: _Counted(split, examples, done, segmenter)
        for split, examples in source.splits.items()
    }
    return Source(source.name, source.labels, splits)
