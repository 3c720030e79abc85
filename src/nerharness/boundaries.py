"""Where alignment lets mentions begin and end: the rule of the core, for those who need it before.

See `nerharness.align`: between two characters that are not both letters, numbers or combining
marks, unseen ones not counted; never inside of a decimal number.
"""

from __future__ import annotations

import re
import unicodedata

_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]"
)
_UNSEGMENTED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
    "\U0001b000-\U0001b16f\U00020000-\U0003fffd]"
)


def may_cut(text: str, position: int) -> bool:
    """Tell whether one mention may end and another begin at `position`."""
    return (
        _is_boundary(text, position)
        and not _is_behind_point(text, position)
        and not _is_before_point(text, position)
    )


def _is_boundary(text: str, position: int) -> bool:
    if not 0 < position < len(text):
        return True
    left, right = text[position - 1], text[position]
    if left.isspace() or right.isspace():
        return True
    if _UNSEEN.match(left) or _UNSEEN.match(right):
        return False
    if _is_mark(right):
        return not _is_word(left)
    if _UNSEGMENTED.match(left) or _UNSEGMENTED.match(right):
        return True
    return not (_is_word(left) and _is_word(right))


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")


def _is_word(char: str) -> bool:
    return char.isalnum() or _is_mark(char)


def _is_behind_point(text: str, position: int) -> bool:
    return text[position - 1 : position] in (".", ",") and _between_digits(text, position - 1)


def _is_before_point(text: str, position: int) -> bool:
    return text[position : position + 1] == "." and _between_digits(text, position)


def _between_digits(text: str, place: int) -> bool:
    around = text[max(place - 1, 0) : place] + text[place + 1 : place + 2]
    return len(around) == 2 and all(char.isnumeric() for char in around)
