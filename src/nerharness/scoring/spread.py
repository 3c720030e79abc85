"""How far scores lie apart that differ by chance alone."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, stdev
from typing import NamedTuple, Self


class Spread(NamedTuple):
    """The mean of some values, and their standard deviation (of a sample); none of a single one."""

    mean: float
    deviation: float | None

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Return that of these values."""
        return cls(fmean(values), stdev(values) if len(values) > 1 else None)

    @property
    def shown(self) -> tuple[str, str]:
        """Both as the cells of a table."""
        return f"{self.mean:.3f}", "" if self.deviation is None else f"{self.deviation:.3f}"

    @property
    def between(self) -> tuple[float, float] | None:
        """One standard deviation to both sides."""
        if self.deviation is None:
            return None
        return self.mean - self.deviation, self.mean + self.deviation
