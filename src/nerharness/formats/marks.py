"""What marks entities in a copy of a text, and how text that looks like a mark is spelled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple, Protocol

from nerharness.types import LabelSet, Span

Role = Literal["open", "close", "empty"]


class Mark(NamedTuple):
    """A mark in an answer.

    `key` is what the opening and the closing one of a pair share. `label` is `None` where the mark
    does not say one, or says none of the label set. An empty mark opens and closes at once.
    """

    place: Span
    role: Role
    key: str
    label: str | None


class Respelled(NamedTuple):
    """A text with some of its characters spelled otherwise."""

    text: str
    places: Sequence[int]
    """For each position of what was respelled, its end included, the position in `text`."""


class Syntax(Protocol):
    """A way to mark entities: what is written before and behind them."""

    @property
    def nests(self) -> bool:
        """Whether an entity may stand inside another."""

    @property
    def plain(self) -> str:
        """The body of a terminal: one character, or a few, of text that holds no mark."""

    @property
    def visible(self) -> str:
        """The same for what a marked text may begin with."""

    def pair(self, label: str) -> tuple[str, str]:
        """Return the opening and the closing mark of a label."""

    def marks(self, answer: str, shown: str, labels: LabelSet) -> Iterator[Mark]:
        """Yield what reads as a mark, in order; `shown` is the text that was to be copied."""

    def escape(self, text: str, labels: LabelSet) -> Respelled:
        """Spell what reads as a mark so that it does not."""

    def unescape(self, text: str, labels: LabelSet) -> Respelled:
        """Undo `escape`."""

    def loose(self, text: str) -> int:
        """Return how many opening marks without a closing one are the text's own."""

    def may_open(self, shown: str, place: int) -> bool:
        """Tell whether a mark may open at a place of the text that is shown."""

    def may_close(self, shown: str, place: int) -> bool:
        """Tell whether a mark may close at a place of the text that is shown."""


def respelled(
    pattern: re.Pattern[str], spell: Callable[[re.Match[str]], str], text: str
) -> Respelled:
    """Return the text with each match as `spell` has it.

    Positions inside of a match that is spelled otherwise go to its start.
    """
    parts: list[str] = []
    places: list[int] = []
    done = size = 0
    for found in pattern.finditer(text):
        if (spelling := spell(found)) == found[0]:
            continue
        places += range(size, size + found.start() - done)
        size += found.start() - done
        places += [size] * len(found[0])
        size += len(spelling)
        parts += (text[done : found.start()], spelling)
        done = found.end()
    places += range(size, size + len(text) - done + 1)
    return Respelled("".join([*parts, text[done:]]), places)
