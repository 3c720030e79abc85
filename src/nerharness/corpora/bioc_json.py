"""The `bioc-json` reader and writer: collections with a list of documents."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nerharness.corpora.bioc import (
    Annotation,
    Collected,
    Piece,
    bioc_document,
    example_of,
)
from nerharness.corpora.files import candidates
from nerharness.corpora.json_stream import members
from nerharness.corpora.output import write_files
from nerharness.corpora.sources import open_files
from nerharness.fields import typed
from nerharness.findings import Findings, Place
from nerharness.losses import Losses
from nerharness.types import Example, LabelSet, Source

_SUFFIXES = (".json",)


class BiocJsonReader:
    """Reads a file, or a folder with train, dev and test files."""

    def detect(self, path: Path, /) -> bool:
        """Tell by the fields of a collection near the beginning."""
        return any(_starts_collection(file) for file in candidates(path, _SUFFIXES))

    def open(self, path: Path | None, labels: LabelSet | None, findings: Findings, /) -> Source:
        """Open every split."""
        return open_files("bioc-json", path, _SUFFIXES, labels, findings, _examples)


def _starts_collection(file: Path) -> bool:
    with file.open("rb") as stream:
        head = stream.read(4096)
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"documents"' in head


def _examples(file: Path, declared: LabelSet | None, findings: Findings) -> Iterator[Example]:
    seen: set[str] = set()
    for line, record in members(file, "documents"):
        place = Place(file, line)
        try:
            found = _collect(line, record)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            why = f"no field {error}" if isinstance(error, KeyError) else str(error)
            findings.fault("syntax", place, f"not BioC: {why}", repair="left out")
            continue
        if found.id in seen:
            what = f"id {found.id!r} stands twice"
            findings.fault("duplicate", place, what, repair="left out")
            continue
        seen.add(found.id)
        findings.place = place
        yield example_of(file, found, declared, findings)


def _collect(line: int, record: dict[str, Any]) -> Collected:
    found = Collected(line, str(record["id"]))
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


def _annotation(line: int, record: dict[str, Any]) -> Annotation:
    infons = {str(key): "" if v is None else str(v) for key, v in record["infons"].items()}
    places = [
        (typed(one, "offset", int), typed(one, "length", int))
        for one in typed(record, "locations", list)
    ]
    text = typed(record, "text", str) if record.get("text") is not None else None
    return Annotation(line, str(record.get("id", "")), infons, places, text)


class BiocJsonWriter:
    """Writes each document as one passage."""

    def write(self, source: Source, path: Path, /) -> Losses:
        """Write a file for each split."""
        return write_files(source, path, ".json", _write)


def _write(file: Path, examples: Iterable[Example]) -> Losses:
    from bioc import biocjson

    losses: Losses = Counter()
    head = {"source": "nerharness", "date": "", "key": "", "version": "1.0", "infons": {}}
    with file.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(json.dumps(head)[:-1] + ', "documents": [')
        for number, example in enumerate(examples):
            document, lost = bioc_document(example)
            losses += lost
            stream.write("\n" if number == 0 else ",\n")
            stream.write(biocjson.dumps(document, ensure_ascii=False))
        stream.write("\n]}\n")
    return losses
