"""The `brat` reader: `.txt` files with stand-off `.ann` beside them.

Only text-bound annotations (`T` lines) become entities, fragments included; relations, events,
attributes, normalisations and notes are passed over. Subfolders named train, dev and test are the
splits; without them the folder is one split. Line ends count as the file has them.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from nerharness.corpora.files import need_path, numbered_lines, read_text, split_name
from nerharness.corpora.labels import assemble, check_label, declared_labels
from nerharness.errors import CorpusError
from nerharness.segment import segment
from nerharness.types import Corpus, Entity, Example, LabelSet, Span

_TEXT_BOUND = re.compile(r"T\S*\t(?P<label>\S+) (?P<offsets>\d+ \d+(?:;\d+ \d+)*)\t(?P<text>.*)")


class BratReader:
    """Reads a folder, its subfolders included."""

    def detect(self, path: Path, /) -> bool:
        """Tell whether there is an `.ann` file in the folder."""
        return path.is_dir() and next(path.rglob("*.ann"), None) is not None

    def read(self, path: Path | None, labels: LabelSet | None, /) -> Corpus:
        """Read every pair of files; `.txt` files without `.ann` are warned about."""
        path = need_path(path, "brat")
        if not path.is_dir():
            raise CorpusError.at(path, None, "brat corpora are folders", hint="give the folder")
        declared = declared_labels(path, labels)
        splits: dict[str, list[Example]] = {}
        for file in sorted(path.rglob("*.ann")):
            splits.setdefault(_split(path, file), []).append(_example(path, file, declared))
        if lonely := [file for file in path.rglob("*.txt") if not _annotation(file).exists()]:
            warnings.warn(
                f"{path}: {len(lonely)} .txt without .ann not read ({lonely[0].name} …)",
                stacklevel=2,
            )
        return assemble(path, {name: tuple(part) for name, part in splits.items()}, declared)


def _annotation(file: Path) -> Path:
    return file.with_suffix(".ann")


def _split(root: Path, file: Path) -> str:
    own = root.resolve().name  # "." has no name
    folders = [*file.relative_to(root).parts[:-1], own]
    return next((split for name in folders if (split := split_name(name))), own)


def _example(root: Path, file: Path, declared: LabelSet | None) -> Example:
    source = file.with_suffix(".txt")
    if not source.is_file():
        raise CorpusError.at(file, None, f"there is no {source.name} beside it")
    text = read_text(source)
    id = file.relative_to(root).with_suffix("").as_posix()
    entities = tuple(_entities(file, text, declared))
    return Example(segment(id, text), entities)


def _entities(file: Path, text: str, declared: LabelSet | None) -> Iterator[Entity]:
    for number, line in numbered_lines(file):
        if not line.startswith("T"):
            continue
        found = _TEXT_BOUND.fullmatch(line)
        if not found:
            raise CorpusError.at(
                file, number, "not a text-bound annotation", hint="ID<tab>LABEL START END<tab>TEXT"
            )
        check_label(found["label"], declared, file, number)
        try:
            fragments = [_span(pair) for pair in found["offsets"].split(";")]
            entity = Entity(found["label"], tuple(sorted(fragments)))
        except ValueError as error:
            raise CorpusError.at(file, number, str(error)) from None
        if entity.span.end > len(text):
            raise CorpusError.at(
                file,
                number,
                f"offsets {found['offsets']} lie outside the text of {len(text)} characters",
            )
        _check_surface(fragments, text, found["text"], file, number)
        yield entity


def _span(pair: str) -> Span:
    start, end = map(int, pair.split())
    return Span(start, end)


def _check_surface(
    fragments: Sequence[Span], text: str, claimed: str, file: Path, number: int
) -> None:
    """Compare in the order in which the fragments were annotated, which need not be the text's."""
    found = " ".join(text[part.start : part.end] for part in fragments)
    if found.split() != claimed.split():
        raise CorpusError.at(
            file,
            number,
            f"the text at these offsets is {found!r}, but the annotation says {claimed!r}",
            hint="are the offsets in characters, with the file's own line ends?",
        )
