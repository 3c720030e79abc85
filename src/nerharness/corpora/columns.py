"""Which column of a line holds what."""

from __future__ import annotations

import re
from typing import NamedTuple

from nerharness.errors import UsageError

_TOKEN_NAMES = {"token", "tokens", "word", "words", "form"}
_TAG_NAMES = {"tag", "tags", "ner", "ner_tag", "ner_tags", "label", "iob", "bio", "ne", "entity"}


class Layout(NamedTuple):
    """The columns of token and tag, and how many there must be; -1 is the last."""

    token: int = 0
    tag: int = -1
    width: int = 2

    @classmethod
    def parse(cls, text: str) -> Layout:
        """Read `token,_,tag`; raises `UsageError` unless token and tag stand in it once each."""
        names = [name.strip() for name in text.split(",")]
        if (
            names.count("token") != 1
            or names.count("tag") != 1
            or set(names) - {"token", "tag", "_"}
        ):
            raise UsageError(
                f"{text!r} is no layout",
                where="columns",
                hint="name token, tag, and _ for each column to pass over, as in token,_,tag",
            )
        return cls(names.index("token"), names.index("tag"), len(names))


def columns(line: str) -> list[str]:
    """Return the cells of a line: parted by tabs, some maybe empty, or by spaces if it has none.

    Other white space, such as a no-break space, is part of a cell.
    """
    if not line.strip():
        return []
    if "\t" in line:
        return [cell.strip(" ") for cell in line.split("\t")]
    return [cell for cell in line.split(" ") if cell]


def filled(cells: list[str]) -> list[str]:
    """Return the cells up to the last that holds something."""
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return cells[:end]


def header(cells: list[str], tag: re.Pattern[str]) -> Layout | None:
    """Return the layout that a header line gives; `None` if the cells are no header."""
    names = [cell.casefold() for cell in filled(cells)]
    tokens = [place for place, name in enumerate(names) if name in _TOKEN_NAMES]
    tags = [place for place, name in enumerate(names) if name in _TAG_NAMES]
    if not tokens or not tags or tag.fullmatch(filled(cells)[-1]):
        return None
    return Layout(tokens[0], tags[-1], len(names))
