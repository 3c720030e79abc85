"""A tagger held to the labels of a task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from nerharness.errors import PluginError
from nerharness.plugin import Tagger
from nerharness.plugin.provider import blaming
from nerharness.runs.engine import unit_of
from nerharness.types import Document, Entity, LabelSet

T = TypeVar("T")

OUTSIDE = "outside_labels"
"""What the counts are called in `run.json`."""

_UNITS = ("sentence", "document")


class TaskTagger:
    """Takes a tagger's entities with labels of the task, and counts the others.

    A tagger is not told the labels: one that was trained elsewhere may know more. Where it fails or
    breaks its contract, also by its `unit`, that is a `PluginError` which names `title`.
    """

    def __init__(self, tagger: Tagger, labels: LabelSet, title: str) -> None:
        self._tagger, self._labels = tagger, frozenset(labels.names)
        self._title = title
        self._outside: Counter[str] = Counter()
        if fault := unit_fault(tagger):
            raise self._broken(fault)
        self.unit = unit_of(tagger)

    def tag(self, documents: Sequence[Document], /) -> Iterator[tuple[Entity, ...]]:
        """Yield the entities of each document, in order."""
        rows = self._asked(lambda: iter(self._tagger.tag(documents)))
        for place, document in enumerate(documents):
            found = self._asked(lambda: [tuple(row) for row in islice(rows, 1)])
            if not found:
                raise self._broken(f"it ended after {place} of {len(documents)} documents")
            if fault := entities_fault(found[0], document):
                raise self._broken(fault)
            yield self._of_the_task(found[0])
        if self._asked(lambda: list(islice(rows, 1))):
            raise self._broken(f"it went on after {len(documents)} documents, which were all")

    def _asked(self, action: Callable[[], T]) -> T:
        return blaming(self._title, "cannot tag", action)

    def _broken(self, fault: str) -> PluginError:
        return PluginError(fault, where=self._title)

    def _of_the_task(self, entities: Sequence[Entity]) -> tuple[Entity, ...]:
        self._outside.update(one.label for one in entities if one.label not in self._labels)
        return tuple(one for one in entities if one.label in self._labels)

    @property
    def observed(self) -> Mapping[str, Mapping[str, int]]:
        """How many entities of each other label were not taken, if there were any."""
        return {OUTSIDE: dict(self._outside)} if self._outside else {}


def unit_fault(tagger: Tagger) -> str:
    """Return why the tagger cannot read what its `unit` says; empty if it can."""
    unit: object = unit_of(tagger)
    if isinstance(unit, str) and unit in _UNITS:
        return ""
    return f"its `unit` is {' or '.join(map(repr, _UNITS))}, and not {unit!r:.200}"


def entities_fault(entities: Sequence[object], document: Document) -> str:
    """Return why these cannot be entities of the document; empty if they can."""
    size = len(document.text)
    for entity in entities:
        if not isinstance(entity, Entity):
            return f"{entity!r:.200} is no Entity"
        if entity.span.end > size:
            return (
                f"{entity!r:.200} ends behind the {size} characters of {document.id!r}: "
                "offsets are code points of the document's text"
            )
    return ""
