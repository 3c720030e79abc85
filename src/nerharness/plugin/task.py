"""What a strategy works with: labels, format, and what can be looked up for a unit."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence

from nerharness.plugin.hints import Hint, HintSource
from nerharness.plugin.library import Library, Retrieved
from nerharness.plugin.protocols import Format
from nerharness.plugin.shelf import Indexer
from nerharness.types import Document, Example, LabelSet, Passage, Unit


class Task:
    """The labels and format of a run, its train examples and its knowledge.

    Both are indexed when first asked for. `examples` are unit-sized; their documents' ids are those
    of the train documents they come from, which are `originals`. `retrieved` notes what was looked
    up through this very task; `fresh` makes another one with notes of its own.
    """

    def __init__(
        self,
        labels: LabelSet,
        format: Format,
        *,
        examples: Sequence[Example] = (),
        originals: Sequence[Document] = (),
        passages: Sequence[Passage] = (),
        index: Indexer | None = None,
        hints: HintSource = "none",
    ) -> None:
        self.labels = labels
        self.format = format
        self.retrieved: list[Retrieved] = []
        self._library = Library(examples, originals, passages, index, hints=hints)

    def fresh(self) -> Task:
        """Return the same task with nothing noted yet; both look things up in one library."""
        other = copy.copy(self)
        other.retrieved = []
        return other

    def expect(self, units: Iterable[Unit]) -> None:
        """Announce the units that will be looked up next, so that it is done at once."""
        self._library.expect(units)

    def demonstrations(self, unit: Unit, k: int) -> list[Example]:
        """Return the `k` train examples that the retriever ranks first for the unit, best first.

        Never one from the unit's own document or a copy of it, nor one that repeats the unit or is
        repeated in its document (see `nerharness.duplicates`), nor two with the same text. Fewer
        than `k` only when train has no more.
        """
        found = self._library.demonstrations(unit, k)
        self.retrieved += [note for _, note in found]
        return [example for example, _ in found]

    def knowledge(self, unit: Unit, k: int) -> list[Passage]:
        """Return the `k` passages that the retriever ranks first for the unit, best first.

        Never one whose text repeats the unit or is repeated in its document.
        """
        found = self._library.knowledge(unit, k)
        self.retrieved += [note for _, note in found]
        return [passage for passage, _ in found]

    def hints(self, unit: Unit) -> list[Hint]:
        """Return mentions that the run's dictionaries find in the unit, in text order, each once.

        Names from train bear their most frequent label, those from the knowledge their concept's
        title. Nothing is learned from the unit's own document or from copies. Empty unless the run
        was asked for hints.
        """
        return self._library.hints.of(unit)
