"""A draft of annotation guidelines in Markdown, of bounded length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from nerharness.guidance.annotated import AnnotatedText, Place, one_line
from nerharness.guidance.confusion import (
    ANNOTATED,
    Confusion,
    label_confusions,
    sometimes_annotated,
)
from nerharness.guidance.convention import Convention, Side
from nerharness.guidance.edges import edge_conventions
from nerharness.guidance.shapes import shape_conventions
from nerharness.types import Example, Label, LabelSet

_FREQUENT = 5
"""Mentions and confusions that are named."""

_LABELS = 20
"""Labels that are described; others are only named."""

_QUOTED = 6
"""Labels that are given all their examples; more of them have fewer each."""

Found = list[tuple[AnnotatedText, Place]]


def write_draft(
    examples: Sequence[Example], labels: LabelSet, *, source: str, shown: int = 2
) -> str:
    """Return the draft; `source` says where the examples are from, `shown` how many are quoted.

    The same examples give the same draft. Only what is clear in them is stated.
    """
    texts = [AnnotatedText.of(example) for example in examples]
    conventions = [*edge_conventions(texts), *shape_conventions(texts)]
    parts = [
        [f"# Annotation guidelines ({source})", "", _header(texts)],
        ["## Labels", "", *_labels(texts, labels, shown)],
        _section("## Boundaries", [_convention(one, shown) for one in conventions if one.clear]),
        _section("## Confusions", _confusions(texts)),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return [title, "", *lines] if lines else []


def _header(texts: Sequence[AnnotatedText]) -> str:
    mentions = sum(len(text.example.entities) for text in texts)
    return (
        f"A draft, counted in {_some(len(texts), 'document')} with {_some(mentions, 'mention')}: "
        "edit it. It quotes the corpus; treat it like the texts that it is made from."
    )


def _some(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _labels(texts: Sequence[AnnotatedText], labels: LabelSet, shown: int) -> Iterator[str]:
    found: dict[str, Found] = {name: [] for name in labels.names}
    for text in texts:
        for place in text.places:
            found.setdefault(place.entity.label, []).append((text, place))
    known = {label.name: label for label in labels}
    ranked = sorted(found, key=lambda name: -len(found[name]))
    described = set(ranked[:_LABELS])
    lines = min(shown, _QUOTED * shown // max(len(described), 1))
    for name in found:
        if name in described:
            yield from _label(known.get(name, Label(name)), found[name], lines)
    if rest := [name for name in found if name not in described]:
        yield f"- Rarer labels: {', '.join(rest)}"


def _label(label: Label, found: Found, shown: int) -> Iterator[str]:
    definition = f": {one_line(label.definition)}" if label.definition else ""
    if not found:
        yield f"- {label.name}{definition}. Never annotated here."
        return
    surfaces = Counter(text.surface(place) for text, place in found)
    sizes = sorted(_size(text, place) for text, place in found)
    often = ", ".join(f"{name} ({count})" for name, count in _top(surfaces)[:_FREQUENT])
    yield (
        f"- {label.name}{definition}. {_some(len(found), 'mention')} of {_range(sizes)}. "
        f"Most frequent: {often}."
    )
    for text, place in _telling(found, surfaces, shown):
        yield f"  - {text.quote_place(place)}"


def _size(text: AnnotatedText, place: Place) -> int:
    tokens = text.example.document.tokens[place.first : place.end]
    return sum(
        any(token.start < part.end and part.start < token.end for part in place.entity.fragments)
        for token in tokens
    )


def _range(sizes: Sequence[int]) -> str:
    if sizes[0] == sizes[-1]:
        return _some(sizes[0], "word")
    return f"{sizes[0]} to {sizes[-1]} words (median {median(sizes):g})"


def _top(surfaces: Counter[str]) -> list[tuple[str, int]]:
    return sorted(surfaces.items(), key=lambda item: (-item[1], item[0]))


def _telling(
    found: Found, surfaces: Counter[str], shown: int
) -> Iterator[tuple[AnnotatedText, Place]]:
    """Yield the first place of each of the most frequent surfaces."""
    for surface, _ in _top(surfaces)[:shown]:
        yield next((text, place) for text, place in found if text.surface(place) == surface)


def _convention(convention: Convention, shown: int) -> str:
    winner, *others = convention.ranked
    line = f"- {convention.subject} {winner.says} ({len(winner)} of {convention.cases})"
    line += _quoted(winner, shown)
    for side in others:
        line += f" Otherwise {side.says} ({len(side)}){_quoted(side, shown)}"
    return line


def _quoted(side: Side, shown: int) -> str:
    quotes = list(dict.fromkeys(side.quotes))[: min(shown, 2)]
    return f": {'; '.join(f'“{quote}”' for quote in quotes)}." if quotes else "."


def _confusions(texts: Sequence[AnnotatedText]) -> list[str]:
    lines = [
        f"- “{one.surface}” has more than one label: {_shares(one)}."
        for one in label_confusions(texts)[:_FREQUENT]
    ]
    for one in sometimes_annotated(texts)[:_FREQUENT]:
        total = sum(one.counts.values())
        lines.append(f"- “{one.surface}” is annotated {one.counts[ANNOTATED]} of {total} times.")
    return lines


def _shares(confusion: Confusion) -> str:
    total = sum(confusion.counts.values())
    return ", ".join(f"{name} {count / total:.0%}" for name, count in confusion.counts.items())
