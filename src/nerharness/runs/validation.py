"""What is wrong with a corpus, found in one pass, and a repaired copy of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nerharness.corpora.labels import read_labels
from nerharness.corpora.mark import mark_copy
from nerharness.corpora.output import taking_place
from nerharness.corpora.sources import without_documents
from nerharness.errors import CorpusError, UsageError
from nerharness.findings import Finding, Findings
from nerharness.plugin.host import Host
from nerharness.runs.checker import Checker, Sink, Validation
from nerharness.runs.conversion import make_writer
from nerharness.runs.corpus import open_reader
from nerharness.runs.protection import is_any_marked
from nerharness.runs.reading import find_name
from nerharness.runs.units import UnitKind, check_unit
from nerharness.types import Example, Source
from nerharness.whole_files import PRIVATE


def validate(
    host: Host,
    wanted: str,
    sink: Sink,
    *,
    labels: Path | None = None,
    leaks: bool = True,
    unit: UnitKind = "sentence",
    fix: Path | None = None,
    to: str | None = None,
) -> Validation:
    """Read the corpus to its end; each finding goes to `sink`. What a `unit` cuts is counted.

    With `fix`, a repaired copy is written there by the writer `to`, or the one of the format it is
    in, and beside it `NAME.fixes.jsonl`, a line for each finding; the copy of a protected corpus is
    protected. `labels` is a file that declares them. Holds one document at a time, and some 300
    bytes of each; with `leaks`, half a kilobyte more of each until the last split.
    """
    check_unit(unit)
    done = Validation(unit=unit)
    if fix is None:
        _read(host, wanted, labels, Checker(done, sink, leaks))
        return done
    writer = make_writer(host, to or _same_format(host, wanted))
    listing = fix.with_name(f"{fix.name}.fixes.jsonl")
    if listing.exists():
        raise UsageError("is there already", where=str(listing), hint="choose another name")
    with (
        taking_place(listing) as lines,
        taking_place(fix) as copy,
        lines.open("w", encoding="utf-8") as stream,
    ):

        def note(finding: Finding) -> None:
            sink(finding)
            stream.write(json.dumps(finding_record(finding), ensure_ascii=False) + "\n")

        checker = Checker(done, note, leaks)
        _read(host, wanted, labels, checker, lambda checked: writer.write(checked, copy))
        if is_any_marked([wanted], labels, host):
            mark_copy(copy, fix)
            lines.chmod(PRIVATE)
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
    labels: Path | None,
    checker: Checker,
    write: Callable[[Source], Any] | None = None,
) -> None:
    reader, path = open_reader(host, wanted, "CORPUS")
    findings = Findings(checker.note)
    source = reader.open(path, read_labels(labels) if labels else None, findings)
    checker.expect(source.splits)
    if write is not None:
        write(_checked(source, checker, findings))
    else:
        for split, examples in source.splits.items():
            try:
                for _ in checker.check(split, examples, findings):
                    pass
            except CorpusError as error:  # what follows in the file cannot be read
                checker.stopped(error)
    checker.done.skipped = findings.skipped
    if not checker.done.documents.total() and not checker.done.kinds:
        raise without_documents(wanted)


@dataclass(frozen=True, slots=True)
class _Checked:
    split: str
    examples: Iterable[Example]
    checker: Checker
    findings: Findings

    def __iter__(self) -> Iterator[Example]:
        return self.checker.check(self.split, self.examples, self.findings)


def _checked(source: Source, checker: Checker, findings: Findings) -> Source:
    splits: dict[str, Iterable[Example]] = {
        split: _Checked(split, examples, checker, findings)
        for split, examples in source.splits.items()
    }
    return Source(source.name, source.labels, splits)
