"""The default tokenizer and sentence splitter.

Token: a maximal run of letters, digits, underscores and combining marks, or one other visible
character.
Sentence: ends at a blank line, or at `.`, `!`, `?` or `…` (with closing quotes or brackets) that is
followed by white space and a character that is not a lower-case letter; but not at the `.` of a
title, an abbreviation or an ordinal (`nerharness.stops`), nor after a number alone. No sentence or
token has white space at its edges.
"""

from __future__ import annotations

import re
import unicodedata

from nerharness.stops import is_inner
from nerharness.types import Document, Span

_TOKEN = re.compile(r"\w+|[^\w\s]")
_BREAK = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[^\sa-zß-öø-ÿ])|\s*\n\s*\n\s*")


def tokenize(text: str) -> tuple[Span, ...]:
    """Return the default tokens of `text` as spans."""
    spans: list[Span] = []
    for found in _TOKEN.finditer(text):
        mark = unicodedata.category(found[0][0]).startswith("M")
        if spans and spans[-1].end == found.start() and (mark or _ends_in_mark(text, spans[-1])):
            spans[-1] = Span(spans[-1].start, found.end())
        else:
            spans.append(Span(*found.span()))
    return tuple(spans)


def _ends_in_mark(text: str, span: Span) -> bool:
    return unicodedata.category(text[span.end - 1]).startswith("M")


def split_sentences(text: str) -> tuple[Span, ...]:
    """Return the sentences of `text` as spans without white space at their edges."""
    spans: list[Span] = []
    start = 0
    for found in [*_BREAK.finditer(text), None]:
        if found and _goes_on(text, start, found):
            continue
        end = len(text) if found is None else found.end()
        piece = text[start:end]
        if body := piece.strip():
            first = start + piece.index(body)
            spans.append(Span(first, first + len(body)))
        start = end
    return tuple(spans)


def _goes_on(text: str, start: int, found: re.Match[str]) -> bool:
    """Tell whether the sentence from `start` has not ended yet where a break was found."""
    stop = found.start() - 1
    if text[stop] != "." or not found[0].isspace() or found[0].count("\n") > 1:
        return False
    return text[start:stop].strip().isdecimal() or is_inner(text, stop)


def segment(id: str, text: str) -> Document:
    """Make a document of `text` with the default tokens and sentences."""
    return Document(id, text, tokenize(text), split_sentences(text))
