"""What a decoder is asked for, and what it answers, in tokens."""

from __future__ import annotations

from collections.abc import Collection
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
    ending: Any = None
    """One that knows where the answer is whole, if it is one of those."""
    sampling: Sampling | None = None
    weigh: bool = False
    """Whether the log-probabilities are wanted."""


@dataclass(slots=True, eq=False)
class Answer:
    """An answer, in the making at first; `tokens` holds the end token, if one was chosen.

    It is `complete` when it ended by itself. `logprobs` is empty unless asked for. `failure` says
    why the model could not go on.
    """

    index: int
    request: Request
    draw: Random | None
    tokens: Tokens = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    complete: bool = False
    ending: Any = None
    """The request's, as long as the answer is one of those that it knows."""
    failure: str | None = None
    unread: int = 0
    """How many of the last tokens the model has not read yet."""

    @classmethod
    def begin(cls, index: int, request: Request) -> Answer:
        """Return the answer without any token yet."""
        sampling = request.sampling
        draw = Random(f"{sampling.seed} {request.tokens}") if sampling else None
        return cls(index, request, draw, ending=request.ending)

    @property
    def text(self) -> Tokens:
        """The prompt's tokens and the answer's."""
        return self.request.tokens + self.tokens

    @property
    def waiting(self) -> Tokens:
        """The tokens that the model has not read yet."""
        return self.tokens[len(self.tokens) - self.unread :]

    def add(self, token: int, logprob: float | None, ends: Collection[int]) -> bool:
        """Add a token; tell whether the answer goes on."""
        matcher = self.request.matcher
        if matcher is not None:
            matcher.consume_token(token)
        self._append([token], logprob)
        return self._goes_on(ends)

    def add_forced(self, ends: Collection[int]) -> bool:
        """Add the tokens that the grammar leaves no choice about; tell whether the answer goes on.

        Their probability among what is allowed is 1.
        """
        matcher = self.request.matcher
        if matcher is None:
            return True
        forced = matcher.compute_ff_tokens()[: self.request.limit - len(self.tokens)]
        if not forced:
            return True
        matcher.consume_tokens(forced)
        self._append(forced, 0.0)
        return self._goes_on(ends)

    def _append(self, tokens: Tokens, logprob: float | None) -> None:
        self.tokens += tokens
        self.unread += len(tokens)
        if self.ending is not None and self.ending.try_consume_tokens(tokens) < len(tokens):
            self.ending = None
        if self.request.weigh and logprob is not None:
            self.logprobs += [logprob] * len(tokens)

    def _goes_on(self, ends: Collection[int]) -> bool:
        matchers = [one for one in (self.request.matcher, self.ending) if one is not None]
        self.complete = self.tokens[-1] in ends or any(one.is_stopped() for one in matchers)
        return not self.complete and len(self.tokens) < self.request.limit

    @property
    def fault(self) -> str | None:
        """Why there is no answer, in one line; `None` if there is."""
        if self.failure is not None:
            return self.failure
        matcher = self.request.matcher
        if matcher is None or not matcher.is_error():
            return None
        return f"the answer cannot be constrained: {reason(matcher)}"


def reason(matcher: Any) -> str:
    """Return why the matcher failed, in one line."""
    message: str = matcher.get_error()
    return message.strip().splitlines()[0] if message.strip() else "no reason given"
