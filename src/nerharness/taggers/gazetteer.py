"""The `gazetteer` tagger: the dictionary that any language model should beat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from nerharness.dictionary import Dictionary, Found
from nerharness.errors import UsageError
from nerharness.types import Document, Entity, Example

FOLDS = 5
STEPS = 20
"""Least shares that are tried: 0, 1/20, … 1."""
UNTUNED = 0.5
"""The least share where there is too little to tune it on."""


@dataclass(slots=True)
class Name:
    """What train says of a name: how often it stands there, and how often with which label."""

    stands: int = 0
    labels: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """The share of its occurrences that are annotated."""
        return min(1.0, self.labels.total() / self.stands)

    @property
    def label(self) -> str:
        """The most frequent label; at a tie the one that sorts first."""
        return min(self.labels, key=lambda label: (-self.labels[label], label))


class Lexicon:
    """The contiguous mentions of some examples, found again whatever their case and spacing.

    A name's occurrences are counted where no longer name covers them, and only if there is none
    such, everywhere.
    """

    def __init__(self, examples: Sequence[Example]) -> None:
        surfaces = dict.fromkeys(
            entity.surface(example.document.text)
            for example in examples
            for entity in example.entities
            if len(entity.fragments) == 1
        )
        self._dictionary = Dictionary((surface, surface) for surface in surfaces)
        self._names: dict[str, Name] = {}
        nested: dict[str, Name] = {}
        for example in examples:
            found = self._dictionary.find_all(example.document.text)
            gold = _labels_by_place(example.entities)
            _count(leftmost(found), gold, self._names)
            _count(found, gold, nested)
        self._names = {key: one for key, one in self._names.items() if one.labels}
        for key, name in nested.items():
            if name.labels:
                self._names.setdefault(key, name)

    def find(self, text: str) -> list[tuple[Found[str], Name]]:
        """Return all places of known names, those that overlap too."""
        found = ((one, self._names.get(one.values[0])) for one in self._dictionary.find_all(text))
        return [(one, name) for one, name in found if name is not None]


class Gazetteer:
    """Marks known names from left to right, the longest that reaches the least share.

    A name's share is that of its occurrences in train which are annotated; it bears the label that
    it has most often there. Without `least_share` the least share is the one with the best strict
    micro F1 in a cross-validation over train, by documents.
    """

    def __init__(self, examples: Sequence[Example], /, *, least_share: float | None) -> None:
        if not examples:
            raise UsageError(
                "the gazetteer learns from a train split, and the corpus has none",
                hint="give a corpus folder with train and test files",
            )
        if least_share is not None and not 0 <= least_share <= 1:
            raise UsageError(f"must be from 0 to 1, got {least_share}", where="--least-share")
        self.least_share = tuned_share(examples) if least_share is None else least_share
        self._lexicon = Lexicon(examples)

    def tag(self, documents: Sequence[Document], /) -> Iterator[Sequence[Entity]]:
        """Yield the entities of each document in text order; none overlap."""
        for document in documents:
            yield chosen(self._lexicon.find(document.text), self.least_share)


def tuned_share(examples: Sequence[Example]) -> float:
    """Return the least share with the best F1 on the folds that it was not learned from.

    Among equals it is the one nearest to a half.
    """
    folds = min(FOLDS, len(examples))
    if folds < 2:
        return UNTUNED
    shares = [step / STEPS for step in range(STEPS + 1)]
    right, said = Counter[float](), Counter[float]()
    for fold in range(folds):
        lexicon = Lexicon([e for n, e in enumerate(examples) if n % folds != fold])
        for example in examples[fold::folds]:
            found, gold = lexicon.find(example.document.text), set(example.entities)
            for share in shares:
                entities = chosen(found, share)
                said[share] += len(entities)
                right[share] += len(gold.intersection(entities))
    wanted = sum(len(set(example.entities)) for example in examples)
    f1 = {share: 2 * right[share] / max(1, said[share] + wanted) for share in shares}
    return max(shares, key=lambda share: (f1[share], -abs(share - UNTUNED)))


def chosen(found: Iterable[tuple[Found[str], Name]], least_share: float) -> list[Entity]:
    """Return an entity for each place, the leftmost and longest, of names with such a share."""
    kept = {one: name for one, name in found if name.share >= least_share}
    return [Entity.at(kept[one].label, one.start, one.end) for one in leftmost(kept)]


def leftmost(found: Iterable[Found[str]]) -> Iterator[Found[str]]:
    """Yield those that begin at or after the end of the one before; the longest come first."""
    free = 0
    for one in found:
        if one.start >= free:
            free = one.end
            yield one


def _labels_by_place(entities: Iterable[Entity]) -> dict[tuple[int, int], list[str]]:
    places: dict[tuple[int, int], list[str]] = {}
    for entity in entities:
        if len(entity.fragments) == 1:
            places.setdefault((entity.span.start, entity.span.end), []).append(entity.label)
    return places


def _count(
    found: Iterable[Found[str]], gold: dict[tuple[int, int], list[str]], names: dict[str, Name]
) -> None:
    for start, end, surfaces in found:
        name = names.setdefault(surfaces[0], Name())
        name.stands += 1
        name.labels.update(gold.get((start, end), ()))
