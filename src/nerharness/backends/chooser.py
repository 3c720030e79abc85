"""Choosing the next token of every row of a batch."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import Future

import numpy as np
import numpy.typing as npt
import torch

from nerharness.backends.answer import Answer
from nerharness.backends.masks import Masks, forbid
from nerharness.types import Sampling


class Chooser:
    """Takes the likeliest allowed token, or draws one if the row says so."""

    def __init__(self, masks: Masks | None) -> None:
        self._masks = masks
        self._foreseen: tuple[list[Answer], Future[npt.NDArray[np.bool_]]] | None = None

    def foresee(self, rows: Sequence[Answer], active: Collection[Answer]) -> None:
        """Begin to find what may come next in the active rows, while the model reads them.

        `choose` comes next, with the same rows, of which it finds the same ones active.
        """
        if self._masks is not None:
            held = [row for row in rows if row in active and row.request.matcher is not None]
            matchers = [row.request.matcher for row in held]
            self._foreseen = (held, self._masks.foresee(matchers)) if held else None

    def choose(
        self, rows: Sequence[Answer], active: Collection[Answer], logits: torch.Tensor
    ) -> torch.Tensor:
        """Add a token to each active row; return one per row, also to those that are not.

        `logits` has shape `(rows, vocabulary)` and may be overwritten.
        """
        if self._foreseen is not None:
            held, forbidden = self._foreseen
            forbid(logits, [rows.index(row) for row in held], forbidden.result())
            self._foreseen = None
        places = [place for place, row in enumerate(rows) if row in active]
        tokens = logits.argmax(-1)
        for place in places:
            row = rows[place]
            if row.draw is not None and row.request.sampling is not None:
                drawn = _draw(logits[place], row.request.sampling, row.draw.random())
                tokens[place] = drawn
        chosen = tokens.tolist()
        for place in places:
            _extend(rows[place], chosen[place], logits[place])
        return tokens


def _extend(row: Answer, token: int, logits: torch.Tensor) -> None:
    row.tokens.append(token)
    if row.request.matcher is not None:
        row.request.matcher.consume_token(token)
    if row.request.weigh:
        scores = logits.float()
        row.logprobs.append(float(scores[token] - scores.logsumexp(-1)))


def _draw(logits: torch.Tensor, sampling: Sampling, chance: float) -> int:
    """Return the token at `chance`, from 0 to 1, of the cumulative distribution."""
    shares = (logits.float() / sampling.temperature).softmax(-1).cumsum(-1)
    place = int(torch.searchsorted(shares, chance * float(shares[-1]), right=True))
    return min(place, len(shares) - 1)
