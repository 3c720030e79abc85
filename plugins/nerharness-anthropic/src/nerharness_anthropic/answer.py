"""A server's answer as a completion; whatever is wrong with it is a fault, never a crash."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from nerharness.pricing import Price, priced
from nerharness.types import Completion, Finish, Usage

from nerharness_anthropic.fault import Fault

_FINISHES: Mapping[str, Finish] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "filtered",
}
"""Any other reason is taken for "stop"."""

_READ = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
COUNTS = (*_READ, "output_tokens")


def completion(answer: Any, price: Price | None) -> Completion:
    """Return the completion that the JSON value of an answer holds; raises `Fault` if none.

    Where the model called the tool, its input is the text, as JSON. The fault of an answer that was
    written, and so has its price, holds its usage.
    """
    if not isinstance(answer, dict):
        raise Fault("passing", "the answer is no message")
    used = counts(answer)
    written = used["cache_creation_input_tokens"]
    read = sum(used[name] for name in _READ)
    usage = Usage(read, used["output_tokens"], cached_tokens=used["cache_read_input_tokens"])
    reason = answer.get("stop_reason")
    try:
        text = _text(answer.get("content"))
    except Fault as fault:
        fault.usage = priced(usage, price, cache_written=written) if usage != Usage() else usage
        raise
    return Completion(
        text,
        _FINISHES.get(reason, "stop") if isinstance(reason, str) else "stop",
        priced(usage, price, cache_written=written),
    )


def _text(content: Any) -> str:
    if not isinstance(content, list):
        raise Fault("passing", "the answer is no message")
    blocks = [block for block in content if isinstance(block, dict)]
    for block in blocks:
        if block.get("type") == "tool_use":
            return json.dumps(block.get("input"), ensure_ascii=False)
    texts = [block.get("text") for block in blocks if block.get("type") == "text"]
    if not all(isinstance(text, str) for text in texts):
        raise Fault("passing", "the answer's content is no text")
    return "".join(text for text in texts if text)


def counts(answer: Mapping[str, Any]) -> dict[str, int]:
    """Return the tokens read anew, written to the cache, read from it, and written."""
    usage = answer.get("usage")
    given = usage if isinstance(usage, dict) else {}
    return {name: _count(given.get(name)) for name in COUNTS}


def _count(value: Any) -> int:
    return value if type(value) is int and value >= 0 else 0
