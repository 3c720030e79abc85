"""An answer in the making: the next token out of the model's scores."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

import numpy as np
from nerharness.types import Sampling

from nerharness_llamacpp.masks import Masks, check


@dataclass(slots=True)
class Answer:
    """What was written so far; `logprobs` are filled only if `weigh`."""

    ends: frozenset[int]
    sampling: Sampling | None = None
    draw: Random | None = None
    masks: Masks | None = None
    matcher: Any = None
    weigh: bool = False
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    complete: bool = False

    def extend(self, scores: np.ndarray[Any, Any]) -> int:
        """Take the likeliest allowed token, or draw one; `scores` may be overwritten.

        Raises `ValueError` when the grammar cannot be followed on.
        """
        if self.matcher is not None and self.masks is not None:
            self.masks.apply(scores, self.matcher)
        token = int(scores.argmax()) if self.draw is None else self._drawn(scores, self.draw)
        self.tokens.append(token)
        if self.weigh:
            top = float(scores.max())
            total = top + float(np.log(np.exp(scores - top).sum(dtype=np.float64)))
            self.logprobs.append(float(scores[token]) - total)
        if self.matcher is not None:
            self.matcher.consume_token(token)
            check(self.matcher)
            self.complete = self.matcher.is_stopped()
        self.complete = self.complete or token in self.ends
        return token

    def _drawn(self, scores: np.ndarray[Any, Any], draw: Random) -> int:
        assert self.sampling is not None
        scaled = (scores - scores.max()).astype(np.float64) / self.sampling.temperature
        shares = np.exp(scaled).cumsum()
        place = int(np.searchsorted(shares, draw.random() * shares[-1], side="right"))
        return min(place, len(shares) - 1)
