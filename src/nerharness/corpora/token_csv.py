"""The `csv` reader and writer: a row per token, as the RareDis release in tokens has it.

`Token,Tag,Sentence_Num,Sentence_Num_Global,File` with a header; a document is the rows of one file
that stand together, a sentence those of one number in it; a row without a number belongs to the
sentence of the row above. Cells are parted as the header is: by commas, semicolons or tabs. The
text is the tokens joined by spaces, unless there are columns `Start` and `End`: then tokens stand
at their offsets, and spaces between.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, groupby
from pathlib import Path
from typing import NamedTuple

from nerharness.corpora.files import candidates, mixed_line_ends, numbered_lines
from nerharness.corpora.ids import Ids, first_at, written_id
from nerharness.corpora.labels import check_label
from nerharness.corpora.output import write_files
from nerharness.corpora.sources import open_files
from nerharness.corpora.tokenized import join, kept_tags, rows_of, tagged
from nerharness.errors import CorpusError
from nerharness.findings import Findings, Place
from nerharness.flatten import Policy
from nerharness.losses import Losses
from nerharness.tags import Scheme
from nerharness.types import Document, Entity, Example, LabelSet, Source, Span

_SUFFIXES = (".csv",)
_HEADER = ("Token", "Tag", "Sentence_Num", "Sentence_Num_Global", "File")
_ID = re.compile(r"[^\r]*")
"""What a cell holds: a carriage return would be read as a line end."""
_NAMES = {
    "token": ("token", "word"),
    "tag": ("tag",),
    "sentence": ("sentence_num", "sentence #", "sentence_num_global", "sentence"),
    "file": ("file", "file id"),
    "start": ("start",),
    "end": ("end",),
}


class _Row(NamedTuple):
    line: int
    token: str
    tag: str
    sentence: str
    file: str
    bounds: tuple[int, int] | None


class CsvReader:
    """Reads a file, or a folder with train, dev and test files."""

    def __init__(self, scheme: str = "IOB2") -> None:
        self._scheme: Scheme = scheme  # type: ignore[assignment]  # checked by the option's choices

    def detect(self, path: Path, /) -> bool:
        """Tell by a header with a token and a tag."""
        suffixes = _SUFFIXES if path.is_dir() else ("",)
        return any(_has_header(file) for file in candidates(path, suffixes))

    def open(self, path: Path | None, labels: LabelSet | None, findings: Findings, /) -> Source:
        """Open every split."""
        return open_files("csv", path, _SUFFIXES, labels, findings, self._examples)

    def _examples(
        self, file: Path, declared: LabelSet | None, findings: Findings
    ) -> Iterator[Example]:
        ids = Ids(findings)
        for name, rows in groupby(_rows(file, findings), key=lambda row: row.file):
            members = list(rows)
            place = Place(file, members[0].line)
            if first := ids.first(name, place):
                what = f"the rows of file {name!r} do not stand together{first_at(first)}"
                findings.fault("duplicate", place, what, repair="left out")
                continue
            findings.place = place
            scheme = self._scheme if findings.lenient else None
            yield _example(name, members, file, declared, findings, scheme)


def is_table(file: Path) -> bool:
    """Tell whether the file is a table by its name and its first line, whatever parts its cells."""
    return file.suffix in _SUFFIXES and _has_header(file)


def _has_header(file: Path) -> bool:
    """Tell whether the first line names a column of tokens and one of tags."""
    with file.open("rb") as stream:
        head = stream.readline(4096).decode("utf-8", errors="replace").lstrip("\ufeff")
    return _delimiter(head) is not None


def _delimiter(head: str) -> str | None:
    """Return what parts the cells of a header; `None` if the line is no header."""
    with suppress(csv.Error):
        for delimiter in ",;\t":
            cells = next(csv.reader([head], delimiter=delimiter), [])
            if {"token", "tag"} <= set(_columns(cells)):
                return delimiter
    return None


def _columns(cells: Sequence[str]) -> dict[str, int]:
    """Return the places of the columns that a header names."""
    names = [cell.strip().casefold() for cell in cells]
    return {
        kind: names.index(name)
        for kind, known in _NAMES.items()
        for name in reversed(known)
        if name in names
    }


def _rows(file: Path, findings: Findings) -> Iterator[_Row]:
    columns: dict[str, int] = {}
    above: dict[str, str] = {}
    for line, cells in _cells(file):
        if not columns:
            columns = _columns(cells)
            if not {"token", "tag"} <= set(columns):
                hint = f"the first line must be {','.join(_HEADER)}"
                raise CorpusError.at(file, line, "no header with Token and Tag", hint=hint)
        elif got := _named(cells, columns, Place(file, line), findings):
            if not got.get("sentence", "").strip() and got.get("file") == above.get("file"):
                got["sentence"] = above.get("sentence", "")
            above = got
            if row := _row(got, Place(file, line), findings):
                yield row


def _cells(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not empty, with the line where it begins."""
    texts = (f"{line}\n" for _, line in numbered_lines(file))
    head = next(texts, "")
    lines = csv.reader(chain([head], texts), delimiter=_delimiter(head) or ",", strict=True)
    last = 0
    while True:
        line = last + 1
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            if "new-line" in str(error):
                raise mixed_line_ends(file, line) from None
            raise CorpusError.at(file, line, f"not CSV: {error}") from None
        last = lines.line_num
        if any(cells):
            yield line, cells


