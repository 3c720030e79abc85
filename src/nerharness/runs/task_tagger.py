"""A tagger held to the labels of a task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from nerharness.plugin import Tagger
from nerharness.runs.engine import unit_of
from nerharness.types import Document, Entity, LabelSet

OUTSIDE = "outside_labels"
"""What the counts are called in `run.json`."""


class TaskTagger:
    """Takes a tagger's entities with labels of the task, and counts the others.

    A tagger is not told the labels: one that was trained elsewhere may know more.
    """

    def __init__(self, tagger: Tagger, labels: LabelSet) -> None:
        self._tagger, self._labels = tagger, frozenset(labels.names)
        self._outside: Counter[str] = Counter()
        self.unit = unit_of(tagger)

    def tag(self, documents: Sequence[Document], /) -> Iterator[tuple[Entity, ...]]:
        """Yield the entities of each document, in order."""
        for entities in self._tagger.tag(documents):
            self._outside.update(one.label for one in entities if one.label not in self._labels)
            yield tuple(one for one in entities if one.label in self._labels)

    @property
    def observed(self) -> Mapping[str, Mapping[str, int]]:
        """How many entities of each other label were not taken, if there were any."""
        return {OUTSIDE: dict(self._outside)} if self._outside else {}
