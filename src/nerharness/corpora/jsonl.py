"""The `jsonl` reader and writer: one object per line.

`{"id", "text", "entities": [{"label", "start", "end"} or {"label", "fragments": [[s, e]]}]}` with
offsets in code points; `"text"` of an entity, when there, is checked. Instead of `"entities"`, the
`"mentions"` of `nerharness align` are read, doccano's `"label"`, or Prodigy's `"spans"`. `"tokens"`
and `"sentences"`, lists of `[start, end]`, replace the default segmentation. `"notes"` are
`{"kind", "text", "entity"}`, the last the index of an entity or not there.
"""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nerharness.corpora.annotation import Annotator, Claim
from nerharness.corpora.files import candidates, numbered_lines
from nerharness.corpora.ids import Ids, json_id
from nerharness.corpora.json_entities import Field, with_entities
from nerharness.corpora.output import write_files
from nerharness.corpora.sources import open_files
from nerharness.fields import typed
from nerharness.findings import Findings, Place
from nerharness.losses import Losses
from nerharness.segment import split_sentences, tokenize
from nerharness.types import Document, Entity, Example, LabelSet, Note, Source, Span

_SUFFIXES = (".jsonl", ".ndjson")


class JsonlReader:
    """Reads a file, or a folder with train, dev and test files.

    `field` says what holds the annotation, where an object has more than one such field.
    """

    def __init__(self, field: Field = "auto") -> None:
        self._field = field

    def detect(self, path: Path, /) -> bool:
        """Tell by the suffix, or by a first line that is a JSON object."""
        suffixes = _SUFFIXES if path.is_dir() else ("",)
        return any(
            file.suffix in _SUFFIXES or _starts_json(file) for file in candidates(path, suffixes)
        )

    def open(self, path: Path | None, labels: LabelSet | None, findings: Findings, /) -> Source:
        """Open every split."""
        return open_files("jsonl", path, _SUFFIXES, labels, findings, self._examples)

    def _examples(
        self, file: Path, declared: LabelSet | None, findings: Findings
    ) -> Iterator[Example]:
        before = Counter(findings.skipped)
        try:
            yield from _read(file, self._field, declared, findings)
        finally:
            for what, count in (findings.skipped - before).items():
                warnings.warn(f"{file}: {count:,} {what} are left out", stacklevel=2)


