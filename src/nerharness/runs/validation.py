"""What is wrong with a corpus, found in one pass, and a repaired copy of it."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nerharness.corpora.output import taking_place
from nerharness.errors import CorpusError, UsageError
from nerharness.findings import Finding, Findings, Place
from nerharness.near_copies import NearCopies
from nerharness.plugin.host import Host
from nerharness.runs.conversion import make_writer
from nerharness.runs.corpus import open_reader
from nerharness.runs.reading import find_name
from nerharness.types import Example, LabelSet, Source, Span

Sink = Callable[[Finding], None]


@dataclass(slots=True)
class Validation:
    """What was looked at, and how many findings there are of each kind."""

    documents: Counter[str] = field(default_factory=Counter)
    entities: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    unrepaired: int = 0
    cut_tokens: int = 0
    """Entities that cut through a token, which is no fault."""
    skipped: Counter[str] = field(default_factory=Counter)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON shows it."""
        splits = {
            split: {"documents": count, "entities": self.entities[split]}
            for split, count in self.documents.items()
        }
        return {
            "splits": splits,
            "findings": dict(self.kinds),
            "unrepaired": self.unrepaired,
            "cut_tokens": self.cut_tokens,
            "skipped": dict(self.skipped),
        }


def validate(
    host: Host,
    wanted: str,
    sink: Sink,
    *,
    labels: LabelSet | None = None,
    leaks: bool = True,
    fix: Path | None = None,
    to: str | None = None,
) -> Validation:
    """Read the corpus to its end; each finding goes to `sink`.

    With `fix`, a repaired copy is written there by the writer `to`, or the one of the format it is
    in, and beside it `NAME.fixes.jsonl`, a line for each finding. Holds one document at a time,
    and some 150 bytes of each, with `leaks` 2.5 kilobytes.
    """
    done = Validation()
    if fix is None:
        _read(host, wanted, labels, _Checker(done, sink, leaks), None, None)
        return done
    writer = make_writer(host, to or _same_format(host, wanted))
    listing = fix.with_name(f"{fix.name}.fixes.jsonl")
    if listing.exists():
        raise UsageError("is there already", where=str(listing), hint="choose another name")
    with taking_place(listing) as lines, lines.open("w", encoding="utf-8") as stream:

        def note(finding: Finding) -> None:
            sink(finding)
            stream.write(json.dumps(finding_record(finding), ensure_ascii=False) + "\n")

        _read(host, wanted, labels, _Checker(done, note, leaks), writer, fix)
    return done


def finding_record(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON shows it."""
    return {
        "kind": finding.kind,
        "file": str(finding.place.path),
        "line": finding.place.line,
        "what": finding.what,
        "repair": finding.repair,
    }


def _same_format(host: Host, wanted: str) -> str:
    name, _, _ = find_name(host, "corpora", wanted, flag="CORPUS", built_in="sample")
    name = "jsonl" if name == "sample" else name
    if name not in host.offers("writers"):
        raise UsageError(f"{name} cannot be written", where="--fix", hint="choose with --to")
    return name


def _read(
    host: Host,
    wanted: str,
    labels: LabelSet | None,
    checker: _Checker,
    writer: Any,
    fix: Path | None,
) -> None:
    reader, path = open_reader(host, wanted, "CORPUS")
    findings = Findings(checker.note)
    source = reader.open(path, labels, findings)
    if writer is not None and fix is not None:
        writer.write(_checked(source, checker, findings), fix)
    else:
        for split, examples in source.splits.items():
            try:
                for _ in checker.check(split, examples, findings):
                    pass
            except CorpusError as error:  # what follows in the file cannot be read
                checker.stopped(error)
    checker.done.skipped = findings.skipped
    if not checker.done.documents.total() and not checker.done.kinds:
        raise CorpusError("the corpus is empty: no document in it", where=wanted)


@dataclass(frozen=True, slots=True)
class _Checked:
    split: str
    examples: Iterable[Example]
    checker: _Checker
    findings: Findings

    def __iter__(self) -> Iterator[Example]:
        return self.checker.check(self.split, self.examples, self.findings)


def _checked(source: Source, checker: _Checker, findings: Findings) -> Source:
    splits: dict[str, Iterable[Example]] = {
        split: _Checked(split, examples, checker, findings)
        for split, examples in source.splits.items()
    }
    return Source(source.name, source.labels, splits)


class _Checker:
    """Looks at each example for what no reader looks for, and drops exact duplicates."""

    def __init__(self, done: Validation, sink: Sink, leaks: bool) -> None:
        self.done = done
        self._sink = sink
        self._exact: dict[int, str] = {}
        self._copies: NearCopies[str] | None = NearCopies() if leaks else None

    def note(self, finding: Finding) -> None:
        self.done.kinds[finding.kind] += 1
        self.done.unrepaired += not finding.repair
        self._sink(finding)

    def stopped(self, error: CorpusError) -> None:
        path, _, line = error.where.rpartition(":")
        place = (
            Place(Path(path), int(line)) if path and line.isdigit() else Place(Path(error.where))
        )
        self.note(Finding("syntax", place, error.what, error.hint))

    def check(
        self, split: str, examples: Iterable[Example], findings: Findings
    ) -> Iterator[Example]:
        """Yield the examples of a split but for those that stand in it already."""
        self.done.documents[split] = self.done.entities[split] = 0
        for example in examples:
            place = findings.place or Place(Path(split))
            self._check_unicode(example, findings, place)
            if self._is_copy(split, example, findings, place):
                continue
            self.done.documents[split] += 1
            self.done.entities[split] += len(example.entities)
            self.done.cut_tokens += _cut_tokens(example)
            yield example

    def _check_unicode(self, example: Example, findings: Findings, place: Place) -> None:
        text = example.document.text
        if unicodedata.is_normalized("NFC", text):
            return
        composed = unicodedata.normalize("NFC", text)
        at = next((i for i, (a, b) in enumerate(zip(text, composed, strict=False)) if a != b), 0)
        shown = text[max(0, at - 10) : at + 10]
        findings.flaw("unicode", place, f"text that is not in NFC, the first at {at}: {shown!r}")

    def _is_copy(self, split: str, example: Example, findings: Findings, place: Place) -> bool:
        """Note a text that stands in another split, and one that stands twice in its own."""
        text = example.document.text
        if sum(char.isalnum() for char in text) < 40:
            return False
        if other := self._exact.get(hash((split, text, example.entities))):
            what = f"the same text and entities as {other}"
            return findings.flaw("duplicate", place, what, "left out")
        self._exact[hash((split, text, example.entities))] = str(place)
        near = self._copies.add(text, split, f"{split}, {place}") if self._copies else None
        if near:
            findings.flaw("leak", place, f"{split} repeats {near}")
        return False


def _cut_tokens(example: Example) -> int:
    """Count the entities an edge of which lies inside a token."""
    starts = {token.start for token in example.document.tokens}
    ends = {token.end for token in example.document.tokens}
    cut = 0
    for entity in example.entities:
        bare = [_bare(part, example.document.text) for part in entity.fragments]
        cut += any(part.start not in starts or part.end not in ends for part in bare)
    return cut


def _bare(span: Span, text: str) -> Span:
    words = text[span.start : span.end]
    if not words.strip():
        return span
    start = span.start + len(words) - len(words.lstrip())
    return Span(start, start + len(words.strip()))
