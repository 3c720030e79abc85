"""Checking a reader of corpora."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nerharness.errors import CorpusError, UsageError
from nerharness.findings import Finding, Findings
from nerharness.plugin import CorpusReader
from nerharness.testing.files import check_damage, check_detection
from nerharness.testing.rules import require, shown, verify
from nerharness.types import Example, Label, LabelSet, Source


@dataclass(frozen=True)
class _Subject:
    reader: CorpusReader
    path: Path

    def read(self, labels: LabelSet | None = None) -> dict[str, list[Example]]:
        return read_all(self.reader.open(self.path, labels, Findings()))

    def used(self) -> list[str]:
        examples = (example for split in self.read().values() for example in split)
        return sorted({entity.label for one in examples for entity in one.entities})


def read_all(source: Source) -> dict[str, list[Example]]:
    """Return the examples of each split, gone through once."""
    return {split: list(examples) for split, examples in source.splits.items()}


def check_reader(reader: CorpusReader, path: Path) -> None:
    """Raise `AssertionError` unless the reader keeps the contract of `CorpusReader`.

    `path` is a small corpus in its format, a file or a folder, with at least one entity.
    """
    verify(reader, "CorpusReader", _RULES, _Subject(reader, path))


def _detects(subject: _Subject) -> None:
    """`detect` knows its own format, and says so of nothing else."""
    check_detection(subject.reader.detect, subject.path)


def _reads_examples(subject: _Subject) -> None:
    """A corpus is opened as a `Source` of examples, with entities inside of sound documents."""
    source = subject.reader.open(subject.path, None, Findings())
    require(isinstance(source, Source), f"open() returned {shown(source)}, no Source")
    require(isinstance(source.splits, Mapping) and source.splits, "a corpus has at least one split")
    for split, examples in read_all(source).items():
        require(isinstance(split, str) and split, f"a split's name is {shown(split)}")
        for example in examples:
            require(isinstance(example, Example), f"{shown(example)} is no Example")
            document = example.document
            require(
                document.id and (document.tokens or not document.text.strip()),
                f"a document has an id and tokens: {shown(document)}",
            )
        ids = [example.document.id for example in examples]
        require(len(set(ids)) == len(ids), f"an id stands twice in {split!r}: {shown(ids)}")
    require(subject.used(), f"{subject.path} has no entity: try the reader on a corpus with some")


def _reads_again(subject: _Subject) -> None:
    """Each split can be gone through again, and has the same examples."""
    source = subject.reader.open(subject.path, None, Findings())
    require(
        read_all(source) == read_all(source),
        "give splits that can be iterated over again, not generators",
    )


def _holds_to_labels(subject: _Subject) -> None:
    """With `labels` given, a corpus that uses another is a `CorpusError`."""
    used = subject.used()
    given = LabelSet(tuple(Label(name) for name in used))
    require(subject.read(given) == subject.read(), "the labels that it uses change nothing")
    try:
        subject.read(LabelSet((Label("no such label"),)))
    except CorpusError:
        return
    raise AssertionError(f"labels {used} were read though only 'no such label' was allowed")


def _needs_a_path(subject: _Subject) -> None:
    """Without a path, a corpus that is not built in is a `UsageError`."""
    try:
        read_all(subject.reader.open(None, None, Findings()))
    except UsageError:
        return
    raise AssertionError("raise UsageError for the path None")


def _refuses_damage(subject: _Subject) -> None:
    """A damaged file is read or is a `CorpusError` with its place; nothing else is raised."""
    check_damage(lambda path: read_all(subject.reader.open(path, None, Findings())), subject.path)


def _pass(finding: Finding) -> None:
    """Take note of nothing."""


def _goes_on_after_findings(subject: _Subject) -> None:
    """With lenient findings what is wrong is told, and reading goes on or ends as `CorpusError`."""

    def read(path: Path) -> None:
        read_all(subject.reader.open(path, None, Findings(_pass)))

    check_damage(read, subject.path)


_RULES = (
    _detects,
    _reads_examples,
    _reads_again,
    _holds_to_labels,
    _needs_a_path,
    _refuses_damage,
    _goes_on_after_findings,
)
