"""Holding answers to a grammar: which tokens may come next, by llguidance."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import llguidance
import llguidance.hf
import llguidance.numpy
import numpy as np
import numpy.typing as npt
import torch

from nerharness.backends.answer import reason


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

    def foresee(self, matchers: Sequence[Any]) -> Future[npt.NDArray[np.bool_]]:
        """Begin to find what each matcher forbids, as `(matchers, vocabulary)`, in a thread.

        Until that is done no matcher may go on.
        """
        return self._thread.submit(self._forbidden, list(matchers))

    def _forbidden(self, matchers: list[Any]) -> npt.NDArray[np.bool_]:
        packed = np.zeros((len(matchers), (self._vocabulary + 31) // 32), dtype=np.int32)
        pairs = [(matcher, place) for place, matcher in enumerate(matchers)]
        llguidance.numpy.fill_next_token_bitmask_par(self._executor, pairs, packed)
        bits = np.unpackbits(packed.view(np.uint8), axis=1, bitorder="little")
        forbidden: npt.NDArray[np.bool_] = bits[:, : self._vocabulary] == 0
        return forbidden


def forbid(logits: torch.Tensor, rows: Sequence[int], forbidden: npt.NDArray[np.bool_]) -> None:
    """Set to minus infinity what is forbidden to these rows.

    `logits` has shape `(rows, vocabulary)`; `forbidden` has a row for each of `rows`, which ascend.
    """
    mask = torch.from_numpy(forbidden[:, : logits.shape[1]]).to(logits.device)
    if len(rows) == len(logits):
        logits.masked_fill_(mask, -torch.inf)
    else:
        places = torch.tensor(rows, device=logits.device)
        logits[places] = logits[places].masked_fill(mask, -torch.inf)
