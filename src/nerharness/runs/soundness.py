"""What a backend answers, held to the contract: a run reads and writes nothing else."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from typing import get_args

from nerharness.errors import PluginError
from nerharness.types import Completion, Finish, Token, Usage


def sound(completion: Completion) -> Completion:
    """Return the completion without lone surrogates, which JSON may hold and no file can.

    `PluginError` for one that is none, or has a field of another type than it declares, and an
    error in place of one with a log-probability that is no number: then its text cannot be trusted,
    either.
    """
    if not isinstance(completion, Completion) or completion.finish not in get_args(Finish):
        raise PluginError(f"{completion!r:.200} is no completion")
    if wrong := _mistyped(completion):
        raise PluginError(f"{wrong}={getattr(completion, wrong)!r:.200} in a completion")
    if any(math.isnan(token.logprob) for token in completion.tokens or ()):
        reason = "the backend gave a log-probability that is not a number (NaN)"
        return Completion("", "error", completion.usage, reason)
    error = None if completion.error is None else whole(completion.error)
    return replace(completion, text=whole(completion.text), error=error)


def whole(text: str) -> str:
    """Return the text with a replacement character for each lone surrogate."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _mistyped(completion: Completion) -> str:
    """Return the name of the first field that is not of its type; empty if there is none."""
    right = {
        "text": isinstance(completion.text, str),
        "usage": _is_usage(completion.usage),
        "error": isinstance(completion.error, str | None),
        "tokens": completion.tokens is None or _are_tokens(completion.tokens),
    }
    return next((name for name, is_right in right.items() if not is_right), "")


def _is_usage(usage: object) -> bool:
    if not isinstance(usage, Usage):
        return False
    counts = asdict(usage)
    cost = counts.pop("cost")
    return isinstance(cost, float | int | None) and all(isinstance(n, int) for n in counts.values())


def _are_tokens(tokens: object) -> bool:
    return isinstance(tokens, tuple | list) and all(
        isinstance(token, Token)
        and isinstance(token.text, str)
        and isinstance(token.logprob, float | int)
        for token in tokens
    )
