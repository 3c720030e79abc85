"""Finding many names in a text at once, whatever their case, spacing, hyphens and accents.

A name stands where its skeleton does (see `nerharness.align`), between word boundaries; one with a
skeleton of one or two characters, or without a letter or number, stands where it is written just
so. The search is that of Aho and Corasick (1975): its time does not grow with the number of names.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, NamedTuple, TypeVar

from nerharness import _core

T = TypeVar("T")


class Found(NamedTuple, Generic[T]):
    """A name in a text: the span `[start, end)` in code points, and what the name stands for."""

    start: int
    end: int
    values: tuple[T, ...]


class Dictionary(Generic[T]):
    """Names, each with a value; names that are spelled alike gather their values, in order.

    Raises `ValueError` for a name with a lone surrogate. Empty names stand nowhere.
    """

    def __init__(self, names: Iterable[tuple[str, T]]) -> None:
        pairs = list(names)
        self._core = _core.Dictionary([name for name, _ in pairs])
        gathered: dict[int, list[T]] = {}
        for entry, (_, value) in zip(self._core.entries(), pairs, strict=True):
            if entry is not None:
                gathered.setdefault(entry, []).append(value)
        self._values = {entry: tuple(values) for entry, values in gathered.items()}

    def __len__(self) -> int:
        return len(self._values)

    def find(self, text: str) -> list[Found[T]]:
        """Return the names in `text` from left to right, the longest at each place; none overlap.

        Raises `ValueError` for a lone surrogate.
        """
        return self._named(self._core.find(text, False))

    def find_all(self, text: str) -> list[Found[T]]:
        """Return the names in `text` as `find`, but those in others and those that overlap too."""
        return self._named(self._core.find(text, True))

    def _named(self, found: Iterable[tuple[int, int, int]]) -> list[Found[T]]:
        return [Found(start, end, self._values[entry]) for start, end, entry in found]
