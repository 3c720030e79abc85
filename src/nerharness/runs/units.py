"""Cutting documents into units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from nerharness.types import Document, Example, Span, Unit

UnitKind = Literal["sentence", "document"]


def units(document: Document, kind: UnitKind) -> tuple[Unit, ...]:
    """Return the document's units in text order; a document without visible text has none."""
    if not document.text.strip():
        return ()
    if kind == "document":
        return (Unit(document, Span(0, len(document.text))),)
    return tuple(Unit(document, sentence) for sentence in document.sentences)


def unit_examples(examples: Sequence[Example], kind: UnitKind) -> Iterator[Example]:
    """Yield an example per unit, with the entities that lie wholly inside it.

    Its document keeps the id of the one it is cut from, and has one sentence: itself.
    """
    for example in examples:
        for unit in units(example.document, kind):
            inside = (e for e in example.entities if unit.span.covers(e.span))
            text = unit.text
            document = Document(example.document.id, text, unit.tokens, (Span(0, len(text)),))
            yield Example(document, tuple(e.shift(-unit.span.start) for e in inside))
