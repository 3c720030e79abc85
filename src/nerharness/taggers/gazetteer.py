"""The `gazetteer` tagger: the dictionary that any language model should beat."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from nerharness.errors import UsageError
from nerharness.types import Document, Entity, Example, Span

Words = tuple[str, ...]


class Gazetteer:
    """Marks, from left to right, the longest known run of tokens; case is folded.

    Only contiguous mentions of whole tokens are learned, and a mention's label is the one it has
    most often in train (at a tie the one that sorts first).
    """

    def __init__(self, examples: Sequence[Example], /) -> None:
        if not examples:
            raise UsageError(
                "the gazetteer learns from a train split, and the corpus has none",
                hint="give a corpus folder with train and test files",
            )
        counts: defaultdict[Words, Counter[str]] = defaultdict(Counter)
        for example in examples:
            for entity in example.entities:
                if len(entity.fragments) == 1 and (words := _words(example.document, entity.span)):
                    counts[words][entity.label] += 1
        self._labels = {words: _majority(labels) for words, labels in counts.items()}
        self._longest = max(map(len, self._labels), default=0)

    def tag(self, documents: Sequence[Document], /) -> Iterator[Sequence[Entity]]:
        """Yield the entities of each document in text order; none overlap."""
        for document in documents:
            yield list(self._entities(document))

    def _entities(self, document: Document) -> Iterator[Entity]:
        words = [document.text[t.start : t.end].casefold() for t in document.tokens]
        start = 0
        while start < len(words):
            end = self._match(words, start)
            if end is None:
                start += 1
                continue
            bounds = document.tokens[start].start, document.tokens[end - 1].end
            yield Entity.at(self._labels[tuple(words[start:end])], *bounds)
            start = end

    def _match(self, words: list[str], start: int) -> int | None:
        longest = min(len(words), start + self._longest)
        ends = range(longest, start, -1)
        return next((end for end in ends if tuple(words[start:end]) in self._labels), None)


def _words(document: Document, span: Span) -> Words:
    inside = [token for token in document.tokens if span.covers(token)]
    if not inside or (inside[0].start, inside[-1].end) != (span.start, span.end):
        return ()
    return tuple(document.text[token.start : token.end].casefold() for token in inside)


def _majority(labels: Counter[str]) -> str:
    return min(labels, key=lambda label: (-labels[label], label))
