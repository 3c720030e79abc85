"""Answers held to a grammar by llguidance, as a backend holds them."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from nerharness import models
from nerharness.types import Constraint

llguidance = pytest.importorskip("llguidance", reason="llguidance is not installed")
pytest.importorskip("transformers", reason="transformers is not installed")


@dataclass
class Walker:
    """Draws answers from grammars, and tells which answers a grammar has."""

    tokenizer: Any
    """llguidance's."""

    def matcher(self, constraint: Constraint) -> Any:
        matcher = llguidance.LLMatcher(self.tokenizer, constraint.grammar, log_level=0)
        assert not matcher.is_error(), matcher.get_error()[:500]
        return matcher

    def allows(self, constraint: Constraint, answer: str) -> bool:
        """Whether the answer may be written, and may end there."""
        matcher = self.matcher(constraint)
        parts = re.split(r"(?<=<)(?=\|)", answer)  # text that spells a control token is text
        tokens = [token for part in parts for token in self.tokenizer.tokenize_str(part)]
        return matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting()

    def count(self, answer: str) -> int:
        """How many tokens the answer has."""
        return len(self.tokenizer.tokenize_str(answer))

    def walk(self, constraint: Constraint, draw: random.Random, steps: int) -> str | None:
        """Write any tokens that are allowed; `None` if the end is not reached in so many."""
        matcher = self.matcher(constraint)
        written: list[int] = []
        for _ in range(steps):
            if matcher.is_stopped() or (matcher.is_accepting() and draw.random() < 0.2):
                break
            allowed = _allowed(matcher)
            assert allowed, "a dead end"
            written.append(draw.choice(allowed))
            if written[-1] == self.tokenizer.eos_token:
                written.pop()
                break
            assert matcher.consume_token(written[-1]), matcher.get_error()[:500]
        assert not matcher.is_error(), matcher.get_error()[:500]
        if not matcher.is_accepting() and not matcher.is_stopped():
            return None
        return bytes(self.tokenizer.decode_bytes(written)).decode(errors="replace")


def _allowed(matcher: Any) -> list[int]:
    bits = np.frombuffer(matcher.compute_bitmask(), np.uint8)
    allowed: list[int] = np.flatnonzero(np.unpackbits(bits, bitorder="little")).tolist()
    return allowed


def walker() -> Walker:
    """Make one with the packaged model's tokenizer; skips if that is not installed."""
    try:
        model = models.locate("smollm2-135m-instruct")
    except Exception as error:  # whatever the reason, there is no tokenizer
        pytest.skip(f"no packaged model: {error}")
    from llguidance.hf import from_tokenizer
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(model.path.parent), gguf_file=model.path.name)
    return Walker(from_tokenizer(tokenizer, n_vocab=len(tokenizer)))
