"""Corpora that are read while they are gone through, and those that are read whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

from nerharness.corpora.files import need_path, split_files
from nerharness.corpora.labels import declared_labels
from nerharness.errors import CorpusError
from nerharness.findings import Findings
from nerharness.plugin import CorpusReader
from nerharness.tags import blank
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
    """Read a whole corpus; errors as of `read_parts`.

    `labels` are those declared otherwise than in a `corpus.toml`.
    """
    source = reader.open(path, labels, Findings())
    return read_parts(source, path or Path(source.name), dict.fromkeys(source.splits))


def read_parts(source: Source, where: Path, parts: Mapping[str, int | None]) -> Corpus:
    """Read the first examples of the splits that `parts` names, as many as it says, `None` for all.

    Labels that are not declared are those that occur in any split, sorted by name: to find them all
    splits are gone through to their end, none of them held for it. Where labels are declared,
    nothing is read but what was asked for, and entities with a label that these leave out are not
    taken. Raises `CorpusError` for what is malformed, and where no split has a document.
    """
    occurring: set[str] = set()
    splits: dict[str, tuple[Example, ...]] = {}
    for split, examples in source.splits.items():
        stream = asked_for(examples, source.labels)
        if split in parts:
            splits[split] = tuple(islice(stream, parts[split]))
        if source.labels is None:
            rest = chain(splits.get(split, ()), stream)
            occurring.update(entity.label for example in rest for entity in example.entities)
    if not any(splits.values()) and set(source.splits) <= set(parts):
        raise without_documents(str(where))
    try:
        labels = source.labels or LabelSet(tuple(map(Label, sorted(occurring))))
    except ValueError as error:
        raise CorpusError.at(where, None, str(error)) from None
    return Corpus(source.name, labels, splits)


def without_documents(where: str) -> CorpusError:
    """Build the error for a corpus that holds nothing."""
    return CorpusError(
        "the corpus is empty: no document in it",
        where=where,
        hint="give another path, or the reader that finds them: PATH:READER",
    )


def asked_for(examples: Iterable[Example], labels: LabelSet | None) -> Iterator[Example]:
    """Yield the examples without the entities whose labels are left out."""
    left_out = labels.left_out if labels else ()
    for example in examples:
        kept = tuple(entity for entity in example.entities if entity.label not in left_out)
        if len(kept) == len(example.entities):
            yield example
        else:
            tags = example.tags and tuple(blank(row, left_out) for row in example.tags)
            yield replace(example, entities=kept, tags=tags)
