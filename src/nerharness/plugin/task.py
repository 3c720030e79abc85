"""What a strategy works with: labels, format, and what can be looked up for a unit."""

from __future__ import annotations

import copy
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from nerharness.errors import UsageError
from nerharness.grammar import Level
from nerharness.plugin.protocols import Format, Retriever
from nerharness.templates import Templates
from nerharness.types import Document, Example, LabelSet, Passage, Sampling, Unit

Indexer = Callable[[Sequence[str]], Retriever]


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
    of the train documents they come from, which are `originals`.
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
        formats: Callable[[str], Format] | None = None,
        wording: Wording | None = None,
        decoding: Decoding = Decoding(),
    ) -> None:
        self.labels = labels
        self.format = format
        self.wording = wording or Wording(Templates(more=(format.template,)))
        self.decoding = decoding
        self._formats = formats
        self._whole = self
        self._examples = examples
        self._originals = {document.id: bare_text(document.text) for document in originals}
        self._passages = passages
        self._index = index

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

        Never one from the unit's own document or a duplicate of it, nor one whose text equals the
        unit's (white space, case and punctuation aside) or, from 20 letters on, holds it or lies in
        it, nor two with the same text. Fewer than `k` only when train has no more.
        """
        if self._whole is not self:
            return self._whole.demonstrations(unit, k)
        if k <= 0:
            return []
        if not self._examples:
            raise UsageError(
                "demonstrations were asked for, but the corpus has no train split",
                hint="give a corpus folder with train and test files, or --shots 0",
            )
        depth = 2 * k + 4  # nearly always enough; doubled until it is
        while True:
            hits = self._example_index.retrieve(unit.text, depth)
            chosen = self._without_leaks(unit, [hit.index for hit in hits])[:k]
            if len(chosen) == k or depth >= len(self._examples):
                return chosen
            depth *= 2

    def _without_leaks(self, unit: Unit, ranked: Sequence[int]) -> list[Example]:
        own, whole = bare_text(unit.text), bare_text(unit.document.text)
        chosen: dict[str, Example] = {}
        for index in ranked:
            example, text = self._examples[index], self._bare_examples[index]
            id = example.document.id
            same_document = id == unit.document.id or self._originals.get(id) == whole
            if not same_document and not _alike(text, own):
                chosen.setdefault(text, example)
        return list(chosen.values())

    def knowledge(self, unit: Unit, k: int) -> list[Passage]:
        """Return the `k` passages that the retriever ranks first for the unit, best first."""
        if self._whole is not self:
            return self._whole.knowledge(unit, k)
        if k <= 0 or not self._passages:
            return []
        hits = self._passage_index.retrieve(unit.text, k)
        return [self._passages[hit.index] for hit in hits]

    @cached_property
    def _bare_examples(self) -> list[str]:
        return [bare_text(example.document.text) for example in self._examples]

    @cached_property
    def _example_index(self) -> Retriever:
        return self._indexer([example.document.text for example in self._examples])

    @cached_property
    def _passage_index(self) -> Retriever:
        named = (", ".join((p.title, *p.synonyms)) for p in self._passages)
        texts = [f"{name}: {p.text}" for name, p in zip(named, self._passages, strict=True)]
        return self._indexer(texts)

    @property
    def _indexer(self) -> Indexer:
        if self._index is None:
            raise UsageError("this strategy needs a retriever", hint="choose one with --retriever")
        return self._index


_TELLING = 20
"""Letters from which a text inside another one is a leak and no accident."""


def _alike(text: str, own: str) -> bool:
    if min(len(text), len(own)) < _TELLING:
        return text == own
    return text in own or own in text


def bare_text(text: str) -> str:
    """Return the letters and digits of `text`, compatibility-normalised and case-folded."""
    normal = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in normal if char.isalnum())
