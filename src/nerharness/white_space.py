"""White space that must not break a line: that of a text, or in tokens of a corpus's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from nerharness.types import Span

_SPACES = re.compile(r"\s+")


def on_a_line(text: str) -> str:
    """Return the text with one space for each run of white space."""
    return _SPACES.sub(" ", text)


def trimmed(text: str, tokens: Iterable[Span]) -> Iterator[Span]:
    """Yield the tokens without white space at their edges, and none that is nothing else."""
    for token in tokens:
        inside = text[token.start : token.end]
        if body := inside.strip():
            start = token.start + inside.index(body)
            yield Span(start, start + len(body))
