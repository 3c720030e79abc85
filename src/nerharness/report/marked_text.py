"""A text with its gold entities lined above and its predicted ones below, as HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from nerharness.escapes import one_line
from nerharness.pages import shown
from nerharness.report.label_codes import LabelCodes
from nerharness.report.lanes import Bar, Piece, Side, draw
from nerharness.types import Entity

_KEPT = 12
"""Characters before an entity's end that are on a line with its code."""
_CLASSES: Mapping[Side, str] = {"gold": "g", "predicted": "p"}


@dataclass(frozen=True, slots=True)
class Marking:
    """How entities are shown: by which codes, and which of them are errors.

    `numbers` has the number of the error that an entity is part of; `prefix` and number are the id
    of the error's row.
    """

    codes: LabelCodes
    numbers: Mapping[tuple[Side, Entity], int]
    prefix: str


def marked_text(
    text: str, gold: Sequence[Entity], predicted: Sequence[Entity], marking: Marking
) -> tuple[str, int]:
    """Return the text as a block of HTML, and how many lanes of lines it needs on either side."""
    drawing = draw(len(text), gold, predicted)
    linked: set[int] = set()
    parts: list[str] = []
    word = ""
    for piece, after in zip_longest(drawing.pieces, drawing.pieces[1:]):
        if piece.ending:
            parts.append(f'<span class="j">{word}{_ends(piece, marking, linked)}</span>')
            word = ""
        else:
            middle = _last_word(text, piece) if after and after.ending else piece.end
            parts.append(_stretch(text, piece._replace(end=middle), marking))
            word = _stretch(text, piece._replace(start=middle), marking)
    block = f'<div class="text h{drawing.lanes}" dir="auto">{"".join(parts)}</div>'
    return block, drawing.lanes


def _last_word(text: str, piece: Piece) -> int:
    """Return where a stretch's last word begins, or the last of it: that stays beside its code."""
    tail = text[max(piece.start, piece.end - _KEPT) : piece.end]
    words = tail.split()
    return piece.end - (len(words[-1]) if words and not tail[-1].isspace() else 0)


def _stretch(text: str, piece: Piece, marking: Marking) -> str:
    """Return a stretch with its lines; nothing for an empty one."""
    if piece.start == piece.end:
        return ""
    inside = shown(text[piece.start : piece.end])
    if any((bar.side, bar.entity) in marking.numbers for bar in piece.covered):
        inside = f'<span class="x">{inside}</span>'
    return _lined(inside, piece, marking.codes)


def _lined(inside: str, piece: Piece, codes: LabelCodes) -> str:
    """Return HTML with the lines of what covers or bridges it, those next to it innermost."""
    for bars, broken in ((piece.covered, ""), (piece.bridged, " b")):
        for bar in bars:
            classes = f"{_CLASSES[bar.side]} l{bar.lane} {codes.colour(bar.entity.label)}{broken}"
            inside = f'<span class="{classes}">{inside}</span>'
    return inside


def _ends(piece: Piece, marking: Marking, linked: set[int]) -> str:
    """Return the codes of the entities that end here: gold over predicted."""
    rows = [_row(side, piece.ending, marking, linked) for side in _CLASSES]
    return _lined(f'<span class="k" dir="ltr">{"".join(rows)}</span>', piece, marking.codes)


def _row(side: Side, ending: Sequence[Bar], marking: Marking, linked: set[int]) -> str:
    cells = [
        _code(side, bar.entity, marking, linked)
        for bar in sorted(ending, key=lambda bar: bar.lane)
        if bar.side == side
    ]
    return f"<span>{''.join(cells) or '·'}</span>"


def _code(side: Side, entity: Entity, marking: Marking, linked: set[int]) -> str:
    codes = marking.codes
    named = f"{side}: {one_line(entity.label)}"
    code = (
        f'<b class="{codes.colour(entity.label)}" title="{shown(named)}">'
        f"{shown(codes.codes[entity.label])}</b>"
    )
    number = marking.numbers.get((side, entity))
    if number is None:
        return code
    id = "" if number in linked else f' id="t{marking.prefix}{number}"'
    linked.add(number)
    return f'{code}<a{id} href="#e{marking.prefix}{number}">{number}</a>'
