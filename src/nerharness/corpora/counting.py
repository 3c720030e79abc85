"""How offsets may have been counted otherwise than a file has its text: its line ends, its mark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

Pairs = Sequence[tuple[int, int]]

_BOM = "\ufeff"


class Counting(NamedTuple):
    """A way to count characters: which one of the text the n-th is."""

    name: str
    places: Sequence[int]

    def moved(self, pairs: Pairs) -> Pairs | None:
        """Return where these offsets stand in the text; `None` if they cannot be."""
        if any(not 0 <= start < end <= len(self.places) for start, end in pairs):
            return None
        return [(self.places[start], self.places[end - 1] + 1) for start, end in pairs]


def countings(text: str) -> Iterator[Counting]:
    """Yield the other ways: line ends of one or of two characters, the byte-order mark or none."""
    ends = {
        "": list(range(len(text))),
        "with line ends of one character": [
            place for place in range(len(text)) if text[place : place + 2] != "\r\n"
        ],
        "with line ends of two characters": list(_doubled(text)),
    }
    other = "without" if text.startswith(_BOM) else "with"
    for (name, places), mark in product(ends.items(), ("", f"{other} the byte-order mark")):
        if name or mark:
            moved = (places[1:] if other == "without" else [0, *places]) if mark else places
            yield Counting(" and ".join(filter(None, (name, mark))), moved)


def _doubled(text: str) -> Iterator[int]:
    """Yield each place, and twice that of a line feed without a carriage return before it."""
    for place, char in enumerate(text):
        if char == "\n" and text[place - 1 : place] != "\r":
            yield place
        yield place
