"""What must never stand in a prompt about a unit: itself, its document, and their copies."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache

from nerharness.duplicates import Copies, Fingerprint, repeats
from nerharness.types import Document, Example, Passage, Unit

_KEPT = 1 << 14
"""Fingerprints, and answers about texts, that are kept, those used last."""


class Exclusion:
    """Keeps a unit's own text away from it.

    `examples` are cut from train documents, which are `originals` and whose ids they bear.

    What a copy is says `nerharness.duplicates`: near-copies, quotes and texts inside others count.
    """

    def __init__(self, originals: Sequence[Document], examples: Sequence[Example] = ()) -> None:
        self._originals = originals
        self._examples = examples
        self._fingerprint = lru_cache(_KEPT)(Fingerprint.of)
        self._copied_ids = lru_cache(_KEPT)(self._ids_of_copies)
        self._copied_examples = lru_cache(_KEPT)(self._copies_among_examples)

    def forbids(self, unit: Unit, example: Example) -> bool:
        """Tell whether a train example must not be shown for the unit.

        So it is when it comes from the unit's own document or from a copy of that, when it repeats
        the unit, and when it is itself repeated in the unit's document.
        """
        if example.document.id in self.documents(unit):
            return True
        return self._touches(unit, example.document.text)

    def forbids_passage(self, unit: Unit, passage: Passage) -> bool:
        """Tell whether a passage repeats the unit, or is repeated in the unit's document.

        Only its text counts: that a document holds the name of a concept is no leak.
        """
        return bool(passage.text) and self._touches(unit, passage.text)

    def documents(self, unit: Unit) -> frozenset[str]:
        """Return the ids of the train documents that are the unit's own or copies of it."""
        return self._copied_ids(unit.document.text) | {unit.document.id}

    def examples(self, unit: Unit) -> frozenset[int]:
        """Return the positions of all examples that `forbids` forbids for the unit."""
        ids = self.documents(unit)
        same = (number for id in ids for number in self._numbers.get(id, ()))
        of_unit = self._example_copies.of(self._fingerprint(unit.text))
        return self._copied_examples(unit.document.text).union(of_unit, same)

    def _copies_among_examples(self, text: str) -> frozenset[int]:
        return self._example_copies.of(self._fingerprint(text))

    @cached_property
    def _example_copies(self) -> Copies:
        return Copies([example.document.text for example in self._examples])

    @cached_property
    def _numbers(self) -> dict[str, list[int]]:
        numbers: dict[str, list[int]] = {}
        for number, example in enumerate(self._examples):
            numbers.setdefault(example.document.id, []).append(number)
        return numbers

    def _touches(self, unit: Unit, text: str) -> bool:
        other = self._fingerprint(text)
        if repeats(self._fingerprint(unit.text), other):
            return True
        return repeats(other, self._fingerprint(unit.document.text))

    def _ids_of_copies(self, text: str) -> frozenset[str]:
        found = self._copies.of(self._fingerprint(text))
        return frozenset(self._originals[index].id for index in found)

    @cached_property
    def _copies(self) -> Copies:
        return Copies([document.text for document in self._originals])
