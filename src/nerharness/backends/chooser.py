"""Choosing the next tokens of every row of a batch."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import Future
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from nerharness.backends.answer import Answer, Tokens
from nerharness.backends.batching import length_in_common
from nerharness.backends.masks import Masks, forbid
from nerharness.types import Sampling


class Turn(NamedTuple):
    """An answer whose next token is to be chosen, and a guess of what it will be, and after it."""

    place: int
    """The row in the batch."""
    row: Answer
    guess: Tokens


class Chosen(NamedTuple):
    """What came of a turn."""

    goes_on: bool
    right: int
    """How many tokens of the guess were chosen."""


class Chooser:
    """Takes the likeliest allowed token, or draws one if the row says so.

    `ends` are the tokens that end an answer; `masks` is needed for rows that are held to a grammar.
    """

    def __init__(self, ends: Collection[int], masks: Masks | None) -> None:
        self._ends = ends
        self._masks = masks
        self._foreseen: Future[npt.NDArray[np.bool_]] | None = None

    def foresee(self, turns: Sequence[Turn]) -> None:
        """Begin to find what may come next, while the model reads.

        `choose` comes next, with the same turns.
        """
        held = [turn for turn in turns if turn.row.request.matcher is not None]
        if held and self._masks is not None:
            pairs = [(turn.row.request.matcher, turn.guess) for turn in held]
            self._foreseen = self._masks.foresee(pairs)

    def allowed(self, row: Answer, tokens: Tokens) -> Tokens:
        """Return the tokens up to the first that the row's grammar forbids."""
        matcher = row.request.matcher
        if matcher is None or not tokens:
            return tokens
        return tokens[: matcher.validate_tokens(tokens)]

    def forget(self) -> None:
        """Give up what `foresee` began: nothing is chosen after it."""
        if self._foreseen is not None:
            self._foreseen.result()
            self._foreseen = None

    def choose(self, turns: Sequence[Turn], logits: torch.Tensor) -> list[Chosen]:
        """Add to each turn's answer what the model says, as far as its guess goes and one further.

        `logits` has shape `(rows, tokens, vocabulary)`; those of a row's next token and of the ones
        behind its guess are its last. They may be overwritten.
        """
        size = logits.shape[1]
        if self._foreseen is not None:
            forbidden, self._foreseen = self._foreseen.result(), None
            held = [turn for turn in turns if turn.row.request.matcher is not None]
            forbid(logits, _places(held, size), forbidden)
        likeliest = logits.argmax(-1).tolist()
        found = []
        for turn in turns:
            start = size - 1 - len(turn.guess)
            found.append(
                self._take(turn, logits[turn.place, start:], likeliest[turn.place][start:])
            )
        return found

    def _take(self, turn: Turn, logits: torch.Tensor, likeliest: Sequence[int]) -> Chosen:
        row, guess, right = turn.row, turn.guess, 0
        while True:
            token = self._pick(row, logits[right], likeliest[right])
            as_guessed = guess[right : right + 1] == [token]
            goes_on = row.add(token, _logprob(logits[right], row, token), self._ends)
            right += as_guessed
            size = len(row.tokens)
            if not goes_on or not row.add_forced(self._ends):
                return Chosen(False, right)
            forced = row.tokens[size:]
            # Behind a token that was not the guessed one, the guess stands in the wrong place.
            known = length_in_common(guess[right:], forced) if as_guessed else 0
            right += known
            if not as_guessed or known < len(forced):
                return Chosen(True, right)

    def _pick(self, row: Answer, logits: torch.Tensor, likeliest: int) -> int:
        sampling = row.request.sampling
        if row.draw is None or sampling is None:
            return likeliest
        return _draw(logits, sampling, row.draw.random())


def _places(turns: Sequence[Turn], size: int) -> list[tuple[int, int]]:
    """Return row and place of the logits of each turn's next token and behind its guess."""
    return [
        (turn.place, place) for turn in turns for place in range(size - 1 - len(turn.guess), size)
    ]


def _logprob(logits: torch.Tensor, row: Answer, token: int) -> float | None:
    if not row.request.weigh:
        return None
    scores = logits.float()
    return float(scores[token] - scores.logsumexp(-1))


def _draw(logits: torch.Tensor, sampling: Sampling, chance: float) -> int:
    """Return the token at `chance`, from 0 to 1, of the cumulative distribution."""
    shares = (logits.float() / sampling.temperature).softmax(-1).cumsum(-1)
    place = int(torch.searchsorted(shares, chance * float(shares[-1]), right=True))
    return min(place, len(shares) - 1)
