"""Grammars of copies of a text with marks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nerharness.formats.marks import Syntax
from nerharness.grammar import choice, literal, pieces
from nerharness.types import LabelSet, Unit

BLOCK = 150
"""Words in a terminal; llguidance reads nested terminals with as many calls on its stack."""


class Word(NamedTuple):
    """A word of a copy, and the white space behind it."""

    text: str
    gap: str
    opens: bool
    """Whether a mark may stand before it."""
    closes: bool
    """Whether a mark may stand behind it."""


def any_copy(labels: LabelSet, syntax: Syntax) -> str:
    """Return the grammar of any text in which marks open and close rightly.

    They are nested once, if the syntax nests at all.
    """
    pairs = [*map(syntax.pair, labels.names)]
    flat = [f"{literal(start)} VISIBLE PLAIN* {literal(end)}" for start, end in pairs]
    inner = "(PLAIN | FLAT)*" if syntax.nests else "PLAIN*"
    first = "(VISIBLE | FLAT)" if syntax.nests else "VISIBLE"
    marked = [f"{literal(start)} {first} {inner} {literal(end)}" for start, end in pairs]
    rules = [
        "start: COPY",
        f"COPY: ({' | '.join(['PLAIN', *marked])})*",
        f"FLAT: {' | '.join(flat)}" if flat and syntax.nests else "",
        f"PLAIN: {syntax.plain}",
        f"VISIBLE: {syntax.visible}",
    ]
    return "\n".join(filter(None, rules))


def exact_copy(unit: Unit, labels: LabelSet, syntax: Syntax) -> str:
    """Return the grammar of the unit's text with marks around words; they do not nest.

    Each block of words is one terminal, in which every state (a word, and the mark that is open
    before it) is the name of what may follow: rules would be cut into terminals where the text and
    a mark begin alike. No mark reaches over the edge of a block, which is the end of a sentence if
    there is one.
    """
    lead, words, ends = _words(unit, labels, syntax)
    groups: dict[str, list[str]] = {}
    for start, end in map(syntax.pair, labels.names):
        groups.setdefault(start, []).append(end)
    closings = [choice(dict.fromkeys(each)) for each in groups.values()]
    rules = [f"OPEN{kind}: {literal(mark)}" for kind, mark in enumerate(groups)]
    rules += [f"CLOSE{kind}: {each}" for kind, each in enumerate(closings)]
    names: list[str] = [literal(lead)] if lead else []
    for first, last in _blocks(len(words), ends):
        names.append(f"OUT{first}")
        rules += _block(words, first, last, len(groups))
    return "\n".join([f"start: {' '.join(names) or literal('')}", *rules])


def _words(unit: Unit, labels: LabelSet, syntax: Syntax) -> tuple[str, list[Word], set[int]]:
    """Return what stands before the first word, the words, and how many end with each sentence."""
    shown, places = syntax.escape(unit.text, labels)
    sentences = {sentence.end - unit.span.start for sentence in unit.document.sentences}
    bounds: list[tuple[int, int]] = []
    at = 0
    for piece in pieces(unit):
        if piece.strip():
            bounds.append((at, at + len(piece)))
        at += len(piece)
    starts = [places[start] for start, _ in bounds] + [len(shown)]
    words = []
    for place, (_, end) in enumerate(bounds):
        start, stop, following = starts[place], places[end], starts[place + 1]
        opens, closes = syntax.may_open(shown, start), syntax.may_close(shown, stop)
        words.append(Word(shown[start:stop], shown[stop:following], opens, closes))
    ends = {place + 1 for place, (_, end) in enumerate(bounds) if end in sentences}
    return shown[: starts[0]], words, ends


def _blocks(count: int, ends: set[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the end of each block of words."""
    first = 0
    while first < count:
        last = min(first + BLOCK, count)
        if last < count:
            last = max((end for end in ends if first + BLOCK // 2 < end <= last), default=last)
        yield first, last
        first = last


def _block(words: Sequence[Word], first: int, last: int, kinds: int) -> list[str]:
    """Return the terminals of a block: OUT and a number outside of marks, IN and two inside."""
    rules: list[str] = []
    inside = False
    for at in reversed(range(first, last)):
        word, end = words[at], at + 1 == last
        gap = literal(word.gap) if word.gap else ""
        leave = f"{gap} {'' if end else f'OUT{at + 1}'}".strip() or literal("")
        stay = f"{gap} IN{at + 1}_{{}}" if inside else ""
        inside = inside or word.closes
        opening = [f"OPEN{kind} IN{at}_{kind}" for kind in range(kinds) if inside and word.opens]
        text = literal(word.text)
        rules.append(f"OUT{at}: " + " | ".join([f"{text} {leave}", *opening]))
        for kind in range(kinds if inside else 0):
            ways = [f"CLOSE{kind} {leave}"] if word.closes else []
            ways += [stay.format(kind)] if stay else []
            rules.append(f"IN{at}_{kind}: {text} ({' | '.join(ways)})")
    return rules
