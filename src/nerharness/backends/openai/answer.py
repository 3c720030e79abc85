"""A server's answer as a completion; whatever is wrong with it is a fault, never a crash."""

from __future__ import annotations

import codecs
import math
from collections.abc import Iterator
from typing import Any

from nerharness.backends.openai.fault import Complaint, Fault, of_status
from nerharness.backends.openai.key import Key
from nerharness.types import Completion, Finish, Token, Usage

_FINISHES: dict[str, Finish] = {
    "length": "length",
    "max_tokens": "length",
    "content_filter": "filtered",
    "refusal": "filtered",
    "safety": "filtered",
}
"""Any other reason is taken for "stop": servers have their own words for it."""


def completion(answer: Any, key: Key) -> Completion:
    """Return the completion that the JSON value of an answer holds; raises `Fault` if none.

    Its tokens are those that the answer gives, if their texts make up its text, and else `None`.
    """
    if not isinstance(answer, dict):
        raise Fault("passing", "the answer is no JSON object")
    if answer.get("error"):  # with status 200, as gateways do
        raise _told(answer["error"], key)
    choice = _first(answer.get("choices"))
    message = choice.get("message")
    if not isinstance(message, dict):
        raise Fault("passing", "the answer has no message")
    reason, text = choice.get("finish_reason"), message.get("content")
    finish = _FINISHES.get(reason, "stop") if isinstance(reason, str) else "stop"
    if message.get("refusal"):
        finish = "filtered"
    if not isinstance(text, str):
        if text is not None or message.get("tool_calls"):
            raise Fault("passing", "the answer's content is no text")
        text = ""
    return Completion(text, finish, _usage(answer.get("usage")), tokens=_tokens(choice, text))


def _told(error: Any, key: Key) -> Fault:
    complaint = Complaint(str(error))
    code = None
    if isinstance(error, dict):
        code = error.get("code")
        complaint = Complaint(str(error.get("message", error)), str(code or ""))
    return of_status(code if isinstance(code, int) and code >= 400 else 500, complaint, key)


def _first(choices: Any) -> dict[str, Any]:
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise Fault("passing", "the answer has no choices")
    return choices[0]


def _usage(usage: Any) -> Usage:
    counts = usage if isinstance(usage, dict) else {}
    return Usage(_count(counts.get("prompt_tokens")), _count(counts.get("completion_tokens")))


def _count(value: Any) -> int:
    return value if type(value) is int and value >= 0 else 0


def _tokens(choice: dict[str, Any], text: str) -> tuple[Token, ...] | None:
    """Return the answer's tokens; those after its text, as an end token, are left out."""
    logprobs = choice.get("logprobs")
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    if not isinstance(content, list):
        return None
    tokens: list[Token] = []
    size = 0
    try:
        for token in _decoded(content):
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
        if not math.isfinite(logprob):
            raise ValueError(logprob)
        spelled = item.get("bytes")
        yield Token(
            str(item["token"]) if spelled is None else decoder.decode(bytes(spelled)),
            float(logprob),
        )
