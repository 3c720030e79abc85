"""Words that are annotated in more than one way: with several labels, or only sometimes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nerharness.guidance.annotated import AnnotatedText, occurrences

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Confusion:
    """A surface, as it is first written, and how often it was annotated in which way."""

    surface: str
    counts: Mapping[str, int]

    @property
    def weight(self) -> int:
        """How often it was annotated otherwise than mostly."""
        return sum(self.counts.values()) - max(self.counts.values())


def label_confusions(texts: Sequence[AnnotatedText]) -> list[Confusion]:
    """Return the surfaces with more than one label, the most often confused first."""
    labels: defaultdict[Words, Counter[str]] = defaultdict(Counter)
    written: dict[Words, str] = {}
    for text in texts:
        for place in text.whole:
            labels[text.key(place)][place.entity.label] += 1
            written.setdefault(text.key(place), text.surface(place))
    found = [
        Confusion(written[words], dict(counts.most_common()))
        for words, counts in labels.items()
        if len(counts) > 1
    ]
    return sorted(found, key=_rank)


ANNOTATED = "annotated"
LEFT = "not"


def sometimes_annotated(texts: Sequence[AnnotatedText]) -> list[Confusion]:
    """Return the surfaces that stand un-annotated elsewhere, the most often so first.

    Words inside or across another mention are not counted.
    """
    written: dict[Words, str] = {}
    for text in texts:
        for place in text.whole:
            written.setdefault(text.key(place), text.surface(place))
    counts: defaultdict[Words, Counter[str]] = defaultdict(Counter)
    for text, first, end in occurrences(texts, set(written)):
        touching = [p for p in text.places if p.first < end and first < p.end]
        if any(p.whole and (p.first, p.end) == (first, end) for p in touching):
            counts[text.words[first:end]][ANNOTATED] += 1
        elif not touching:
            counts[text.words[first:end]][LEFT] += 1
    found = [
        Confusion(written[words], dict(sorted(count.items())))
        for words, count in counts.items()
        if len(count) > 1
    ]
    return sorted(found, key=_rank)


def _rank(confusion: Confusion) -> tuple[int, str]:
    return (-confusion.weight, confusion.surface)
