"""Checking a tagger: the entities that it finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import cast

from nerharness.plugin import Tagger
from nerharness.runs.task_tagger import entities_fault, unit_fault
from nerharness.segment import segment
from nerharness.testing.rules import require, shown, verify
from nerharness.testing.samples import EXAMPLES, ODD_TEXTS, QUESTION
from nerharness.types import Document, Entity

_DOCUMENTS = (
    QUESTION.document,
    *(example.document for example in EXAMPLES),
    *(segment(f"odd-{number}", text) for number, text in enumerate(ODD_TEXTS)),
    segment("empty", ""),
    Document("bare", "Measles, without tokens or sentences.", (), ()),
)


@dataclass(frozen=True)
class _Subject:
    tagger: Tagger
    labels: frozenset[str]

    def tag(self, documents: Sequence[Document]) -> list[list[Entity]]:
        found = [_listed(entities) for entities in self.tagger.tag(documents)]
        require(
            len(found) == len(documents),
            f"yield one list of entities per document, also an empty one: {len(found)} came for "
            f"{len(documents)} documents",
        )
        return found


def _listed(entities: object) -> list[Entity]:
    require(
        isinstance(entities, Sequence) and not isinstance(entities, str | bytes),
        f"yield a list or tuple of a document's entities, not {shown(entities)}",
    )
    return list(cast("Sequence[Entity]", entities))


def check_tagger(tagger: Tagger, *, labels: Sequence[str] = ()) -> None:
    """Raise `AssertionError` unless the tagger keeps the contract of `Tagger`.

    One that learns is made with `nerharness.testing.EXAMPLES`. `labels`, if given, are the only
    ones that it may use.
    """
    verify(tagger, "Tagger", _RULES, _Subject(tagger, frozenset(labels)))


def _tags_each_document(subject: _Subject) -> None:
    """Each document has its entities, in order, inside of its text."""
    for document, entities in zip(_DOCUMENTS, subject.tag(_DOCUMENTS), strict=True):
        fault = entities_fault(entities, document)
        require(not fault, fault)
        for entity in entities:
            require(
                not subject.labels or entity.label in subject.labels,
                f"{entity.label!r} is none of {', '.join(sorted(subject.labels))}",
            )
        require(len(set(entities)) == len(entities), f"an entity comes twice: {shown(entities)}")


def _tags_nothing(subject: _Subject) -> None:
    """No documents have no entities."""
    require(subject.tag([]) == [], "yield nothing")


def _tags_the_same_again(subject: _Subject) -> None:
    """A document has the same entities again, alone and among others."""
    together = [set(entities) for entities in subject.tag(_DOCUMENTS)]
    back = [set(entities) for entities in subject.tag(_DOCUMENTS[::-1])][::-1]
    alone = [set(subject.tag([document])[0]) for document in _DOCUMENTS]
    for document, *found in zip(_DOCUMENTS, together, back, alone, strict=True):
        require(
            found[0] == found[1] == found[2],
            f"keep no state and yield in the documents' order; {document.id!r} had {shown(found)}",
        )


def _says_what_it_reads(subject: _Subject) -> None:
    """A `unit`, if it has one, is what it reads by itself."""
    fault = unit_fault(subject.tagger)
    require(not fault, fault)


def _can_be_stopped(subject: _Subject) -> None:
    """Tagging that is broken off leaves the tagger usable."""
    list(islice(subject.tagger.tag(_DOCUMENTS), 1))
    subject.tag(_DOCUMENTS[:2])


_RULES = (
    _tags_each_document,
    _tags_nothing,
    _tags_the_same_again,
    _says_what_it_reads,
    _can_be_stopped,
)
