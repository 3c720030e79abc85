"""When to ask again: after a random pause that grows, or when the server says."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from random import Random
from typing import Any


@dataclass(frozen=True, slots=True)
class Pace:
    """When to ask again, in seconds: after a random part of `base`, doubled each time, up to `cap`.

    Full jitter, as in "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
    """

    base: float = 0.5
    cap: float = 30.0
    random: Random = field(default_factory=Random)

    def pause(self, tries: int, asked: float | None) -> float:
        """Return how long to wait after so many tries; at least what the server `asked` for."""
        if asked is not None:
            return asked + self.random.uniform(0, self.base)
        return self.random.uniform(0, min(self.base * 2 ** min(tries - 1, 32), self.cap))


def asked_to_wait(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that `retry-after-ms` or `Retry-After` asks for; `None` if neither does.

    `Retry-After` is a number of seconds or an HTTP date (RFC 9110, section 10.2.3). The names are
    looked up in lower case.
    """
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        seconds = _number(headers.get(name))
        if seconds is not None:
            return seconds * unit
    try:
        until = parsedate_to_datetime(headers.get("retry-after", ""))
        return max(until.timestamp() - time.time(), 0.0)
    except (ValueError, OverflowError):
        return None


def _number(written: Any) -> float | None:
    try:
        number = float(written)
    except (TypeError, ValueError):
        return None
    return max(number, 0.0) if math.isfinite(number) else None
