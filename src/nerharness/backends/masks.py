"""Holding answers to a grammar: which tokens may come next, by llguidance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import llguidance
import llguidance.hf
import llguidance.numpy
import numpy as np
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

    def matcher(self, grammar: str, written: str) -> Any:
        """Return a matcher that has read `written`; `ValueError` when either does not do."""
        matcher = llguidance.LLMatcher(self._tokenizer, grammar, log_level=0)
        if not matcher.is_error() and written:
            matcher.consume_tokens(self._tokenizer.tokenize_str(written))
        if matcher.is_error():
            raise ValueError(f"the answer cannot be constrained: {reason(matcher)}")
        return matcher

    def apply(self, logits: torch.Tensor, matchers: Mapping[int, Any]) -> None:
        """Set to minus infinity what the matcher of a row, if it has one, does not allow.

        `logits` has shape `(rows, vocabulary)`; the keys of `matchers` are rows.
        """
        rows = sorted(matchers)
        packed = np.zeros((len(rows), (self._vocabulary + 31) // 32), dtype=np.int32)
        pairs = [(matchers[row], place) for place, row in enumerate(rows)]
        llguidance.numpy.fill_next_token_bitmask_par(self._executor, pairs, packed)
        bits = np.unpackbits(packed.view(np.uint8), axis=1, bitorder="little")
        forbidden = torch.from_numpy(bits[:, : logits.shape[1]] == 0).to(logits.device)
        if len(rows) == len(logits):
            logits.masked_fill_(forbidden, -torch.inf)
        else:
            places = torch.tensor(rows, device=logits.device)
            logits[places] = logits[places].masked_fill(forbidden, -torch.inf)
