"""Mentions that dictionaries find in a unit: candidates to be put before a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Literal, NamedTuple

from nerharness.dictionary import Dictionary
from nerharness.types import Example, Passage, Span, Unit

HintSource = Literal["none", "train", "knowledge", "both"]
Numbers = Callable[[Unit], frozenset[int]]


class Hint(NamedTuple):
    """A mention as it stands in the unit, and what it may be: a label, or a concept's name."""

    surface: str
    meaning: str
    source: Literal["train", "knowledge"]

    def __str__(self) -> str:
        return f"{self.surface} ({self.meaning})"


class Placed(NamedTuple):
    """A hint at one of its places: a span of the unit's text."""

    span: Span
    hint: Hint


class Hints:
    """The names in train and in the knowledge; each dictionary is made when first needed.

    `forbidden` gives the positions of the train examples that a unit must not learn from: those of
    its own document, and copies.
    """

    def __init__(
        self,
        source: HintSource,
        examples: Sequence[Example],
        passages: Sequence[Passage],
        forbidden: Numbers,
    ) -> None:
        self._source = source
        self._examples = examples
        self._passages = passages
        self._forbidden = forbidden

    def of(self, unit: Unit) -> list[Hint]:
        """Return the hints in text order, those of train first where both have one; each once."""
        return list(dict.fromkeys(hint for _, hint in self.placed(unit)))

    def placed(self, unit: Unit) -> list[Placed]:
        """Return the hints in text order at all of their places."""
        placed: list[tuple[int, int, Hint]] = []
        if self._source in ("train", "both"):
            placed += self._from_train(unit)
        if self._source in ("knowledge", "both"):
            placed += self._from_knowledge(unit)
        ordered = sorted(placed, key=lambda one: (one[0], -one[1], one[2].source != "train"))
        return [Placed(Span(start, end), hint) for start, end, hint in ordered]

    def _from_train(self, unit: Unit) -> Iterator[tuple[int, int, Hint]]:
        """Yield the mentions of allowed examples, each with its most frequent label there."""
        forbidden = self._forbidden(unit)
        free = 0
        for start, end, seen in self._mentions.find_all(unit.text):
            labels = Counter(label for label, number in seen if number not in forbidden)
            if start >= free and labels:
                free = end
                label = min(labels, key=lambda label: (-labels[label], label))
                yield start, end, Hint(unit.text[start:end], label, "train")

    def _from_knowledge(self, unit: Unit) -> Iterator[tuple[int, int, Hint]]:
        for start, end, titles in self._names.find(unit.text):
            for title in dict.fromkeys(titles):
                yield start, end, Hint(unit.text[start:end], title, "knowledge")

    @cached_property
    def _mentions(self) -> Dictionary[tuple[str, int]]:
        return Dictionary(
            (entity.surface(example.document.text), (entity.label, number))
            for number, example in enumerate(self._examples)
            for entity in example.entities
            if len(entity.fragments) == 1
        )

    @cached_property
    def _names(self) -> Dictionary[str]:
        return Dictionary(
            (name, passage.title)
            for passage in self._passages
            if passage.concept
            for name in (passage.title, *passage.synonyms)
        )
