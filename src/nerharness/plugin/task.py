"""What a strategy works with: labels, format, and what can be looked up for a unit."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from nerharness.errors import UsageError
from nerharness.grammar import Level
from nerharness.plugin.hints import Hint, HintSource
from nerharness.plugin.holdings import Holdings, Retrieved
from nerharness.plugin.protocols import Format
from nerharness.plugin.shelf import Indexer
from nerharness.templates import Templates
from nerharness.types import Document, Example, LabelSet, Mention, Passage, Sampling, Unit


@dataclass(frozen=True, slots=True)
class Wording:
    """How prompts are worded: their templates, and annotation guidelines to follow (Markdown)."""

    templates: Templates
    guidelines: str = ""


@dataclass(frozen=True, slots=True)
class Decoding:
    """How answers are made: held to what, drawn how, and weighed or not.

    An answer that is cut off is gone on with up to `continuations` times.
    """

    level: Level = "free"
    sampling: Sampling | None = None
    confidence: bool = False
    continuations: int = 0


class Task:
    """The labels and format of a run, its train examples and its knowledge.

    Both are indexed when first asked for. `examples` are unit-sized; their documents' ids are those
    of the train documents they come from, which are `originals`. `retrieved` notes what was looked
    up through this task and those made of it; `fresh` makes one with notes of its own.
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
        formats: Callable[[str], Format] | None = None,
        wording: Wording | None = None,
        decoding: Decoding = Decoding(),
    ) -> None:
        self.labels = labels
        self.format = format
        self.wording = wording or Wording(Templates(more=(format.template,)))
        self.decoding = decoding
        self.retrieved: list[Retrieved] = []
        self._formats = formats
        self._holdings = Holdings(examples, originals, passages, index, hints=hints)

    def fresh(self) -> Task:
        """Return the same task with nothing noted yet; both look things up in the same holdings."""
        other = copy.copy(self)
        other.retrieved = []
        return other

    def expect(self, units: Iterable[Unit]) -> None:
        """Announce the units that will be looked up next, so that it is done at once."""
        self._holdings.expect(units)

    def only(self, label: str) -> Task:
        """Return the task with this label alone; what can be looked up is shared.

        Raises `KeyError` for a label that is none of the task's.
        """
        part = copy.copy(self)
        part.labels = self.labels.only(label)
        return part

    def varied(self, **changes: Any) -> Task:
        """Return the task with other fields of its `decoding`; what can be looked up is shared."""
        other = copy.copy(self)
        other.decoding = replace(self.decoding, **changes)
        return other

    def in_format(self, name: str) -> Task:
        """Return the task with another format; what can be looked up is shared."""
        if self._formats is None:
            raise UsageError("this task has but one format")
        other = copy.copy(self)
        other.format = self._formats(name)
        templates = self.wording.templates.including(other.format.template)
        other.wording = replace(self.wording, templates=templates)
        return other

    def demonstrations(self, unit: Unit, k: int) -> list[Example]:
        """Return the `k` train examples that the retriever ranks first for the unit, best first.

        Never one from the unit's own document or a copy of it, nor one that repeats the unit or is
        repeated in its document (see `nerharness.duplicates`), nor two with the same text. Fewer
        than `k` only when train has no more.
        """
        found = self._holdings.demonstrations(unit, k)
        self.retrieved += [note for _, note in found]
        return [example for example, _ in found]

    def knowledge(self, unit: Unit, k: int) -> list[Passage]:
        """Return the `k` passages that the retriever ranks first for the unit, best first.

        Never one whose text repeats the unit or is repeated in its document.
        """
        found = self._holdings.knowledge(unit, k)
        self.retrieved += [note for _, note in found]
        return [passage for passage, _ in found]

    def hints(self, unit: Unit) -> list[Hint]:
        """Return mentions that the run's dictionaries find in the unit, in text order, each once.

        Names from train bear their most frequent label, those from the knowledge their concept's
        title; labels that are not the task's are left out. Nothing is learned from the unit's own
        document or from copies. Empty unless the run was asked for hints.
        """
        found = self._holdings.hints.of(unit)
        return [hint for hint in found if hint.source != "train" or hint.meaning in self.labels]

    def candidates(self, unit: Unit) -> list[Mention]:
        """Return the unit's hints at all of their places, as mentions, in text order.

        One that names a label of the task bears that; of any other each label is possible, and it
        is there once with each.
        """
        found = self._holdings.hints.placed(unit)
        distinct = {
            (span, label): Mention(unit.text[span.start : span.end], label, span)
            for span, hint in found
            for label in self._possible(hint)
        }
        return list(distinct.values())

    def _possible(self, hint: Hint) -> tuple[str, ...]:
        if hint.source == "train":
            return (hint.meaning,) if hint.meaning in self.labels else ()
        return self.labels.names