def _named(
    cells: list[str], columns: dict[str, int], place: Place, findings: Findings
) -> dict[str, str] | None:
    """Return the cells by what they hold, or `None` where the row is too short."""
    if len(cells) <= max(columns.values()):
        what = f"{len(cells)} columns, expected {max(columns.values()) + 1}"
        findings.fault("syntax", place, what, repair="left out")
        return None
    return {kind: cells[column] for kind, column in columns.items()}


def _row(got: dict[str, str], place: Place, findings: Findings) -> _Row | None:
    token, tag = got["token"].strip(" \t\r\n"), got["tag"].strip()
    if not token.strip():
        findings.skipped["tokens of white space"] += 1
        return None
    if tag != "O" and (tag[:2] not in {f"{prefix}-" for prefix in "BIESLU"} or not tag[2:].strip()):
        hint = "a tag is O or a prefix (B, I, E, S, L, U), a hyphen and a label"
        findings.fault("tag", place, f"{tag!r} is not a tag", hint, "tagged O")
        tag = "O"
    bounds = _bounds(got, token, place, findings) if {"start", "end"} <= set(got) else None
    name = got.get("file", place.path.stem)
    return _Row(place.line or 0, token, tag, got.get("sentence", ""), name, bounds)


def _bounds(
    got: dict[str, str], token: str, place: Place, findings: Findings
) -> tuple[int, int] | None:
    try:
        start, end = int(got["start"]), int(got["end"])
    except ValueError:
        start, end = 0, -1
    if start >= 0 and end - start == len(token) and end < 1 << 40:
        return start, end
    what = f"token {token!r} cannot stand at {got['start']} {got['end']}"
    findings.fault("offsets", place, what, repair="tokens joined by spaces")
    return None


def _example(
    id: str,
    rows: list[_Row],
    file: Path,
    declared: LabelSet | None,
    findings: Findings,
    scheme: Scheme | None,
) -> Example:
    sentences = [list(members) for _, members in groupby(rows, key=lambda row: row.sentence)]
    document = _document(id, rows, sentences, file, findings)
    entities: list[Entity] = []
    first = 0
    for members in sentences:
        tokens = document.tokens[first : first + len(members)]
        places = [Place(file, row.line) for row in members]
        for entity in tagged([row.tag for row in members], tokens, places, findings, scheme):
            check_label(entity.label, declared, places[0], findings)
            entities.append(entity)
        first += len(members)
    tags = kept_tags((row.tag for row in members) for members in sentences)
    return Example(document, tuple(entities), tags=tags)


def _document(
    id: str, rows: list[_Row], sentences: list[list[_Row]], file: Path, findings: Findings
) -> Document:
    bounds = [row.bounds for row in rows if row.bounds]
    if len(bounds) < len(rows):
        return join(id, [[row.token for row in members] for members in sentences], " ")
    parts: list[str] = []
    size = 0
    for row, (start, end) in zip(rows, bounds, strict=True):
        if start < size or start > size + (1 << 20):
            what = f"token {row.token!r} at {start} {end} does not follow the one before"
            findings.fault("offsets", Place(file, row.line), what, repair="joined by spaces")
            return join(id, [[row.token for row in members] for members in sentences], " ")
        parts += [" " * (start - size), row.token]
        size = end
    tokens = tuple(Span(*pair) for pair in bounds)
    ends: list[Span] = []
    first = 0
    for members in sentences:
        ends.append(Span(tokens[first].start, tokens[first + len(members) - 1].end))
        first += len(members)
    return Document(id, "".join(parts), tokens, tuple(ends))


class CsvWriter:
    """Writes flat entities; text as tokens joined by spaces."""

    def __init__(self, scheme: Scheme = "IOB2", policy: str = "longest") -> None:
        self._scheme = scheme
        self._policy = Policy.parse(policy)

    def write(self, source: Source, path: Path, /) -> Losses:
        """Write a file for each split."""
        return write_files(source, path, ".csv", self._write)

    def _write(self, file: Path, examples: Iterable[Example]) -> Losses:
        losses: Losses = Counter()
        total = 0
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(_HEADER)
            for example in examples:
                id = written_id(example.document.id, _ID)
                sentences, lost = rows_of(example, self._policy, self._scheme, " ")
                losses += lost if sentences else Counter({"documents": 1})
                for number, rows in enumerate(sentences, start=1):
                    total += 1
                    writer.writerows((row.token, row.tag, number, total, id) for row in rows)
        return losses
