"""The lines of brat stand-off files: text-bound annotations and notes; all others are counted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from nerharness.corpora.annotation import Annotator
from nerharness.corpora.files import numbered_lines
from nerharness.findings import Place
from nerharness.types import Entity, Note

_TEXT_BOUND = re.compile(
    r"(T\S*)\t(?P<label>\S+) (?P<offsets>\d{1,18} \d{1,18}(?:;\d{1,18} \d{1,18})*)\t(?P<text>.*)"
)
_NOTE = re.compile(r"#\S*\t(?P<kind>\S+) (?P<target>\S+)\t(?P<text>.*)")
_SKIPPED = {"R": "relations", "*": "relations", "E": "events", "A": "attributes", "M": "attributes"}
_SKIPPED["N"] = "normalisations"


def read_annotations(
    files: Sequence[Path], annotator: Annotator
) -> tuple[tuple[Entity, ...], tuple[Note, ...]]:
    """Return the entities and notes of one text's files, in order."""
    entities: list[Entity] = []
    notes: list[Note] = []
    for file in files:
        numbers: dict[str, int] = {}
        waiting: list[re.Match[str]] = []
        for number, line in numbered_lines(file):
            if line.startswith("T"):
                _text_bound(Place(file, number), line, annotator, entities, numbers)
            elif note := _NOTE.fullmatch(line):
                waiting.append(note)
            elif line.strip():
                annotator.findings.skipped[_SKIPPED.get(line[0], "other lines")] += 1
        for note in waiting:
            if (target := note["target"]) in numbers:
                notes.append(Note(note["kind"], note["text"], numbers[target]))
            else:
                annotator.findings.skipped["notes on what is not read"] += 1
    return tuple(entities), tuple(notes)


def _text_bound(
    place: Place, line: str, annotator: Annotator, entities: list[Entity], numbers: dict[str, int]
) -> None:
    if not (found := _TEXT_BOUND.fullmatch(line)):
        hint = "ID<tab>LABEL START END<tab>TEXT"
        annotator.findings.fault("syntax", place, "not a text-bound annotation", hint, "left out")
        return
    pairs = [(int(a), int(b)) for a, b in (p.split() for p in found["offsets"].split(";"))]
    if entity := annotator.entity(place, found["label"], pairs, found["text"]):
        numbers[found[1]] = len(entities)
        entities.append(entity)


def annotation_lines(entities: Sequence[Entity], notes: Sequence[Note], text: str) -> list[str]:
    """Return the lines of a stand-off file; line ends inside an entity's words become spaces."""
    lines = []
    for number, entity in enumerate(entities, start=1):
        offsets = ";".join(f"{part.start} {part.end}" for part in entity.fragments)
        words = re.sub(r"[\r\n\t]", " ", entity.surface(text))
        lines.append(f"T{number}\t{entity.label} {offsets}\t{words}\n")
    for number, note in enumerate(notes, start=1):
        if note.entity is not None:
            lines.append(f"#{number}\t{note.kind} T{note.entity + 1}\t{note.text}\n")
    return lines
