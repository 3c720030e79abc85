"""Label sets: declared in a TOML file, or gathered from the annotation."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from nerharness.corpora.files import need_path, split_files
from nerharness.errors import CorpusError
from nerharness.findings import Findings, Place
from nerharness.plugin import CorpusReader
from nerharness.types import Corpus, Example, Label, LabelSet, Source

DECLARATION = "corpus.toml"


def read_labels(path: Path) -> LabelSet:
    """Read `[[labels]]` tables with `name` and `definition`; `CorpusError` when malformed."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        labels = tuple(_label(entry) for entry in table["labels"])
        if not labels:
            raise ValueError("it holds no label")
        return LabelSet(labels)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, ValueError) as error:
        raise CorpusError.at(path, None, f"no readable label set: {error}") from None
    except (KeyError, TypeError, AttributeError):
        raise CorpusError.at(
            path, None, "no [[labels]] tables with a name each", hint="see docs/corpora.md"
        ) from None


def _label(entry: dict[str, Any]) -> Label:
    name, definition = entry["name"], entry.get("definition", "")
    if not isinstance(name, str) or not isinstance(definition, str) or not name.strip():
        raise ValueError(f"name and definition must be texts, got {name!r}, {definition!r}")
    return Label(name, " ".join(definition.split()))


def declared_labels(path: Path, given: LabelSet | None) -> LabelSet | None:
    """Return the labels given, else those of a `corpus.toml` in or beside `path`, else `None`."""
    if given is not None:
        return given
    file = (path if path.is_dir() else path.parent) / DECLARATION
    return read_labels(file) if file.is_file() else None


def check_label(label: str, allowed: LabelSet | None, place: Place, findings: Findings) -> None:
    """Note a label outside a declared label set as a fault; the entity stays as it is."""
    if allowed is None or label in allowed:
        return
    near = difflib.get_close_matches(label, allowed.names, n=1)
    suggestion = f"did you mean {near[0]!r}? " if near else ""
    findings.fault(
        "label",
        place,
        f"label {label!r} is not in the label set",
        f"{suggestion}it has: {', '.join(allowed.names)}",
    )


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
