"""Documents, whole or in units, with their annotation, and corpora of them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from nerharness.types.entity import Entity, Span
from nerharness.types.labels import LabelSet


def _start(span: Span) -> int:
    return span.start


def _end(span: Span) -> int:
    return span.end


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its tokens and sentences as offset spans in text order."""

    id: str
    text: str
    tokens: tuple[Span, ...]
    sentences: tuple[Span, ...]

    def __post_init__(self) -> None:
        for name, spans in (("token", self.tokens), ("sentence", self.sentences)):
            if spans and spans[-1].end > len(self.text):
                raise ValueError(f"document {self.id!r}: a {name} lies outside the text")
            for left, right in pairwise(spans):
                if left.end > right.start:
                    raise ValueError(
                        f"document {self.id!r}: {name}s overlap or are unordered: {left}, {right}"
                    )

    def sentence_tokens(self) -> list[tuple[int, int]]:
        """Return the first token and the end token of each sentence that has any.

        A token belongs to the sentence in which it starts; what stands before the first sentence
        belongs to it.
        """
        starts = [sentence.start for sentence in self.sentences][1:]
        bounds = sorted({bisect_left(self.tokens, start, key=_start) for start in starts})
        edges = [0, *bounds, len(self.tokens)]
        return [(first, end) for first, end in pairwise(edges) if first < end]


@dataclass(frozen=True, slots=True)
class Note:
    """What an annotator wrote about an entity (its index), or, with `None`, about the document.

    `kind` is the corpus's own word for it: "AnnotatorNotes", "identifier".
    """

    kind: str
    text: str
    entity: int | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A document with its gold entities; `ValueError` when one lies outside the text.

    `tags` are those of each sentence where a corpus has tags, as they are written there: they may
    say less, or break their scheme, and examples with the same entities are equal whatever they
    are. `ValueError` unless there is one for each token.
    """

    document: Document
    entities: tuple[Entity, ...]
    notes: tuple[Note, ...] = ()
    tags: tuple[tuple[str, ...], ...] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.tags is not None and sum(map(len, self.tags)) != len(self.document.tokens):
            raise ValueError(f"document {self.document.id!r}: a token needs just one tag")
        size = len(self.document.text)
        for entity in self.entities:
            if entity.span.end > size:
                raise ValueError(
                    f"document {self.document.id!r}: entity {entity.label!r} at "
                    f"[{entity.span.start}, {entity.span.end}) lies outside the {size} characters"
                )


@dataclass(frozen=True, slots=True)
class Corpus:
    """Named splits of examples under one label set."""

    name: str
    labels: LabelSet
    splits: Mapping[str, tuple[Example, ...]]


@dataclass(frozen=True, slots=True)
class Source:
    """A corpus that is read while it is gone through; each split can be gone through again.

    `labels` is `None` where none are declared: then they are those that occur.
    """

    name: str
    labels: LabelSet | None
    splits: Mapping[str, Iterable[Example]]


@dataclass(frozen=True, slots=True)
class Unit:
    """What one prompt covers: `span` of a document."""

    document: Document
    span: Span

    @property
    def text(self) -> str:
        """The unit's own text."""
        return self.document.text[self.span.start : self.span.end]

    @property
    def tokens(self) -> tuple[Span, ...]:
        """The document's tokens inside the unit, in offsets of the unit's text."""
        tokens, start = self.document.tokens, self.span.start
        first = bisect_left(tokens, start, key=_start)
        after = bisect_right(tokens, self.span.end, first, key=_end)
        return tuple(token.shift(-start) for token in tokens[first:after])
