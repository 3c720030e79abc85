"""What a decoder is asked for, and what it answers, in tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from nerharness.types import Sampling

Tokens = list[int]


@dataclass(frozen=True, slots=True)
class Request:
    """What to go on from, and how: no `tokens` may be empty."""

    tokens: Tokens
    limit: int
    matcher: Any = None
    """An llguidance matcher that the answer is held to."""
    sampling: Sampling | None = None
    weigh: bool = False
    """Whether the log-probabilities are wanted."""


@dataclass(slots=True, eq=False)
class Answer:
    """An answer, in the making at first; `tokens` holds the end token, if one was chosen.

    It is `complete` when it ended by itself. `logprobs` is empty unless asked for.
    """

    index: int
    request: Request
    draw: Random | None
    tokens: Tokens = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    complete: bool = False

    @classmethod
    def begin(cls, index: int, request: Request) -> Answer:
        """Return the answer without any token yet."""
        sampling = request.sampling
        draw = Random(f"{sampling.seed} {request.tokens}") if sampling else None
        return cls(index, request, draw)

    @property
    def fault(self) -> str | None:
        """Why the matcher could not follow the answer, in one line; `None` if it could."""
        matcher = self.request.matcher
        return reason(matcher) if matcher is not None and matcher.is_error() else None


def reason(matcher: Any) -> str:
    """Return why the matcher failed, in one line."""
    message: str = matcher.get_error()
    return message.strip().splitlines()[0] if message.strip() else "no reason given"
