"""The segmentation of the RareDis release in tokens (`Token,Tag,Sentence_Num,…`).

A token is what stands between white space, after ASCII punctuation was peeled off its beginning and
end, each character a token of its own. A sentence ends after a word whose last token is `.`, `?` or
`!` where white space or the end of the text follows.
"""

from __future__ import annotations

import re
import string

from nerharness.types import Document, Span

_WORD = re.compile(r"\S+")
_ENDS = (".", "?", "!")


def segment_raredis(id: str, text: str) -> Document:
    """Make a document with the tokens and sentences of the RareDis release."""
    tokens: list[Span] = []
    sentences: list[Span] = []
    first = 0
    for word in _WORD.finditer(text):
        tokens += _peel(text, *word.span())
        if text[tokens[-1].start : tokens[-1].end] in _ENDS:
            sentences.append(Span(tokens[first].start, tokens[-1].end))
            first = len(tokens)
    if first < len(tokens):
        sentences.append(Span(tokens[first].start, tokens[-1].end))
    return Document(id, text, tuple(tokens), tuple(sentences))


def _peel(text: str, start: int, end: int) -> list[Span]:
    head, tail = start, end
    while head < end and text[head] in string.punctuation:
        head += 1
    while tail > head and text[tail - 1] in string.punctuation:
        tail -= 1
    before = [Span(at, at + 1) for at in range(start, head)]
    after = [Span(at, at + 1) for at in range(tail, end)]
    return [*before, *([Span(head, tail)] if head < tail else []), *after]
