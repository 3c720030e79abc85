"""The `vote` strategy: self-consistency (Wang et al. 2023) over samples or formats."""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from nerharness.errors import UsageError
from nerharness.plugin import Dialogue, Strategy, Task
from nerharness.strategies.side_by_side import side_by_side
from nerharness.types import Mention, Reading, Sampling, Unit

_Key = tuple[str, str, int]


@dataclass(slots=True)
class _Ballot:
    """A mention as it was first said, where in their answers it stood, and who said it."""

    mention: Mention
    places: list[float] = field(default_factory=list)


class Vote:
    """Asks as `inner` asks, several times, and keeps what enough of the answers say.

    Either `samples` drawn answers, or one in each of `vote_formats`. A mention is the same in two
    answers if its label and, but for case and spaces, its text are, and if it is the first, second
    … of its kind in both. Its vote share is its confidence; it is kept from `agreement` on.
    """

    def __init__(
        self,
        inner: Strategy,
        /,
        *,
        samples: int,
        temperature: float,
        agreement: float,
        vote_formats: str | None,
        seed: int,
    ) -> None:
        if samples < 1:
            raise UsageError(f"must be at least 1, got {samples}", where="--samples")
        if not 0 < temperature < math.inf:
            what = f"must be a number above 0, got {temperature}"
            raise UsageError(what, where="--temperature")
        if not 0 < agreement <= 1:
            raise UsageError(f"must be above 0 and at most 1, got {agreement}", where="--agreement")
        self._inner = inner
        self._agreement = agreement
        self._formats = _named(vote_formats or "")
        self._samplings = [
            Sampling(temperature, draw_seed(seed, number)) for number in range(samples)
        ]

    def solve(self, unit: Unit, task: Task, /) -> Dialogue:
        """Hold the dialogues side by side and count their mentions."""
        if self._formats:
            tasks = [_in_format(task, name) for name in self._formats]
        else:
            tasks = [task.varied(sampling=sampling) for sampling in self._samplings]
        readings = yield from side_by_side(self._inner.solve(unit, one) for one in tasks)
        merged = Reading.together(readings)
        return replace(merged, mentions=tuple(elected(readings, self._agreement)))


def draw_seed(seed: int, number: int) -> int:
    """Return the seed of a run's n-th draw, of 31 bits: another one for each run and number."""
    digest = hashlib.sha256(f"{seed} {number}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def elected(readings: Sequence[Reading], agreement: float) -> list[Mention]:
    """Return the mentions that reach the share of votes, in the order that their answers suggest.

    That is by their mean place in the answers, from 0 for the first to 1 for the last.
    """
    ballots: dict[_Key, _Ballot] = {}
    for reading in readings:
        for place, (key, mention) in enumerate(_keyed(reading.mentions)):
            ballot = ballots.setdefault(key, _Ballot(mention))
            ballot.places.append(place / len(reading.mentions))
    needed = math.ceil(agreement * len(readings) - 1e-9)
    kept = [ballot for ballot in ballots.values() if len(ballot.places) >= needed]
    kept.sort(key=lambda ballot: sum(ballot.places) / len(ballot.places))
    return [replace(b.mention, confidence=len(b.places) / len(readings)) for b in kept]


def _named(formats: str) -> list[str]:
    """Return the names in `a,b,…`; `UsageError` where there is none, or one comes twice."""
    names = [name.strip() for name in formats.split(",") if name.strip()]
    if formats and not names:
        raise UsageError(f"{formats!r} names no format", where="--vote-formats")
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UsageError(f"{twice!r} would vote twice", where="--vote-formats")
    return names


def _in_format(task: Task, name: str) -> Task:
    try:
        return task.in_format(name)
    except UsageError as fault:
        raise UsageError(fault.what, where="--vote-formats", hint=fault.hint) from fault


def _keyed(mentions: Sequence[Mention]) -> Iterator[tuple[_Key, Mention]]:
    said: defaultdict[tuple[str, str], int] = defaultdict(int)
    for mention in mentions:
        kind = (" ".join(mention.text.casefold().split()), mention.label)
        said[kind] += 1
        yield (*kind, said[kind]), mention
