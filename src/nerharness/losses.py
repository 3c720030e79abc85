"""What a corpus format cannot hold of an example, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from nerharness.types import Document, Example, Span

Loss = Literal[
    "nested",
    "crossing",
    "discontinuous",
    "cut tokens",
    "outside tokens",
    "sentence ends",
    "tokens",
    "sentences",
    "text",
    "ids",
    "documents",
    "notes",
    "labels",
    "note texts",
]
Losses: TypeAlias = Counter[Loss]

MEANING: Mapping[Loss, str] = {
    "nested": "entities left out because one around, inside or at the same place is kept",
    "crossing": "entities left out because one that overlaps them is kept",
    "discontinuous": "entities cut down to one fragment",
    "cut tokens": "entities that cut through a token and were widened to whole tokens",
    "outside tokens": "entities left out because they touch no token, or none that is free",
    "sentence ends": "entities that reach into the next sentence and were cut at its start",
    "tokens": "documents whose tokens will be others when read back",
    "sentences": "documents whose sentences will be others when read back",
    "text": "documents whose white space changes",
    "ids": "documents whose id changes",
    "documents": "documents left out because nothing in them can be written",
    "notes": "notes left out",
    "labels": "entities whose label is spelled otherwise",
    "note texts": "notes whose kind or text is spelled otherwise",
}


def lost(example: Example, held: Document, *, notes: bool = False) -> Losses:
    """Compare a document with the one that will be read back; `notes` tells whether notes stay.

    Where white space changes, tokens and sentences are compared without any.
    """
    document = example.document
    losses: Losses = Counter()
    same_text = document.text == held.text
    losses["text"] += not same_text
    losses["ids"] += document.id != held.id
    for name in ("tokens", "sentences"):
        old, new = getattr(document, name), getattr(held, name)
        if same_text:
            losses[name] += old != new
        else:
            losses[name] += _words(document, old) != _words(held, new)
    losses["notes"] += 0 if notes else len(example.notes)
    return +losses


def _words(document: Document, spans: Iterable[Span]) -> list[str]:
    return ["".join(document.text[span.start : span.end].split()) for span in spans]
