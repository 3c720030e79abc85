"""The `conll` reader and writer: a token and its tag per line, a blank line after each sentence.

Columns are parted by tabs, or by spaces where a line has no tab. With `-DOCSTART-` or
`# newdoc id = …` lines a document is what stands between two of them, otherwise each sentence is
one, named by `# id = …` if that stands before it. Another line that begins with `#` is a token if
it has a tab, or a tag and as many columns as the row before it (two, before the first), and else a
comment. The text is the tokens joined by spaces, and sentences by line ends. Tags are decoded
leniently whatever the scheme.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from nerharness.corpora.columns import Layout, columns, filled, header
from nerharness.corpora.files import (
    candidates,
    check_regular,
    numbered_lines,
)
from nerharness.corpora.ids import Ids, written_id
from nerharness.corpora.labels import check_label
from nerharness.corpora.output import write_files
from nerharness.corpora.schemes import detect_scheme
from nerharness.corpora.sources import open_files
from nerharness.corpora.token_csv import is_table
from nerharness.corpora.tokenized import Row, join, kept_tags, rows_of, tagged
from nerharness.errors import CorpusError
from nerharness.findings import Findings, Place
from nerharness.flatten import Policy
from nerharness.losses import Losses
from nerharness.tags import Scheme
from nerharness.types import Entity, Example, LabelSet, Source

_OWN_SUFFIXES = (".conll", ".bio", ".iob", ".iob2", ".bioes")
_SUFFIXES = (*_OWN_SUFFIXES, ".tsv", ".annotated", ".txt")
_TAG = re.compile(r"O|[BIESLU]-\S.*")
_DOCSTART = "-DOCSTART-"
_ID = re.compile(r"\S([^\r\n]*\S)?")
"""What a comment holds: no line end, and no white space at its edges."""
_KEY = re.compile(r"#\s*(newdoc id|newdoc|id|sent_id|text|global\.columns)\s*(?:=\s*(.*))?")

SchemeChoice = Literal["auto", "IOB1", "IOB2", "IOE1", "IOE2", "BIOES", "IOBES", "BILOU"]


class ConllReader:
    """Reads a file, or a folder with train, dev and test files.

    `columns` names what stands in each column: `token`, `tag`, and `_` for what is passed over; by
    default a header line says it, or the token is first and the tag last. With a `scheme` every tag
    that it would not write is a fault.
    """

    def __init__(self, columns: str = "", scheme: SchemeChoice = "auto") -> None:
        self._layout = Layout.parse(columns) if columns else None
        self._scheme = scheme

    def detect(self, path: Path, /) -> bool:
        """Tell by the suffix, or by first lines most of which end in a tag; not of a table's."""
        suffixes = _SUFFIXES if path.is_dir() else ("",)
        files = [file for file in candidates(path, suffixes) if not is_table(file)]
        return any(file.suffix in _OWN_SUFFIXES or _looks_tagged(file) for file in files)

    def open(self, path: Path | None, labels: LabelSet | None, findings: Findings, /) -> Source:
        """Open every split; see the module for what a document is."""
        return open_files("conll", path, _SUFFIXES, labels, findings, self._examples)

    def _examples(
        self, file: Path, declared: LabelSet | None, findings: Findings
    ) -> Iterator[Example]:
        width = cache(lambda: len(str(_count(file))))
        scheme = self._checked_scheme(file, findings)
        ids = Ids(findings)
        for number, document in enumerate(_documents(file, self._layout, findings), start=1):
            id = document.id or f"{file.stem}-{number:0{width()}}"
            place = Place(file, document.line)
            if ids.is_new(id, place):
                findings.place = place
                yield _example(id, document, file, declared, findings, scheme)

    def _checked_scheme(self, file: Path, findings: Findings) -> Scheme | None:
        """Return the scheme to hold the tags to: the one given, or in a lenient reading theirs."""
        if self._scheme != "auto":
            return self._scheme
        if not findings.lenient:
            return None
        quiet = Findings(lambda _: None)
        documents = _documents(file, self._layout, quiet)
        return detect_scheme([row.tag for row in s] for d in documents for s in d.sentences)


class _TaggedRow(NamedTuple):
    line: int
    token: str
    tag: str


@dataclass(slots=True)
class _Document:
    id: str | None
    line: int
    sentences: list[list[_TaggedRow]] = field(default_factory=list)


def _looks_tagged(file: Path) -> bool:
    with file.open("rb") as stream:
        head = stream.read(4096).decode("utf-8", errors="replace").splitlines()[:50]
    rows = [filled(cells) for line in head if (cells := columns(line))]
    tagged = [row for row in rows if len(row) > 1 and _TAG.fullmatch(row[-1])]
    return len(tagged) * 2 >= len(rows) > 0


def _count(file: Path) -> int:
    """Count the documents, as far as that can be told from how lines begin."""
    marks = blocks = 0
    open_block = False
    for _, line in numbered_lines(file):
        if line.startswith((_DOCSTART, "# newdoc")):
            marks += 1
        blank = not line.strip()
        blocks += open_block and blank
        open_block = not blank
    return marks or blocks + open_block


def _documents(file: Path, layout: Layout | None, findings: Findings) -> Iterator[_Document]:
    """Yield the documents as they are read."""
    whole = False
    document: _Document | None = None
    for event in _events(file, layout, findings):
        if isinstance(event, _Mark):
            if document and (document.sentences or document.id):
                yield document
            whole = whole or event.whole
            document = _Document(event.id, event.line)
            continue
        document = document or _Document(None, event[0].line)
        document.sentences.append(event)
        if not whole:
            yield document
            document = None
    if document and (document.sentences or (whole and document.id)):
        yield document


