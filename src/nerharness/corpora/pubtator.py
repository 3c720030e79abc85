"""The `pubtator` reader and writer: `ID|t|title`, `ID|a|abstract`, then a line per annotation.

The text is title, line end, abstract; offsets run over it. An annotation is
`ID<tab>START<tab>END<tab>MENTION<tab>TYPE`, then maybe identifiers, which become a note on it.
Relations (`ID<tab>CID<tab>…`) are passed over and counted. A blank line ends a document. The second
document of one id gets the id with `-2`, and so on.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from nerharness.corpora.annotation import Annotator, Claim
from nerharness.corpora.files import (
    candidates,
    check_regular,
    need_path,
    numbered_lines,
    split_files,
)
from nerharness.corpora.ids import Ids, written_id
from nerharness.corpora.labels import declared_labels
from nerharness.corpora.output import write_files
from nerharness.corpora.sources import source_of
from nerharness.corpora.spelling import Spelling
from nerharness.findings import Findings, Place
from nerharness.losses import Losses, lost
from nerharness.segment import segment
from nerharness.types import Entity, Example, LabelSet, Note, Source

_SUFFIXES = (".pubtator", ".txt")
_TEXT = re.compile(r"([^|\t]+)\|([ta])\|(.*)")
_ID = re.compile(r"(?!\ufeff)[^|\t\r\n]+")
_OFFSET = re.compile(r"-?\d{1,18}")
IDENTIFIER = "identifier"


class PubtatorReader:
    """Reads a file, or a folder with train, dev and test files, in subfolders of that name too."""

    def detect(self, path: Path, /) -> bool:
        """Tell by a first line that is a title."""
        return any(_starts_title(file) for file in _files(path))

    def open(self, path: Path | None, labels: LabelSet | None, findings: Findings, /) -> Source:
        """Open every split."""
        path = need_path(path, "pubtator")
        declared = declared_labels(path, labels)
        nested = path.is_dir() and not candidates(path, _SUFFIXES)
        files = [file for file in _files(path) if _starts_title(file)] if nested else None
        splits = split_files(path, _SUFFIXES, files)
        starts = {s: partial(_examples, file, declared, findings) for s, file in splits.items()}
        return source_of(path, declared, starts)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    own = candidates(path, _SUFFIXES)
    inner = (file for folder in sorted(path.iterdir()) if folder.is_dir() for file in [folder])
    return own or [file for folder in inner for file in candidates(folder, _SUFFIXES)]


def _starts_title(file: Path) -> bool:
    with file.open("rb") as stream:
        head = stream.read(4096).decode("utf-8", errors="replace").lstrip("\ufeff\r\n")
    return _is_title(head)


def _is_title(line: str) -> bool:
    found = _TEXT.match(line)
    return found is not None and found[2] == "t"


Line = tuple[int, str]


def _examples(file: Path, declared: LabelSet | None, findings: Findings) -> Iterator[Example]:
    ids = Ids(findings)
    for lines in _blocks(file, findings):
        findings.place = Place(file, lines[0][0])
        if example := _example(file, lines, declared, findings, ids):
            yield example


def _blocks(file: Path, findings: Findings) -> Iterator[list[Line]]:
    lines: list[Line] = []
    for number, line in numbered_lines(file):
        check_regular(line, file, number)
        blank = not line.strip()
        if lines and (blank or _is_title(line)):
            yield lines
            lines = []
            if not blank:
                what = "a title, but no blank line before it"
                findings.fault("syntax", Place(file, number), what, repair="read as a document")
        if not blank:
            lines.append((number, line))
    if lines:
        yield lines


def _example(
    file: Path,
    lines: list[Line],
    declared: LabelSet | None,
    findings: Findings,
    ids: Ids,
) -> Example | None:
    place = Place(file, lines[0][0])
    texts = [found for _, line in lines[:2] if (found := _TEXT.fullmatch(line))]
    if [found[2] for found in texts] not in (["t"], ["t", "a"]) or len({f[1] for f in texts}) > 1:
        hint = "a document begins with ID|t|title and ID|a|abstract"
        findings.fault("syntax", place, "no title", hint, "left out")
        return None
    id = texts[0][1]
    text = "\n".join(found[3] for found in texts)
    unique = ids.unique(id, place)
    lines = lines[len(texts) :]
    claims = (claim for _, line in lines if (claim := _claim(line.split("\t"), id)))
    annotator = Annotator(text, declared, findings).beside(claims)
    entities, notes = _annotations(file, lines, id, annotator)
    return Example(segment(unique, text), tuple(entities), tuple(notes))


def _annotations(
    file: Path, lines: list[Line], id: str, annotator: Annotator
) -> tuple[list[Entity], list[Note]]:
    entities: list[Entity] = []
    notes: list[Note] = []
    for number, line in lines:
        place = Place(file, number)
        cells = line.split("\t")
        if cells[0] == id and len(cells) >= 4 and not _OFFSET.fullmatch(cells[1]):
            annotator.findings.skipped["relations"] += 1
            continue
        if not (claim := _claim(cells, id)):
            hint = f"expected {id}<tab>START<tab>END<tab>MENTION<tab>TYPE; a blank line ends it"
            annotator.findings.fault("syntax", place, "not an annotation", hint, "left out")
            continue
        if entity := annotator.entity(place, *claim):
            if rest := "\t".join(cells[5:]).rstrip("\t"):
                notes.append(Note(IDENTIFIER, rest, len(entities)))
            entities.append(entity)
    return entities, notes


def _claim(cells: list[str], id: str) -> Claim | None:
    good = len(cells) >= 5 and cells[0] == id and cells[4]
    if not good or not all(_OFFSET.fullmatch(cell) for cell in cells[1:3]):
        return None
    return Claim(cells[4], [(int(cells[1]), int(cells[2]))], cells[3])


class PubtatorWriter:
    """Writes the first line of a text as the title and the rest as the abstract."""

    def write(self, source: Source, path: Path, /) -> Losses:
        """Write a file for each split."""
        spelling = Spelling(lambda label: re.sub(r"[\t\r\n]", " ", label))
        return write_files(source, path, ".pubtator", partial(_write, spelling))


def _write(spelling: Spelling, file: Path, examples: Iterable[Example]) -> Losses:
    losses: Losses = Counter()
    with file.open("w", encoding="utf-8", newline="\n") as stream:
        for example in examples:
            id = written_id(example.document.id, _ID)
            parts = _parts(example.document.text)
            losses += _lost(example, id, "\n".join(parts))
            stream.writelines(
                f"{id}|{kind}|{part}\n" for kind, part in zip("ta", parts, strict=False)
            )
            entities, others = spelling.spelled(example.entities)
            losses["labels"] += others
            stream.writelines(_lines(replace(example, entities=entities), id))
            stream.write("\n")
    return +losses


def _parts(text: str) -> list[str]:
    """Return title and, if there is one, abstract; other line ends become spaces: offsets stay."""
    return [re.sub(r"[\r\n]", " ", part) for part in text.split("\n", maxsplit=1)]


def _lines(example: Example, id: str) -> Iterator[str]:
    said = _identifiers(example.notes)
    for number, entity in enumerate(example.entities):
        part = entity.fragments[0]
        words = re.sub(r"[\t\r\n]", " ", example.document.text[part.start : part.end])
        identifier = f"\t{_one_line(said[number])}" if number in said else ""
        yield f"{id}\t{part.start}\t{part.end}\t{words}\t{entity.label}{identifier}\n"


def _identifiers(notes: Iterable[Note]) -> dict[int, str]:
    """Return the first identifier of each entity with something in it that a line can hold."""
    said: dict[int, str] = {}
    for note in notes:
        if note.kind == IDENTIFIER and note.entity is not None and _one_line(note.text):
            said.setdefault(note.entity, note.text)
    return said


def _one_line(identifier: str) -> str:
    """Return the identifier as it is read back: without line ends, and tabs behind it."""
    return re.sub(r"[\r\n]", " ", identifier).rstrip("\t")


def _lost(example: Example, id: str, text: str) -> Losses:
    losses = lost(example, segment(id, text), notes=True)
    losses["discontinuous"] += sum(len(entity.fragments) > 1 for entity in example.entities)
    said = _identifiers(example.notes)
    losses["notes"] += len(example.notes) - len(said)
    losses["note texts"] += sum(text != _one_line(text) for text in said.values())
    return +losses
