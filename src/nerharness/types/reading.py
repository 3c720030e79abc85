"""What a format reads in an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Self

from nerharness.types.entity import Span


@dataclass(frozen=True, slots=True)
class Mention:
    """What a model says: a surface string and a label.

    `span` (offsets of the unit's text) is set only by formats whose answers carry positions
    themselves, such as one tag per token; for all others alignment finds it. `source` is where it
    stands in the answer. `confidence` is the probability or vote share it was given, if any.
    """

    text: str
    label: str
    span: Span | None = None
    source: Span | None = None
    confidence: float | None = None


ReadStatus = Literal["clean", "repaired", "failed"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a format read in an answer.

    `status` is "clean" when the answer had the asked-for shape, "repaired" when mentions had to be
    dug out of it or something was dropped, "failed" when nothing could be read. `problems` counts
    each kind of fault.
    """

    mentions: tuple[Mention, ...]
    status: ReadStatus = "clean"
    problems: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def together(cls, readings: Sequence[Self]) -> Self:
        """Return one reading of several answers: mentions in turn, problems added up."""
        statuses = {reading.status for reading in readings}
        problems: Counter[str] = Counter()
        for reading in readings:
            problems.update(reading.problems)
        status = statuses.pop() if len(statuses) == 1 else "repaired"
        return cls(tuple(m for reading in readings for m in reading.mentions), status, problems)
