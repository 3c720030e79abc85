"""Annotated texts as words, with the mentions' places among them, and quotations from them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nerharness.types import Entity, Example, Span

AROUND = 8
"""Words shown on each side of what is quoted."""


@dataclass(frozen=True, slots=True)
class Place:
    """An entity, from its first word up to, not with, `end`; a gap between fragments included."""

    entity: Entity
    first: int
    end: int

    def __len__(self) -> int:
        return self.end - self.first

    @property
    def whole(self) -> bool:
        """Whether the mention has no gap."""
        return len(self.entity.fragments) == 1

    def covers(self, first: int, end: int) -> bool:
        """Tell whether the words lie wholly inside."""
        return self.first <= first and end <= self.end


@dataclass(frozen=True, slots=True)
class AnnotatedText:
    """A document's words, and the places of its entities that touch any.

    Words are its tokens, case-folded but for abbreviations: those with two capitals or more.
    """

    example: Example
    words: tuple[str, ...]
    places: tuple[Place, ...]

    @classmethod
    def of(cls, example: Example) -> AnnotatedText:
        """Find the places of an example's entities, in text order."""
        text, tokens = example.document.text, example.document.tokens
        starts = [token.start for token in tokens]
        ends = [token.end for token in tokens]
        places = []
        for entity in sorted(example.entities, key=lambda one: (one.span, one.label)):
            first = bisect_right(ends, entity.span.start)
            end = bisect_left(starts, entity.span.end)
            if first < end:
                places.append(Place(entity, first, end))
        words = tuple(_folded(text[token.start : token.end]) for token in tokens)
        return cls(example, words, tuple(places))

    @property
    def whole(self) -> tuple[Place, ...]:
        """The places of mentions without a gap."""
        return tuple(place for place in self.places if place.whole)

    def surface(self, place: Place) -> str:
        """Return the entity's words as they are written, on one line."""
        return one_line(place.entity.surface(self.example.document.text))

    def written(self, first: int, end: int) -> str:
        """Return the words from `first` up to `end` as they are written, on one line."""
        text, tokens = self.example.document.text, self.example.document.tokens
        return one_line(text[tokens[first].start : tokens[end - 1].end])

    def key(self, place: Place) -> tuple[str, ...]:
        """Return the words by which two mentions are the same."""
        return self.words[place.first : place.end]

    def quote(self, marked: Sequence[Span], first: int, end: int, around: int = AROUND) -> str:
        """Quote the words from `first` up to `end` with some around them, spans in bold.

        What is quoted stays within the sentences that it touches, and on one line.
        """
        text, tokens = self.example.document.text, self.example.document.tokens
        low, high = self._sentence(tokens[first].start, tokens[end - 1].end)
        left = max(first - around, 0)
        while tokens[left].start < low:
            left += 1
        right = min(end + around, len(tokens))
        while tokens[right - 1].end > high:
            right -= 1
        begin, stop = tokens[left].start, tokens[right - 1].end
        before = "… " if begin > low else ""
        after = " …" if stop < high else ""
        return f"{before}{one_line(_bold(text, marked, begin, stop))}{after}"

    def quote_place(self, place: Place, around: int = AROUND) -> str:
        """Quote a mention."""
        return self.quote(place.entity.fragments, place.first, place.end, around)

    def _sentence(self, start: int, end: int) -> tuple[int, int]:
        """Return the bounds of the sentences that the characters lie in."""
        sentences = self.example.document.sentences
        touched = [one for one in sentences if one.start < end and start < one.end]
        if not touched:
            return start, end
        return min(start, touched[0].start), max(end, touched[-1].end)


def _folded(word: str) -> str:
    return word if sum(char.isupper() for char in word) > 1 else word.casefold()


def _bold(text: str, marked: Sequence[Span], begin: int, stop: int) -> str:
    parts, at = [], begin
    for span in marked:
        parts += [text[at : span.start], f"**{text[span.start : span.end].strip()}**"]
        at = span.end
    return "".join([*parts, text[at:stop]])


def one_line(text: str) -> str:
    """Return the text with every run of white space as one space."""
    return " ".join(text.split())


def occurrences(
    texts: Sequence[AnnotatedText], wanted: set[tuple[str, ...]]
) -> Iterator[tuple[AnnotatedText, int, int]]:
    """Yield where any of the word sequences stands: the text, its first word and its end."""
    sizes = sorted({len(words) for words in wanted})
    for text in texts:
        for first in range(len(text.words)):
            for size in sizes:
                if text.words[first : first + size] in wanted and first + size <= len(text.words):
                    yield text, first, first + size
