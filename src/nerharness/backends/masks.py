"""Holding answers to a grammar: which tokens may come next, by llguidance."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import llguidance
import llguidance.hf
import numpy as np
import numpy.typing as npt
import torch
from llguidance.numpy import (
    fill_next_token_bitmask_par,
    fill_next_token_bitmask_par_with_draft_tokens,
)

from nerharness.backends.answer import Tokens, reason


class Masks:
    """Makes matchers for one tokenizer and forbids tokens that they do not allow."""

    def __init__(self, tokenizer: Any, ends: frozenset[int], vocabulary: int) -> None:
        self._tokenizer = llguidance.hf.from_tokenizer(
            tokenizer, n_vocab=vocabulary, eos_token=sorted(ends)
        )
        self._executor = llguidance.LLExecutor()
        self._vocabulary = vocabulary
        self._thread = ThreadPoolExecutor(1, "masks")

    def matcher(self, grammar: str, written: str) -> Any:
        """Return a matcher that has read `written`; `ValueError` when either does not do."""
        matcher = llguidance.LLMatcher(self._tokenizer, grammar, log_level=0)
        if not matcher.is_error() and written:
            matcher.consume_tokens(self._tokenizer.tokenize_str(written))
        if matcher.is_error():
            raise ValueError(f"the answer cannot be constrained: {reason(matcher)}")
        return matcher

    def watcher(self, grammar: str, written: str) -> Any:
        """Return a matcher that has read `written`; `None` when that is not of the grammar.

        A grammar that does not compile is warned of, and there is none, either.
        """
        try:
            matcher = self.matcher(grammar, "")
        except ValueError as error:
            warnings.warn(f"answers do not end where they are complete: {error}", stacklevel=2)
            return None
        tokens = self._tokenizer.tokenize_str(written)
        return matcher if matcher.try_consume_tokens(tokens) == len(tokens) else None

    def foresee(self, pairs: Sequence[tuple[Any, Tokens]]) -> Future[npt.NDArray[np.bool_]]:
        """Begin to find, in a thread, what each matcher forbids, also behind each guessed token.

        The result has shape `(matchers and tokens, vocabulary)`, in order. Until it is done no
        matcher may go on.
        """
        return self._thread.submit(self._forbidden, list(pairs))

    def _forbidden(self, pairs: list[tuple[Any, Tokens]]) -> npt.NDArray[np.bool_]:
        size = sum(1 + len(guess) for _, guess in pairs)
        packed = np.zeros((size, (self._vocabulary + 31) // 32), dtype=np.int32)
        alone: list[tuple[Any, int]] = []
        guessed: list[tuple[Any, int, Tokens]] = []
        place = 0
        for matcher, guess in pairs:
            if guess:
                guessed.append((matcher, place, guess))
            else:
                alone.append((matcher, place))
            place += 1 + len(guess)
        if alone:
            fill_next_token_bitmask_par(self._executor, alone, packed)
        if guessed:
            fill_next_token_bitmask_par_with_draft_tokens(self._executor, guessed, packed)
        bits = np.unpackbits(packed.view(np.uint8), axis=1, bitorder="little")
        forbidden: npt.NDArray[np.bool_] = bits[:, : self._vocabulary] == 0
        return forbidden


def forbid(
    logits: torch.Tensor, places: Sequence[tuple[int, int]], forbidden: npt.NDArray[np.bool_]
) -> None:
    """Set to minus infinity what is forbidden at these rows and places.

    `logits` has shape `(rows, places, vocabulary)`; `forbidden` has a row for each of `places`.
    """
    mask = torch.from_numpy(forbidden[:, : logits.shape[-1]]).to(logits.device)
    if len(places) == logits.shape[0] * logits.shape[1]:
        logits.masked_fill_(mask.view_as(logits), -torch.inf)
    else:
        rows, columns = (
            torch.tensor(part, device=logits.device) for part in zip(*places, strict=True)
        )
        logits[rows, columns] = logits[rows, columns].masked_fill(mask, -torch.inf)
