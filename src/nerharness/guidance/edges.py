"""Conventions about the words at the edges of mentions: which are inside, which stay outside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from nerharness.guidance.annotated import AnnotatedText, Place
from nerharness.guidance.convention import Convention, Side


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BEFORE = {
    "Articles and determiners before a mention (the, a, his, this …)": _words(
        "a an the this that these those his her its their our my your such any some each"
    ),
    "Words of degree before a mention (severe, mild …)": _words(
        "severe mild moderate marked slight profound extreme massive intense significant"
    ),
    "Words of course before a mention (acute, chronic, recurrent …)": _words(
        "acute subacute chronic recurrent persistent intermittent progressive transient episodic "
        "relapsing refractory advanced early late"
    ),
    "Words of origin before a mention (familial, congenital …)": _words(
        "familial hereditary inherited congenital sporadic genetic acquired idiopathic primary "
        "secondary neonatal juvenile infantile"
    ),
    "Words of side before a mention (left, bilateral …)": _words(
        "left right bilateral unilateral upper lower"
    ),
}

_AFTER = {
    'Nouns of kind right after a name ("disease", "syndrome" …)': _words(
        "disease diseases disorder disorders syndrome syndromes condition conditions illness "
        "infection infections deficiency"
    ),
    'Nouns of people right after a name ("patients", "families" …)': _words(
        "patient patients case cases family families kindred kindreds carrier carriers individuals "
        "children adults women men"
    ),
    'Nouns of event right after a name ("attacks", "symptoms" …)': _words(
        "attack attacks episode episodes symptom symptoms sign signs crisis crises event events"
    ),
}


def edge_conventions(texts: Sequence[AnnotatedText]) -> list[Convention]:
    """Return a convention for each kind of word before and after mentions, and for punctuation."""
    found = [_before(subject, words, texts) for subject, words in _BEFORE.items()]
    found += [_after(subject, words, texts) for subject, words in _AFTER.items()]
    return [*found, _punctuation(texts)]


def _before(subject: str, words: frozenset[str], texts: Sequence[AnnotatedText]) -> Convention:
    def inside(text: AnnotatedText, place: Place) -> bool:
        return len(place) > 1 and text.words[place.first] in words

    def outside(text: AnnotatedText, place: Place) -> bool:
        return place.first > 0 and text.words[place.first - 1] in words

    return _measured(subject, texts, inside, outside)


def _after(subject: str, words: frozenset[str], texts: Sequence[AnnotatedText]) -> Convention:
    def inside(text: AnnotatedText, place: Place) -> bool:
        return len(place) > 1 and text.words[place.end - 1] in words

    def outside(text: AnnotatedText, place: Place) -> bool:
        return place.end < len(text.words) and text.words[place.end] in words

    return _measured(subject, texts, inside, outside)


Holds = Callable[[AnnotatedText, Place], bool]


def _measured(
    subject: str, texts: Sequence[AnnotatedText], inside: Holds, outside: Holds
) -> Convention:
    """Count the mentions for which each holds; one with a larger mention there is of neither."""
    taken = [(text, place) for text in texts for place in text.places if inside(text, place)]
    left = [
        (text, place)
        for text in texts
        for place in text.places
        if outside(text, place) and not inside(text, place) and not _within_another(text, place)
    ]
    return Convention(
        subject, [Side("are part of it", _quotes(taken)), Side("are left out", _quotes(left))]
    )


def _within_another(text: AnnotatedText, place: Place) -> bool:
    return any(
        other is not place and other.covers(place.first, place.end) and len(other) > len(place)
        for other in text.places
    )


def _quotes(found: Iterable[tuple[AnnotatedText, Place]]) -> list[str]:
    return [text.quote_place(place, around=2) for text, place in found]


def _punctuation(texts: Sequence[AnnotatedText]) -> Convention:
    """Compare mentions with and without a mark at an edge that is no bracket of their own."""
    kept: list[tuple[AnnotatedText, Place]] = []
    left: list[tuple[AnnotatedText, Place]] = []
    for text in texts:
        for place in text.places:
            surface = text.surface(place)
            (left if _bare(surface) else kept).append((text, place))
    return Convention(
        "Punctuation at the edges of a mention",
        [Side("is part of it", _quotes(kept)), Side("is left out", _quotes(left))],
    )


def _bare(surface: str) -> bool:
    first, last = surface[:1], surface[-1:]
    opened = first in "([" or first.isalnum()
    closed = last.isalnum() or last in "%+°" or (last in ")]" and any(c in surface for c in "(["))
    return opened and closed
