"""Checking a reader of knowledge."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nerharness.errors import UsageError
from nerharness.plugin import KnowledgeReader
from nerharness.testing.files import check_damage, check_detection
from nerharness.testing.rules import require, shown, verify
from nerharness.types import Knowledge, Passage


@dataclass(frozen=True)
class _Subject:
    reader: KnowledgeReader
    path: Path


def check_knowledge(reader: KnowledgeReader, path: Path) -> None:
    """Raise `AssertionError` unless the reader keeps the contract of `KnowledgeReader`.

    `path` is a small file or folder in its format.
    """
    verify(reader, "KnowledgeReader", _RULES, _Subject(reader, path))


def _detects(subject: _Subject) -> None:
    """`detect` knows its own format, and says so of nothing else."""
    check_detection(subject.reader.detect, subject.path)


def _reads_passages(subject: _Subject) -> None:
    """There is at least one passage, each with a title or a text, and the same again."""
    knowledge = subject.reader.read(subject.path)
    require(isinstance(knowledge, Knowledge), f"read() returned {shown(knowledge)}, no Knowledge")
    require(knowledge.passages, "there is at least one passage; for none raise CorpusError")
    for passage in knowledge.passages:
        require(
            isinstance(passage, Passage) and (passage.title or passage.text).strip(),
            f"{shown(passage)} says nothing",
        )
    require(
        all(type(count) is int and count > 0 for count in knowledge.skipped.values()),
        f"`skipped` counts what was left out: {shown(knowledge.skipped)}",
    )
    require(subject.reader.read(subject.path) == knowledge, "the same file is read the same again")


def _needs_a_path(subject: _Subject) -> None:
    """Without a path, knowledge that is not built in is a `UsageError`."""
    try:
        subject.reader.read(None)
    except UsageError:
        return
    raise AssertionError("raise UsageError for the path None")


def _refuses_damage(subject: _Subject) -> None:
    """A damaged file is read or is a `CorpusError` with its place; nothing else is raised."""
    check_damage(subject.reader.read, subject.path)


_RULES = (_detects, _reads_passages, _needs_a_path, _refuses_damage)
