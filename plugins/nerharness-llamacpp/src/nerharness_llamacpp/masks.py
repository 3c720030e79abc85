"""Holding answers to a grammar: which tokens may come next, by llguidance."""

from __future__ import annotations

import warnings
from typing import Any

import llguidance
import llguidance.numpy
import numpy as np

from nerharness_llamacpp.binding import lltokenizer_from_vocab
from nerharness_llamacpp.vocabulary import Vocabulary


class Masks:
    """Makes matchers for one vocabulary, and forbids tokens that they do not allow."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        ends = sorted(vocabulary.ends)
        self._size = vocabulary.size
        with warnings.catch_warnings():  # it calls what llama-cpp-python has a new name for
            warnings.simplefilter("ignore", DeprecationWarning)
            self._tokenizer = lltokenizer_from_vocab(
                vocabulary.handle, n_vocab=vocabulary.size, eos_token=ends
            )

    def matcher(self, grammar: str, written: str) -> Any:
        """Return a matcher that has read `written`; `ValueError` when either does not do."""
        matcher = llguidance.LLMatcher(self._tokenizer, grammar, log_level=0)
        if not matcher.is_error() and written:
            matcher.consume_tokens(self._tokenizer.tokenize_str(written))
        check(matcher)
        return matcher

    def apply(self, scores: np.ndarray[Any, Any], matcher: Any) -> None:
        """Set to minus infinity what the matcher does not allow."""
        packed = llguidance.numpy.allocate_token_bitmask(1, self._size)
        llguidance.numpy.fill_next_token_bitmask(matcher, packed)
        bits = np.unpackbits(packed.view(np.uint8), bitorder="little")[: self._size]
        scores[bits == 0] = -np.inf


def check(matcher: Any) -> None:
    """Raise `ValueError` with the reason if the matcher failed."""
    if matcher.is_error():
        lines = str(matcher.get_error()).strip().splitlines() or ["no reason given"]
        raise ValueError(f"the answer cannot be constrained: {lines[0]}")
