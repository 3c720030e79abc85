"""Reader `text`: plain text and Markdown, cut into passages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from nerharness.errors import CorpusError
from nerharness.knowledge.files import need_path, read_text
from nerharness.segment import split_sentences
from nerharness.types import Knowledge, Passage

SUFFIXES = (".txt", ".md", ".markdown")
SIZE = 700
"""Characters that a passage has at the most, unless one sentence has more."""
OVERLAP = 1
"""Sentences that a passage has in common with the one before it."""
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)


class TextReader:
    """One file, or all files of a folder and its folders, hidden ones left out.

    A passage is a run of whole sentences of one section; its title is the section's heading
    (Markdown) or the file's name, its id the path and a number.
    """

    def detect(self, path: Path, /) -> bool:
        """Tell by the suffix, or that there is such a file in the folder."""
        return next(_files(path), None) is not None

    def read(self, path: Path | None, /) -> Knowledge:
        """Read the files; `CorpusError` for one that is no UTF-8, or when there is no text."""
        path = need_path(path, "text")
        passages: list[Passage] = []
        for file in sorted(_files(path)):
            name = file.name if file == path else file.relative_to(path).as_posix()
            pieces = (
                piece for part in sections(read_text(file), file.stem) for piece in part.cut()
            )
            passages += (
                Passage(title, text, id=f"{name}#{number}", concept=False)
                for number, (title, text) in enumerate(pieces)
            )
        if not passages:
            raise CorpusError.at(path, None, f"no text in {', '.join(SUFFIXES)} files")
        return Knowledge(tuple(passages))


class Section(NamedTuple):
    """A heading and what stands under it."""

    title: str
    text: str

    def cut(self) -> Iterator[Section]:
        """Yield runs of sentences; each but the first begins with the last sentence before it."""
        spans = split_sentences(self.text)
        first = 0
        while first < len(spans):
            last = first
            while last + 1 < len(spans) and spans[last + 1].end - spans[first].start <= SIZE:
                last += 1
            piece = self.text[spans[first].start : spans[last].end]
            yield Section(self.title, " ".join(piece.split()))
            if last + 1 == len(spans):
                return
            first = max(last + 1 - OVERLAP, first + 1)


def sections(text: str, name: str) -> Iterator[Section]:
    """Yield the sections of a text in order; what stands before a heading is called `name`."""
    title, start = name, 0
    for heading in _HEADING.finditer(text):
        yield Section(title, text[start : heading.start()])
        title, start = heading[1], heading.end()
    yield Section(title, text[start:])


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        found = [path]
    else:
        found = [file for file in path.rglob("*") if file.is_file() and not _hidden(file, path)]
    return (file for file in found if file.suffix.casefold() in SUFFIXES)


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)
