"""Corpora that are read while they are gone through, and those that are read whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from nerharness.corpora.files import need_path, split_files
from nerharness.corpora.labels import declared_labels
from nerharness.errors import CorpusError
from nerharness.findings import Findings
from nerharness.plugin import CorpusReader
from nerharness.types import Corpus, Example, Label, LabelSet, Source


@dataclass(frozen=True, slots=True)
class Stream:
    """Examples that are read anew each time they are gone through."""

    start: Callable[[], Iterator[Example]]

    def __iter__(self) -> Iterator[Example]:
        return self.start()


def source_of(
    path: Path, labels: LabelSet | None, starts: Mapping[str, Callable[[], Iterator[Example]]]
) -> Source:
    """Return the source that is named by its path and reads each split when it is gone through."""
    name = path.stem if path.is_file() else path.resolve().name
    return Source(name, labels, {split: Stream(start) for split, start in starts.items()})


Read = Callable[[Path, LabelSet | None, Findings], Iterator[Example]]
"""Reads one file; its labels are declared, or `None`."""


def open_files(
    reader: str,
    path: Path | None,
    suffixes: Sequence[str],
    labels: LabelSet | None,
    findings: Findings,
    read: Read,
) -> Source:
    """Return the source of a corpus with a file for each split, which `read` reads.

    Raises `UsageError` without a path, and `CorpusError` as of `split_files`.
    """
    path = need_path(path, reader)
    declared = declared_labels(path, labels)
    files = split_files(path, suffixes)
    starts = {split: partial(read, file, declared, findings) for split, file in files.items()}
    return source_of(path, declared, starts)


def read_corpus(reader: CorpusReader, path: Path | None, labels: LabelSet | None) -> Corpus:
    """Read a whole corpus; undeclared labels are gathered from the entities, sorted by name.

    Raises `CorpusError` for a corpus that is malformed or has no document.
    """
    source = reader.open(path, labels, Findings())
    splits = {split: tuple(examples) for split, examples in source.splits.items()}
    where = path or Path(source.name)
    if not any(splits.values()):
        raise CorpusError.at(where, None, "the corpus is empty: no document in it")
    try:
        found = source.labels or LabelSet(tuple(map(Label, _labels_in(splits.values()))))
    except ValueError as error:
        raise CorpusError.at(where, None, str(error)) from None
    return Corpus(source.name, found, splits)


def _labels_in(splits: Iterable[tuple[Example, ...]]) -> list[str]:
    return sorted({e.label for split in splits for example in split for e in example.entities})
