"""Text from outside that must not act as a control token, whatever it says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_FIRST = 0xF0000
"""The first code point of a private use area, where no text has meaning of its own."""


class Piece(NamedTuple):
    """A part of a rendered prompt; one that is `plain` is text and no control token."""

    text: str
    plain: bool


class PlainText:
    """Hides the spellings of control tokens in contents while a chat template is applied.

    Each is stood in for by a private-use character, which `pieces` turns back. Such a character in
    a content is hidden the same way, so that it is never taken for one of ours.
    """

    def __init__(self, controls: Iterable[str]) -> None:
        spelled = sorted({control for control in controls if control}, key=len, reverse=True)
        self._hidden = [*spelled]
        own = f"[{chr(_FIRST)}-{chr(_FIRST + 0xFFFD)}]"
        self._pattern = re.compile("|".join([*map(re.escape, spelled), own]))
        self._stand_ins = re.compile(f"({own})")

    def hide(self, content: str) -> str:
        """Return the content with stand-ins for control tokens."""
        return self._pattern.sub(lambda found: self._stand_in(found[0]), content)

    def _stand_in(self, spelled: str) -> str:
        if spelled not in self._hidden:
            self._hidden.append(spelled)
        return chr(_FIRST + self._hidden.index(spelled))

    def pieces(self, rendered: str) -> Iterator[Piece]:
        """Yield the parts of a prompt rendered from hidden contents, in order, none empty."""
        for place, part in enumerate(self._stand_ins.split(rendered)):
            if place % 2:
                yield Piece(self._hidden[ord(part) - _FIRST], plain=True)
            elif part:
                yield Piece(part, plain=False)
