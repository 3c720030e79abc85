"""The lines of brat stand-off files: text-bound annotations and notes; all others are counted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from nerharness.corpora.annotation import Annotator, Claim
from nerharness.corpora.counting import Pairs
from nerharness.corpora.files import check_regular, numbered_lines
from nerharness.corpora.ids import first_at
from nerharness.findings import Place
from nerharness.types import Entity, Note

_OFFSETS = r"\d{1,18} \d{1,18}(?:;\d{1,18} \d{1,18})*"
_TEXT_BOUND = re.compile(rf"(?P<id>T\S*)\t(?P<label>\S+) (?P<offsets>{_OFFSETS})\t(?P<text>.*)")
_NOTE = re.compile(r"#\S*\t(?P<kind>\S+) (?P<target>\S+)\t(?P<text>.*)")
_REFERENCE = re.compile(r"[ :]([TE]\d+)\b")
_INDENTED = re.compile(r"\s+(?P<line>[T#]\d+\s.*)")
"""What would be read, were there no white space before it; other text is not."""
_SKIPPED = {
    "R": "relations",
    "*": "relations",
    "E": "events",
    "A": "attributes",
    "M": "attributes",
    "N": "normalisations",
}


@dataclass(slots=True)
class _Standing:
    """What stands in the files of one text, by its id."""

    entities: list[Entity] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    known: dict[str, Place] = field(default_factory=dict)
    references: list[tuple[Place, str, list[str]]] = field(default_factory=list)
    notes: list[re.Match[str]] = field(default_factory=list)


def read_annotations(
    files: Sequence[Path], annotator: Annotator, *, together: bool = True
) -> tuple[tuple[Entity, ...], tuple[Note, ...]]:
    """Return the entities and notes of one text's files, in order.

    The ids of files that belong `together` are one set; those of several annotators are not.
    """
    entities: list[Entity] = []
    notes: list[Note] = []
    groups = [list(files)] if together else [[file] for file in files]
    for group in groups:
        standing = _Standing(entities)
        own = annotator.recounted(_claims(group)).beside(_claims(group))
        for file in group:
            for number, line in numbered_lines(file):
                check_regular(line, file, number)
                _read_line(Place(file, number), line, own, standing)
        _check_references(standing, annotator)
        for note in standing.notes:
            if (target := note["target"]) in standing.numbers:
                notes.append(Note(note["kind"], note["text"], standing.numbers[target]))
            else:
                annotator.findings.skipped["notes on what is not read"] += 1
    return tuple(entities), tuple(notes)


def _claims(files: Sequence[Path]) -> Iterator[Claim]:
    """Yield all text-bound annotations."""
    for file in files:
        for _, line in numbered_lines(file):
            if found := _TEXT_BOUND.fullmatch(_unindented(line)):
                yield Claim(found["label"], _pairs(found), found["text"])


def _pairs(found: re.Match[str]) -> Pairs:
    return [(int(a), int(b)) for a, b in (pair.split() for pair in found["offsets"].split(";"))]


def _unindented(line: str) -> str:
    found = _INDENTED.fullmatch(line)
    return found["line"] if found else line


def _read_line(place: Place, line: str, annotator: Annotator, standing: _Standing) -> None:
    if (bare := _unindented(line)) != line:
        what = f"white space before {bare.split(maxsplit=1)[0]}"
        annotator.findings.fault("syntax", place, what, repair="read without it")
        line = bare
    id, _, rest = line.partition("\t")
    if line.startswith("T"):
        _read_text_bound(place, line, annotator, standing)
    elif note := _NOTE.fullmatch(line):
        standing.notes.append(note)
    elif line.strip():
        annotator.findings.skipped[_SKIPPED.get(line[0], "other lines")] += 1
        if line[0] in _SKIPPED:
            if line[0] != "*" and (first := standing.known.setdefault(id, place)) != place:
                annotator.findings.flaw("duplicate", place, _twice(id, first))
            text_free = rest.split("\t")[0]
            standing.references.append((place, id, _REFERENCE.findall(f" {text_free}")))


def _twice(id: str, first: Place) -> str:
    return f"id {id!r} stands twice{first_at(first)}"


def _read_text_bound(place: Place, line: str, annotator: Annotator, standing: _Standing) -> None:
    id = line.partition("\t")[0]
    if (first := standing.known.setdefault(id, place)) != place:
        repair = f"called otherwise; notes on {id} stay with the first"
        annotator.findings.fault("duplicate", place, _twice(id, first), repair=repair)
    if not (found := _TEXT_BOUND.fullmatch(line)):
        hint = "ID<tab>LABEL START END<tab>TEXT"
        annotator.findings.fault("syntax", place, "not a text-bound annotation", hint, "left out")
        return
    if entity := annotator.entity(place, found["label"], _pairs(found), found["text"]):
        if first == place:
            standing.numbers[id] = len(standing.entities)
        standing.entities.append(entity)


def _check_references(standing: _Standing, annotator: Annotator) -> None:
    """Note references to what is not there, and the first event that refers to itself."""
    for place, id, found in standing.references:
        for target in found:
            if target not in standing.known:
                what = f"{id} refers to {target}, which is not there"
                annotator.findings.flaw("syntax", place, what)
    if cycle := _cycle({id: found for _, id, found in standing.references}):
        place, id = next((place, id) for place, id, _ in standing.references if id in cycle)
        others = ", ".join(sorted(cycle - {id})[:3])
        by = f" by {others}" if others else ""
        annotator.findings.fault("syntax", place, f"{id} refers to itself{by}")


def _cycle(targets: dict[str, list[str]]) -> set[str]:
    """Return ids that refer to one another in a circle; none if there is no such circle."""
    try:
        TopologicalSorter(targets).prepare()
    except CycleError as error:
        return set(error.args[1])
    return set()


def annotation_lines(entities: Sequence[Entity], notes: Sequence[Note], text: str) -> list[str]:
    """Return the lines of a stand-off file; line ends inside an entity's words become spaces.

    Labels and notes are those that `spelled` and `spelled_note` return.
    """
    lines = []
    for number, entity in enumerate(entities, start=1):
        offsets = ";".join(f"{part.start} {part.end}" for part in entity.fragments)
        words = re.sub(r"[\r\n\t]", " ", entity.surface(text))
        lines.append(f"T{number}\t{entity.label} {offsets}\t{words}\n")
    for number, note in enumerate(notes, start=1):
        if note.entity is not None:
            lines.append(f"#{number}\t{note.kind} T{note.entity + 1}\t{note.text}\n")
    return lines


def spelled(name: str) -> str:
    """Return a label, or the kind of a note, as brat can hold it: `_` for white space."""
    return "_".join(name.split()) or "_"


def spelled_note(note: Note) -> Note:
    """Return the note as brat can hold it: `_` for white space in its kind, one line of text."""
    return replace(note, kind=spelled(note.kind), text=re.sub(r"[\r\n]", " ", note.text))
