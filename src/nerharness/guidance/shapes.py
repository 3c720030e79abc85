"""Conventions about how mentions are cut: abbreviations, plurals, coordination, nesting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nerharness.guidance.annotated import AnnotatedText, Place, occurrences
from nerharness.guidance.convention import Convention, Side

_CONJUNCTIONS = frozenset({"and", "or"})
_LONGEST_ABBREVIATION = 10


def shape_conventions(texts: Sequence[AnnotatedText]) -> list[Convention]:
    """Return the conventions about the shape of mentions."""
    return [_abbreviations(texts), _plurals(texts), _coordination(texts), _nesting(texts)]


def _abbreviations(texts: Sequence[AnnotatedText]) -> Convention:
    """Look at abbreviations in brackets right after a mention's words: "colon cancer (CC)"."""
    apart: list[str] = []
    within: list[str] = []
    left: list[str] = []
    for text in texts:
        for place, at in _bracketed(text):
            if place.covers(at - 1, at + 1):
                within.append(text.quote_place(place, around=1))
            elif own := _exactly(text, at, at + 1):
                marked = [*place.entity.fragments, *own.entity.fragments]
                apart.append(text.quote(marked, place.first, at + 2, around=1))
            else:
                left.append(text.quote(place.entity.fragments, place.first, at + 2, around=1))
    return Convention(
        "Abbreviations in brackets after a mention",
        [
            Side("are mentions of their own", apart),
            Side("are part of that mention", within),
            Side("are not annotated", left),
        ],
    )


def _bracketed(text: AnnotatedText) -> Iterator[tuple[Place, int]]:
    """Yield a mention and the word in brackets that stands after, or within, its words."""
    raw, tokens = text.example.document.text, text.example.document.tokens
    for at in range(2, len(text.words) - 1):
        if text.words[at - 1] != "(" or text.words[at + 1] != ")":
            continue
        if not _abbreviates(raw[tokens[at].start : tokens[at].end]):
            continue
        around = [place for place in text.places if place.covers(at - 2, at + 1)]
        before = [place for place in text.places if place.end == at - 1]
        if found := [*around, *before]:
            yield max(found, key=len), at


def _abbreviates(word: str) -> bool:
    capitals = sum(char.isupper() for char in word)
    return 2 <= len(word) <= _LONGEST_ABBREVIATION and capitals >= 2


def _exactly(text: AnnotatedText, first: int, end: int) -> Place | None:
    same = (place for place in text.places if (place.first, place.end) == (first, end))
    return next(same, None)


def _plurals(texts: Sequence[AnnotatedText]) -> Convention:
    """Look for the plural of every mention's words, annotated or not."""
    singular = {text.key(place) for text in texts for place in text.whole}
    wanted = {(*words[:-1], plural) for words in singular for plural in _plural(words[-1])}
    taken: list[str] = []
    left: list[str] = []
    for text, first, end in occurrences(texts, wanted):
        if place := _exactly(text, first, end):
            taken.append(text.quote_place(place, around=2))
        elif not _touched(text, first, end):
            left.append(text.written(first, end))
    return Convention(
        "Plurals of words that are a mention",
        [Side("are mentions too", taken), Side("are not annotated", left)],
    )


def _plural(word: str) -> list[str]:
    if len(word) < 3 or not word.isalpha() or word.endswith("s"):
        return []
    return [f"{word}s", f"{word[:-1]}ies"] if word.endswith("y") else [f"{word}s"]


def _touched(text: AnnotatedText, first: int, end: int) -> bool:
    return any(place.first < end and first < place.end for place in text.places)


def _coordination(texts: Sequence[AnnotatedText]) -> Convention:
    """Look at mentions that share a word: "breast and ovarian cancer"."""
    heads = {text.words[p.end - 1] for text in texts for p in text.places if not _joined(text, p)}
    whole: list[str] = []
    cut: list[str] = []
    apart: list[str] = []
    for text in texts:
        for place in text.places:
            if not place.whole:
                if _CONJUNCTIONS & set(text.key(place)):
                    cut.append(text.quote_place(place, around=1))
            elif _CONJUNCTIONS & set(text.words[place.first + 1 : place.end - 1]):
                whole.append(text.quote_place(place, around=1))
            elif (other := _joined(text, place)) and text.words[place.end - 1] not in heads:
                marked = [*place.entity.fragments, *other.entity.fragments]
                apart.append(text.quote(marked, place.first, other.end, around=1))
    return Convention(
        "Mentions joined by and/or that share a word",
        [
            Side("are one mention", whole),
            Side("are mentions with a gap, each with the shared word", cut),
            Side("are cut at the conjunction, without the shared word", apart),
        ],
    )


def _joined(text: AnnotatedText, place: Place) -> Place | None:
    """Return the mention of two words or more, in one piece, that and/or joins to this one."""
    if text.words[place.end : place.end + 1] and text.words[place.end] in _CONJUNCTIONS:
        for other in text.places:
            if other.first == place.end + 1 and len(other) > 1 and other.whole:
                return other if other.entity.label == place.entity.label else None
    return None


def _nesting(texts: Sequence[AnnotatedText]) -> Convention:
    """Compare mentions that hold another with those of several words that hold none."""
    nested: list[str] = []
    flat: list[str] = []
    for text in texts:
        for place in text.whole:
            if len(place) > 1:
                inner = _inside(text, place)
                if inner is None:
                    flat.append(text.surface(place))
                else:
                    nested.append(_holding(text, place, inner))
    return Convention(
        "Mentions of several words",
        [Side("hold no other mention", flat), Side("hold another mention", nested)],
    )


def _holding(text: AnnotatedText, place: Place, inner: Place) -> str:
    labels = f"{inner.entity.label} in {place.entity.label}"
    return f"{text.surface(inner)} in {text.surface(place)} ({labels})"


def _inside(text: AnnotatedText, place: Place) -> Place | None:
    smaller = (
        other
        for other in text.whole
        if place.covers(other.first, other.end) and len(other) < len(place)
    )
    return next(smaller, None)