def _starts_json(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def _read(
    file: Path, field: Field, declared: LabelSet | None, findings: Findings
) -> Iterator[Example]:
    ids = Ids(findings)
    for number, line in numbered_lines(file):
        if not line.strip():
            continue
        place = Place(file, number)
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            findings.fault("syntax", place, f"not JSON: {error}", repair="left out")
            continue
        try:
            record = _annotated(record, field, findings)
            if record is None:
                continue
            example = _example(record, f"{file.stem}-{number}", place, declared, findings)
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            findings.fault("syntax", place, _explain(error), "see docs/corpora.md", "left out")
            continue
        if ids.is_new(example.document.id, place):
            findings.place = place
            yield example


def _explain(error: Exception) -> str:
    return f"no field {error}" if isinstance(error, KeyError) else str(error)


def _annotated(record: Any, field: Field, findings: Findings) -> dict[str, Any] | None:
    if not isinstance(record, dict):
        raise ValueError("not an object")
    return with_entities(record, findings, field)


def _example(
    record: dict[str, Any],
    default_id: str,
    place: Place,
    declared: LabelSet | None,
    findings: Findings,
) -> Example:
    text = typed(record, "text", str)
    tokens = _spans(typed(record, "tokens", list)) if "tokens" in record else tokenize(text)
    given = "sentences" in record
    sentences = _spans(typed(record, "sentences", list)) if given else split_sentences(text)
    if given and (lost := _uncovered(text, sentences)):
        raise ValueError(f"the sentences leave out {lost[:40]!r}")
    document = Document(json_id({"id": default_id, **record}), text, tokens, sentences)
    entries = typed(record, "entities", list) if "entities" in record else []
    notes = typed(record, "notes", list) if "notes" in record else []
    claims = [_claim(entry) for entry in entries]
    annotator = Annotator(text, declared, findings, exact=True).beside(claims)
    entities: list[Entity] = []
    numbers: dict[int | None, int | None] = {None: None}
    for index, claim in enumerate(claims):
        if entity := annotator.entity(place, *claim):
            numbers[index] = len(entities)
            entities.append(entity)
    kept = [_note(entry, len(entries)) for entry in notes]
    return Example(
        document,
        tuple(entities),
        tuple(Note(n.kind, n.text, numbers[n.entity]) for n in kept if n.entity in numbers),
    )


def _uncovered(text: str, sentences: tuple[Span, ...]) -> str:
    """Return the visible text outside of all sentences."""
    ends = [0, *(sentence.end for sentence in sentences)]
    starts = [*(sentence.start for sentence in sentences), len(text)]
    return "".join(text[end:start] for end, start in zip(ends, starts, strict=True)).strip()


def _check_pairs(pairs: list[Any]) -> None:
    for pair in pairs:
        if type(pair) is not list or [type(bound) for bound in pair] != [int, int]:
            raise ValueError(f"a span must be [start, end] in whole numbers, got {pair!r}")


def _spans(pairs: list[Any]) -> tuple[Span, ...]:
    _check_pairs(pairs)
    return tuple(Span(start, end) for start, end in pairs)


def _claim(entry: dict[str, Any]) -> Claim:
    if not isinstance(entry, dict):
        raise ValueError(f"an entity must be an object, got {entry!r}")
    flat = "fragments" not in entry
    pairs = [[entry["start"], entry["end"]]] if flat else typed(entry, "fragments", list)
    label, words = (
        typed(entry, "label", str),
        typed(entry, "text", str) if "text" in entry else None,
    )
    if not label or not pairs:
        raise ValueError(f"an entity needs a label and a place, got {entry!r}")
    _check_pairs(pairs)
    return Claim(label, [(start, end) for start, end in pairs], words)


def _note(entry: dict[str, Any], entities: int) -> Note:
    if not isinstance(entry, dict):
        raise ValueError(f"a note must be an object, got {entry!r}")
    number = entry.get("entity")
    if number is not None and (type(number) is not int or not 0 <= number < entities):
        raise ValueError(f"a note's entity must be an index, got {number!r}")
    return Note(typed(entry, "kind", str), typed(entry, "text", str), number)


class JsonlWriter:
    """Writes all that an example holds; segmentation only where it is not the default one."""

    def write(self, source: Source, path: Path, /) -> Losses:
        """Write a file for each split."""
        return write_files(source, path, ".jsonl", _write)


def _write(file: Path, examples: Iterable[Example]) -> Losses:
    with file.open("w", encoding="utf-8", newline="\n") as stream:
        for example in examples:
            stream.write(json.dumps(record_of(example), ensure_ascii=False) + "\n")
    return Counter()


def record_of(example: Example) -> dict[str, Any]:
    """Return the object that is read back as an equal example."""
    document = example.document
    record: dict[str, Any] = {"id": document.id, "text": document.text}
    record["entities"] = [_entry(entity, document.text) for entity in example.entities]
    for name, default in (("tokens", tokenize), ("sentences", split_sentences)):
        spans = getattr(document, name)
        if spans != default(document.text):
            record[name] = _pairs(spans)
    if example.notes:
        record["notes"] = [_note_entry(note) for note in example.notes]
    return record


def _pairs(spans: Iterable[Span]) -> list[list[int]]:
    return [[span.start, span.end] for span in spans]


def _entry(entity: Entity, text: str) -> dict[str, Any]:
    if len(entity.fragments) > 1:
        place: dict[str, Any] = {"fragments": _pairs(entity.fragments)}
    else:
        place = {"start": entity.span.start, "end": entity.span.end}
    return {"label": entity.label, **place, "text": entity.surface(text)}


def _note_entry(note: Note) -> dict[str, Any]:
    entry: dict[str, Any] = {"kind": note.kind, "text": note.text}
    return entry if note.entity is None else {**entry, "entity": note.entity}
