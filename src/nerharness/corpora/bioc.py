"""What BioC's XML and JSON have in common: passages at offsets, annotations with locations.

The text is the passages (or their sentences) at their offsets, with line ends between passages and
spaces between sentences. An annotation's `type` is its label; its other infons become notes on it.
Offsets are taken as characters. Relations are passed over and counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from nerharness.corpora.annotation import Annotator, Claim
from nerharness.corpora.files import candidates
from nerharness.corpora.ids import Ids
from nerharness.errors import CorpusError
from nerharness.findings import Findings, Place
from nerharness.losses import Losses, lost
from nerharness.segment import segment, split_sentences, tokenize
from nerharness.types import Document, Entity, Example, LabelSet, Note, Span

if TYPE_CHECKING:
    import bioc

TYPE = "type"
_WIDEST_GAP = 1 << 20


@dataclass(slots=True)
class Piece:
    """A text at its offset: a passage, or a sentence of one."""

    line: int | None
    offset: int
    text: str
    sentence: bool = False


@dataclass(slots=True)
class Annotation:
    """An annotation with its infons and `(offset, length)` of each location."""

    line: int | None
    id: str
    infons: dict[str, str]
    locations: list[tuple[int, int]]
    text: str | None


@dataclass(slots=True)
class Collected:
    """A document as it stands in the file; relations as the ids that they refer to."""

    line: int | None
    id: str
    pieces: list[Piece] = field(default_factory=list)
    annotations: list[Annotation] = field(default_factory=list)
    relations: list[tuple[int | None, str, list[str]]] = field(default_factory=list)


Record = TypeVar("Record")


def is_collection(path: Path, suffixes: Sequence[str], opening: bytes, mark: bytes) -> bool:
    """Tell whether a file begins with `opening` and has `mark` soon after."""
    return any(_begins(file, opening, mark) for file in candidates(path, suffixes))


def _begins(file: Path, opening: bytes, mark: bytes) -> bool:
    with file.open("rb") as stream:
        head = stream.read(4096)
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(opening) and mark in head


def read_documents(
    file: Path,
    records: Iterable[tuple[int | None, Record]],
    collect: Callable[[int | None, Record], Collected],
    declared: LabelSet | None,
    findings: Findings,
) -> Iterator[Example]:
    """Yield the examples of the records, each with its line; what is wrong goes to `findings`."""
    ids = Ids(findings)
    for line, record in records:
        place = Place(file, line)
        try:
            found = collect(line, record)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            findings.fault("syntax", place, f"not BioC: {_explain(error)}", repair="left out")
            continue
        if ids.is_new(found.id, place):
            findings.place = place
            yield _example(file, found, declared, findings)


def _explain(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"no field {error}"
    if isinstance(error, ValueError):
        return str(error)
    return "a list, a text or a number where an object belongs, or the other way round"


def _example(
    file: Path, found: Collected, declared: LabelSet | None, findings: Findings
) -> Example:
    document = _document(file, found, findings)
    annotator = Annotator(document.text, declared, findings).beside(_claims(found))
    entities: list[Entity] = []
    notes: list[Note] = []
    for one in found.annotations:
        place = Place(file, one.line)
        label = one.infons.get(TYPE, "")
        if not label or not one.locations:
            what = f"annotation {one.id!r} has no {'location' if label else 'type'}"
            findings.fault("syntax", place, what, repair="left out")
            continue
        if entity := annotator.entity(place, *_claim(one)):
            rest = ((key, value) for key, value in one.infons.items() if key != TYPE)
            notes += [Note(key, value, len(entities)) for key, value in rest]
            entities.append(entity)
    _check_relations(file, found, findings)
    return Example(document, tuple(entities), tuple(notes))


def _claims(found: Collected) -> Iterator[Claim]:
    return (_claim(one) for one in found.annotations if one.infons.get(TYPE) and one.locations)


def _claim(one: Annotation) -> Claim:
    pairs = [(offset, offset + length) for offset, length in one.locations]
    return Claim(one.infons[TYPE], sorted(pairs), one.text)


def _document(file: Path, found: Collected, findings: Findings) -> Document:
    parts: list[str] = []
    bounds: list[Span] = []
    size = 0
    for piece in sorted(found.pieces, key=lambda piece: piece.offset):
        if not size <= piece.offset <= size + _WIDEST_GAP:
            what = f"a passage at {piece.offset}, but the text before it ends at {size}"
            findings.fault("offsets", Place(file, piece.line), what, repair="left out")
            continue
        parts += [(" " if piece.sentence else "\n") * (piece.offset - size), piece.text]
        if body := piece.text.strip():
            start = piece.offset + piece.text.index(body)
            bounds.append(Span(start, start + len(body)))
        size = piece.offset + len(piece.text)
    text = "".join(parts)
    sentences = all(piece.sentence for piece in found.pieces)
    return Document(
        found.id, text, tokenize(text), tuple(bounds) if sentences else split_sentences(text)
    )


def _check_relations(file: Path, found: Collected, findings: Findings) -> None:
    known = {one.id for one in found.annotations} | {id for _, id, _ in found.relations if id}
    for line, id, targets in found.relations:
        findings.skipped["relations"] += 1
        for target in targets:
            if target not in known or target == id:
                what = f"relation {id!r} refers to {target!r}"
                why = "itself" if target == id else "which is not there"
                findings.fault("syntax", Place(file, line), f"{what}, {why}", repair="left out")


def write_documents(
    examples: Iterable[Example], write: Callable[[bioc.BioCDocument], object]
) -> Losses:
    """Pass each document to `write` as the library's value; return what these cannot hold.

    Raises `CorpusError` for a document that `write` refuses with `ValueError`.
    """
    losses: Losses = Counter()
    for example in examples:
        document, lost = _document_of(example)
        losses += lost
        try:
            write(document)
        except ValueError as error:  # a control character, which XML cannot hold
            what = f"document {example.document.id!r} cannot be BioC: {error}"
            raise CorpusError(what, hint="write jsonl") from None
    return losses


def _document_of(example: Example) -> tuple[bioc.BioCDocument, Losses]:
    import bioc

    document = bioc.BioCDocument()
    document.id = example.document.id
    passage = bioc.BioCPassage.of_text(example.document.text, 0)
    infons = [{TYPE: entity.label} for entity in example.entities]
    losses: Losses = Counter()
    for note in example.notes:
        if note.entity is None or note.kind in infons[note.entity]:
            losses["notes"] += 1
        else:
            infons[note.entity][note.kind] = note.text
    for number, (entity, own) in enumerate(zip(example.entities, infons, strict=True), start=1):
        passage.add_annotation(_annotation(f"T{number}", entity, own, example.document.text))
    document.add_passage(passage)
    held = segment(example.document.id, example.document.text)
    return document, +(losses + lost(example, held, notes=True))


def _annotation(id: str, entity: Entity, infons: dict[str, str], text: str) -> Any:
    import bioc

    annotation = bioc.BioCAnnotation()
    annotation.id, annotation.infons, annotation.text = id, infons, entity.surface(text)
    for part in entity.fragments:
        annotation.add_location(bioc.BioCLocation(part.start, len(part)))
    return annotation
