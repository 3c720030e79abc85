"""Phrases of a text that can be names: runs of tokens between function words and punctuation.

The way keywords are looked for by RAKE (Rose et al. 2010, doi:10.1002/9780470689646.ch1). The
function words are English; in other languages a phrase ends at punctuation alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

from nerharness.types import Span

_JOINTS = frozenset("-‐‑–/'’&")
"""What stands inside of names: it ends no phrase."""


def phrases(text: str, tokens: Iterable[Span]) -> Iterator[Span]:
    """Yield the longest runs of content tokens, in text order; `tokens` are spans of `text`.

    A token that is a number is no content; hyphens and the like are only inside of a phrase.
    """
    run: list[Span] = []
    for token in tokens:
        if _is_content(text[token.start : token.end]):
            run.append(token)
        else:
            yield from _trimmed(text, run)
            run = []
    yield from _trimmed(text, run)


def _trimmed(text: str, run: list[Span]) -> Iterator[Span]:
    solid = [token for token in run if text[token.start : token.end] not in _JOINTS]
    if solid:
        yield Span(solid[0].start, solid[-1].end)


def _is_content(token: str) -> bool:
    if token in _JOINTS:
        return True
    return (
        any(map(str.isalnum, token))
        and not token.isdigit()
        and token.casefold() not in function_words()
    )


@cache
def function_words() -> frozenset[str]:
    """Return English articles, pronouns, prepositions, conjunctions, auxiliaries and the like."""
    file = files("nerharness") / "data" / "function-words.txt"
    return frozenset(file.read_text(encoding="utf-8").split())
