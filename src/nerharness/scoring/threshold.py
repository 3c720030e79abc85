"""Conditions on differences, such as `micro.strict.f1 < -0.01`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from nerharness.errors import UsageError
from nerharness.scoring.comparison import Contrast
from nerharness.scoring.figures import FIGURES, Averaging, Row
from nerharness.scoring.protocols import PROTOCOLS

_FORM = re.compile(r"(.+?)\s*(<=|>=|<|>)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*")
_TESTS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_HINT = (
    'write as "micro.strict.f1 < -0.01": micro, macro, weighted or a label (in double quotes if it '
    "has such a name); a protocol; precision, recall or f1; and what the difference must not be"
)


_AVERAGES = {one.value: one for one in Averaging}


@dataclass(frozen=True, slots=True)
class Condition:
    """A bound that a difference must not cross: true of a contrast that does."""

    text: str
    row: Row
    protocol: str
    figure: str
    sign: str
    bound: float

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `ROW.PROTOCOL.FIGURE < NUMBER`, or with protocol before row; `UsageError` else."""
        form = _FORM.fullmatch(text.strip())
        path, sign, bound = form.groups() if form else ("", "", "0")
        rest, _, figure = path.rpartition(".")
        front, _, tail = rest.partition(".")
        head, _, back = rest.rpartition(".")
        if figure in FIGURES and back in PROTOCOLS and head:
            return cls(text.strip(), _row(head), back, figure, sign, float(bound))
        if figure in FIGURES and front in PROTOCOLS and tail:
            return cls(text.strip(), _row(tail), front, figure, sign, float(bound))
        raise UsageError(f"{text!r} is no condition", where="--fail-if", hint=_HINT)

    def holds(self, contrast: Contrast) -> bool:
        """Tell whether it is true of a contrast; `UsageError` for a figure that there is not."""
        found = contrast.differences.get(self.protocol, {})
        if (self.row, self.figure) not in found:
            rows = dict.fromkeys(_written(row) for row, _ in found)
            raise UsageError(
                f"there is no {self.figure} of {_written(self.row)} by {self.protocol}",
                where="--fail-if",
                hint=f"choose from {', '.join(rows)}" if rows else "neither run has an entity",
            )
        return _TESTS[self.sign](found[self.row, self.figure].value, self.bound)


def _row(written: str) -> Row:
    """Return the average of that name, or a label: what is in double quotes is always one."""
    quoted = len(written) > 2 and written[0] == written[-1] == '"'
    return written[1:-1] if quoted else _AVERAGES.get(written, written)


def _written(row: Row) -> str:
    """Return what `_row` reads as the row."""
    if isinstance(row, Averaging):
        return row.value
    return f'"{row}"' if row in _AVERAGES or row.startswith('"') else row
