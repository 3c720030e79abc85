"""Short codes and colours by which labels are told apart beside a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Self

from nerharness.escapes import one_line
from nerharness.pages import shown

COLOURS = 8
"""How many colours a page has; further labels begin again, and have their codes alone."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")


@dataclass(frozen=True, slots=True)
class LabelCodes:
    """A code for each label, no two alike."""

    codes: Mapping[str, str]
    numbers: Mapping[str, int]
    """Their places, in the order given."""

    @classmethod
    def of(cls, labels: Iterable[str]) -> Self:
        """Give the labels their codes, in the order given."""
        codes: dict[str, str] = {}
        for label in dict.fromkeys(labels):
            taken = set(codes.values())
            codes[label] = next(code for code in _candidates(label) if code not in taken)
        return cls(codes, {label: place for place, label in enumerate(codes)})

    def colour(self, label: str) -> str:
        """Return the class of a label's colour."""
        return f"c{self.numbers[label] % COLOURS}"

    def legend(self) -> str:
        """Return the codes with their labels as HTML."""
        rows = (
            f'<span><b class="{self.colour(label)}">{shown(code)}</b> '
            f"{shown(one_line(label))}</span>"
            for label, code in self.codes.items()
        )
        return "\n".join(rows)


def _candidates(label: str) -> Iterable[str]:
    """Yield codes for a label, the best one first, without end."""
    words = _WORDS.findall(label)
    if len(words) > 1:
        yield "".join(word[0] for word in words[:4]).upper()
    whole = "".join(words).upper() or "?"
    yield from (whole[:length] for length in range(2, 5))
    yield from (f"{whole[:2]}{number}" for number in count(2))
