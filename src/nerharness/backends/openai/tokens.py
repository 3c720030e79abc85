"""An answer's tokens with their log-probabilities."""

from __future__ import annotations

import codecs
import math
from collections.abc import Iterator
from typing import Any

from nerharness.types import Token


def read_tokens(content: Any, text: str) -> tuple[Token, ...] | None:
    """Return the tokens of a text, `None` unless their texts make it up.

    Those after the text, as an end token, are left out. Where a log-probability is no number (NaN),
    all are given as they are: whoever takes the completion refuses it.
    """
    if not isinstance(content, list):
        return None
    tokens: list[Token] = []
    size = 0
    try:
        decoded = list(_decoded(content))
        if any(math.isnan(token.logprob) for token in decoded):
            return tuple(decoded)
        for token in decoded:
            if size >= len(text):
                break
            tokens.append(token)
            size += len(token.text)
    except (KeyError, TypeError, ValueError):
        return None
    return tuple(tokens) if "".join(token.text for token in tokens) == text else None


def _decoded(content: list[Any]) -> Iterator[Token]:
    """Yield the tokens; a character cut between tokens is added by the last."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    for item in content:
        logprob = item["logprob"]
        if math.isinf(logprob):
            raise ValueError(logprob)
        spelled = item.get("bytes")
        yield Token(
            str(item["token"]) if spelled is None else decoder.decode(bytes(spelled)),
            float(logprob),
        )
