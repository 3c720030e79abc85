"""The `bioc-json` reader and writer: collections with a list of documents."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from nerharness.corpora.bioc import (
    Annotation,
    Collected,
    Piece,
    is_collection,
    read_documents,
    write_documents,
)
from nerharness.corpora.ids import json_id
from nerharness.corpora.json_stream import members
from nerharness.corpora.output import write_files
from nerharness.corpora.sources import open_files
from nerharness.fields import typed
from nerharness.findings import Findings
from nerharness.losses import Losses
from nerharness.types import Example, LabelSet, Source

_SUFFIXES = (".json",)


class BiocJsonReader:
    """Reads a file, or a folder with train, dev and test files."""

    def detect(self, path: Path, /) -> bool:
        """Tell by the fields of a collection near the beginning."""
        return is_collection(path, _SUFFIXES, b"{", b'"documents"')

    def open(self, path: Path | None, labels: LabelSet | None, findings: Findings, /) -> Source:
        """Open every split."""
        return open_files("bioc-json", path, _SUFFIXES, labels, findings, _examples)


def _examples(file: Path, declared: LabelSet | None, findings: Findings) -> Iterator[Example]:
    return read_documents(file, members(file, "documents"), _collect, declared, findings)


def _collect(line: int | None, record: dict[str, Any]) -> Collected:
    found = Collected(line, json_id(record))
    holders = [record]
    for passage in typed(record, "passages", list):
        sentences = passage.get("sentences") or []
        holders += [passage, *sentences]
        for part in sentences or [passage]:
            text = typed(part, "text", str) if part.get("text") is not None else ""
            found.pieces.append(Piece(line, typed(part, "offset", int), text, bool(sentences)))
    for holder in holders:
        found.annotations += [_annotation(line, one) for one in holder.get("annotations") or []]
        for one in holder.get("relations") or []:
            targets = [str(node["refid"]) for node in one.get("nodes", [])]
            found.relations.append((line, str(one.get("id", "")), targets))
    return found


def _annotation(line: int | None, record: dict[str, Any]) -> Annotation:
    infons = {
        _as_text(key, "infons"): "" if value is None else _as_text(value, str(key))
        for key, value in record["infons"].items()
    }
    places = [
        (typed(one, "offset", int), typed(one, "length", int))
        for one in typed(record, "locations", list)
    ]
    text = typed(record, "text", str) if record.get("text") is not None else None
    return Annotation(line, str(record.get("id", "")), infons, places, text)


def _as_text(value: object, name: str) -> str:
    """Return what JSON may give as a number, too; `ValueError` for broken text."""
    return typed({name: str(value)}, name, str)


class BiocJsonWriter:
    """Writes each document as one passage."""

    def write(self, source: Source, path: Path, /) -> Losses:
        """Write a file for each split."""
        return write_files(source, path, ".json", _write)


def _write(file: Path, examples: Iterable[Example]) -> Losses:
    from bioc import biocjson

    head = {"source": "nerharness", "date": "", "key": "", "version": "1.0", "infons": {}}
    with file.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(json.dumps(head)[:-1] + ', "documents": [')
        gaps = chain(["\n"], repeat(",\n"))
        losses = write_documents(
            examples,
            lambda one: stream.write(next(gaps) + biocjson.dumps(one, ensure_ascii=False)),
        )
        stream.write("\n]}\n")
    return losses