class _Mark(NamedTuple):
    """A line that begins a document: a whole one, or the sentence that comes next."""

    line: int
    id: str | None
    whole: bool


def _events(
    file: Path, layout: Layout | None, findings: Findings
) -> Iterator[_Mark | list[_TaggedRow]]:
    rows: list[_TaggedRow] = []
    whole = started = False
    shape = layout or Layout()
    width = shape.width
    for number, line in numbered_lines(file):
        check_regular(line, file, number)
        cells = columns(line)
        mark = _mark(number, line, cells) if cells else None
        if rows and (not cells or mark):
            yield rows
            rows = []
        if mark:
            whole = whole or mark.whole
            if mark.whole or (mark.id and not whole):
                yield mark
        elif cells and not _is_comment(line, cells, shape, width):
            if not started and layout is None and (found := header(cells, _TAG)):
                started, shape, width = True, found, found.width
                continue
            started = True
            if row := _row(Place(file, number), cells, shape, findings):
                rows.append(row)
            width = 0 if "\t" in line else max(len(cells), shape.width)
    if rows:
        yield rows


def _mark(number: int, line: str, cells: list[str]) -> _Mark | None:
    if cells[0] == _DOCSTART:
        return _Mark(number, None, True)
    if not line.startswith("#") or not (found := _KEY.fullmatch(line.rstrip())):
        return None
    if "\t" in line and " " not in cells[0]:
        return None  # a token, as "#id=5" may be one
    key, value = found.groups()
    if key.startswith("newdoc"):
        return _Mark(number, value or None, True)
    return _Mark(number, value if key in ("id", "sent_id") else None, False)


def _is_comment(line: str, cells: list[str], layout: Layout, width: int) -> bool:
    """Tell whether a line that begins with `#` is no row; `width` is the last row's, in spaces."""
    if not line.startswith("#") or "\t" in line:
        return False
    return len(cells) != width or not _TAG.fullmatch(cells[layout.tag])


def _row(place: Place, cells: list[str], layout: Layout, findings: Findings) -> _TaggedRow | None:
    line = place.line or 0
    if layout.tag < 0:
        cells = filled(cells)
    if len(cells) < layout.width:
        few = f"one column ({cells[0]!r})" if len(cells) == 1 else f"{len(cells)} columns"
        findings.fault(
            "syntax",
            place,
            f"{few}, expected a token and its tag",
            "part them by a tab or a space; a blank line ends a sentence",
            "tagged O",
        )
        cells = [*cells, *["O"] * (layout.width - len(cells))]
    token, tag = cells[layout.token], cells[layout.tag].strip()
    if not token.strip():
        hint = "remove the line"
        findings.fault(
            "syntax", place, "a token that is empty or white space alone", hint, "left out"
        )
        return None
    if not _TAG.fullmatch(tag):
        hint = "a tag is O or a prefix (B, I, E, S, L, U), a hyphen and a label, in the last column"
        findings.fault("tag", place, f"{tag!r} is not a tag", hint, "tagged O")
        tag = "O"
    return _TaggedRow(line, token, tag)


def _example(
    id: str,
    document: _Document,
    file: Path,
    declared: LabelSet | None,
    findings: Findings,
    scheme: Scheme | None,
) -> Example:
    joined = join(id, [[row.token for row in rows] for rows in document.sentences], "\n")
    entities: list[Entity] = []
    first = 0
    for rows in document.sentences:
        tokens = joined.tokens[first : first + len(rows)]
        places = [Place(file, row.line) for row in rows]
        found = list(tagged([row.tag for row in rows], tokens, places, findings, scheme))
        for entity in found:
            index = next(i for i, token in enumerate(tokens) if token.start == entity.span.start)
            check_label(entity.label, declared, places[index], findings)
        entities += found
        first += len(rows)
    tags = kept_tags((row.tag for row in rows) for rows in document.sentences)
    return Example(joined, tuple(entities), tags=tags)


Marks = Literal["comment", "docstart"]


class ConllWriter:
    """Writes token, tab, tag; `marks` says how documents begin, of which only comments hold ids."""

    def __init__(
        self, scheme: Scheme = "IOB2", policy: str = "longest", marks: Marks = "comment"
    ) -> None:
        self._scheme = scheme
        self._policy = Policy.parse(policy)
        self._marks = marks

    def write(self, source: Source, path: Path, /) -> Losses:
        """Write a file for each split."""
        return write_files(source, path, ".conll", self._write)

    def _write(self, file: Path, examples: Iterable[Example]) -> Losses:
        losses: Losses = Counter()
        with file.open("w", encoding="utf-8", newline="\n") as stream:
            for example in examples:
                beginning, held = _beginning(example.document.id, self._marks, file)
                sentences, lost = rows_of(example, self._policy, self._scheme, "\n", held)
                losses += lost
                if self._marks == "docstart" and not sentences:
                    losses["documents"] += 1
                    continue
                stream.write(beginning)
                stream.writelines(_sentence(rows) for rows in sentences)
        return losses


def _beginning(id: str, marks: Marks, file: Path) -> tuple[str, str]:
    """Return the line with which a document begins, and the id that it gives."""
    if marks == "docstart":
        return f"{_DOCSTART}\tO\n\n", f"{file.stem}-…"
    return f"# newdoc id = {written_id(id, _ID)}\n", id


def _sentence(rows: list[Row]) -> str:
    lines = [f"{row.token}\t{row.tag}" for row in rows]
    for line, row in zip(lines, rows, strict=True):
        if _mark(0, line, columns(line)):
            what = f"a token {row.token!r} would be read as a line that is about documents"
            raise CorpusError(what, hint="write another format")
    return "".join(f"{line}\n" for line in lines) + "\n"
