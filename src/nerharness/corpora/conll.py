"""The `conll` reader: token first, tag last, a blank line after each sentence.

Columns are parted by tabs, or by spaces where a line has no tab. With `-DOCSTART-` lines a document
is what stands between two of them, otherwise each sentence is a document. The text is the tokens
joined by spaces, sentences by line ends. Tags are decoded leniently (IOB1, IOB2, BIOES, BILOU).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from nerharness.corpora.files import candidates, need_path, numbered_lines, split_files
from nerharness.corpora.labels import assemble, check_label, declared_labels
from nerharness.errors import CorpusError
from nerharness.tags import decode
from nerharness.types import Corpus, Document, Entity, Example, LabelSet, Span

_OWN_SUFFIXES = (".conll", ".bio", ".iob", ".iob2", ".bioes")
_SUFFIXES = (*_OWN_SUFFIXES, ".tsv", ".annotated", ".txt")
_TAG = re.compile(r"O|[BIESLU]-\S.*")
_DOCSTART = "-DOCSTART-"


class _Row(NamedTuple):
    line: int
    token: str
    tag: str


class ConllReader:
    """Reads a file, or a folder with train, dev and test files."""

    def detect(self, path: Path, /) -> bool:
        """Tell by the suffix, or by first lines most of which end in a tag."""
        suffixes = _SUFFIXES if path.is_dir() else ("",)
        files = candidates(path, suffixes)
        return any(file.suffix in _OWN_SUFFIXES or _looks_tagged(file) for file in files)

    def read(self, path: Path | None, labels: LabelSet | None, /) -> Corpus:
        """Read every split; see the module for what a document is."""
        path = need_path(path, "conll")
        declared = declared_labels(path, labels)
        splits = {
            split: tuple(_examples(file, declared))
            for split, file in split_files(path, _SUFFIXES).items()
        }
        return assemble(path, splits, declared)


def _looks_tagged(file: Path) -> bool:
    with file.open("rb") as stream:
        head = stream.read(4096).decode("utf-8", errors="replace").splitlines()[:50]
    rows = [columns for line in head if (columns := _columns(line))]
    tagged = [row for row in rows if len(row) > 1 and _TAG.fullmatch(row[-1])]
    return len(tagged) * 2 >= len(rows) > 0


def _columns(line: str) -> list[str]:
    if not line.strip():
        return []
    if "\t" in line:
        return [column.strip() for column in line.strip("\t\r\n").split("\t")]
    return line.split()


def _examples(file: Path, declared: LabelSet | None) -> Iterator[Example]:
    documents = list(_documents(file))
    width = len(str(len(documents)))
    for number, sentences in enumerate(documents, start=1):
        yield _example(f"{file.stem}-{number:0{width}}", sentences, file, declared)


def _documents(file: Path) -> Iterator[list[list[_Row]]]:
    """Yield documents as sentences of rows."""
    whole_documents = False
    document: list[list[_Row]] = []
    for sentence in _sentences(file):
        if sentence[0].token == _DOCSTART:
            whole_documents = True
            if document:
                yield document
            document = []
            sentence = sentence[1:]
        if not sentence:
            continue
        document.append(sentence)
        if not whole_documents:
            yield document
            document = []
    if document:
        yield document


def _sentences(file: Path) -> Iterator[list[_Row]]:
    rows: list[_Row] = []
    for line, text in numbered_lines(file):
        columns = _columns(text)
        if rows and (not columns or columns[0] == _DOCSTART):
            yield rows
            rows = []
        if columns:
            rows.append(_row(file, line, columns))
    if rows:
        yield rows


def _row(file: Path, line: int, columns: list[str]) -> _Row:
    if columns[0] == _DOCSTART:
        return _Row(line, _DOCSTART, "O")
    if not columns[0]:
        raise CorpusError.at(file, line, "a token of white space alone", hint="remove the line")
    if len(columns) < 2:
        raise CorpusError.at(
            file,
            line,
            f"one column ({columns[0]!r}), expected a token and its tag",
            hint="part them by a tab or a space; a blank line ends a sentence",
        )
    if not _TAG.fullmatch(columns[-1]):
        raise CorpusError.at(
            file,
            line,
            f"{columns[-1]!r} is not a tag",
            hint="the last column must be O or a prefix (B, I, E, S, L, U), a hyphen and a label",
        )
    return _Row(line, columns[0], columns[-1])


def _example(
    id: str, sentences: list[list[_Row]], file: Path, declared: LabelSet | None
) -> Example:
    parts: list[str] = []
    tokens: list[Span] = []
    bounds: list[Span] = []
    entities: list[Entity] = []
    offset = 0
    for rows in sentences:
        start = len(tokens)
        for row in rows:
            tokens.append(Span(offset, offset + len(row.token)))
            offset += len(row.token) + 1
        bounds.append(Span(tokens[start].start, tokens[-1].end))
        parts.append(" ".join(row.token for row in rows))
        entities += _entities(rows, tokens[start:], file, declared)
    return Example(Document(id, "\n".join(parts), tuple(tokens), tuple(bounds)), tuple(entities))


def _entities(
    rows: list[_Row], tokens: list[Span], file: Path, declared: LabelSet | None
) -> Iterator[Entity]:
    tags = [row.tag for row in rows]
    bilou = any(tag[0] in "LU" for tag in tags)
    for label, start, end in decode(tags, "BILOU" if bilou else "IOB2"):
        check_label(label, declared, file, rows[start].line)
        yield Entity.at(label, tokens[start].start, tokens[end - 1].end)
