"""Conditions on differences, such as `micro.strict.f1 < -0.01`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from nerharness.errors import UsageError
from nerharness.scoring.comparison import Contrast
from nerharness.scoring.figures import AVERAGES, FIGURES
from nerharness.scoring.protocols import PROTOCOLS

_FORM = re.compile(r"(.+?)\s*(<=|>=|<|>)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*")
_TESTS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_HINT = (
    'write as "micro.strict.f1 < -0.01": micro, macro, weighted or a label; a protocol; '
    "precision, recall or f1; and what the difference must not be"
)


@dataclass(frozen=True, slots=True)
class Condition:
    """A bound that a difference must not cross: true of a contrast that does."""

    text: str
    row: str
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
            return cls(text.strip(), head, back, figure, sign, float(bound))
        if figure in FIGURES and front in PROTOCOLS and tail:
            return cls(text.strip(), tail, front, figure, sign, float(bound))
        raise UsageError(f"{text!r} is no condition", where="--fail-if", hint=_HINT)

    def holds(self, contrast: Contrast) -> bool:
        """Tell whether it is true of a contrast; `UsageError` for a figure that there is not."""
        found = contrast.differences.get(self.protocol, {})
        if (self.row, self.figure) not in found:
            rows = sorted({row for row, _ in found} - set(AVERAGES))
            raise UsageError(
                f"there is no {self.figure} of {self.row!r} by {self.protocol}",
                where="--fail-if",
                hint=f"choose from {', '.join([*AVERAGES, *rows])}",
            )
        return _TESTS[self.sign](found[self.row, self.figure].value, self.bound)
