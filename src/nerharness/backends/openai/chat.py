"""Chat Completions: requests, and what their answers say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from nerharness.backends.openai.api import COLD, KEPT, UNWEIGHED, Body, Shape, counts
from nerharness.backends.openai.api import Optional as OptionalField
from nerharness.backends.openai.fault import SHOWN, Fault
from nerharness.backends.openai.tokens import read_tokens
from nerharness.types import Completion, Finish, Prompt, Usage

_FINISHES: dict[str, Finish] = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "filtered",
    "refusal": "filtered",
    "safety": "filtered",
}
"""Any other reason is taken for "stop": servers have their own words for it."""

_BROKEN = frozenset({"abort", "error", "insufficient_system_resource"})
"""Why an answer ended that is none: vLLM's word, that of gateways whose own server failed, and
DeepSeek's."""


class Chat:
    """`POST /chat/completions`."""

    path: Final = "/chat/completions"
    shaped: Final = "response_format"
    seeds: Final = True
    optional: Mapping[str, OptionalField] = {
        "temperature": COLD,
        "seed": OptionalField(r"\bseed\b", "the same question may have other answers another time"),
        "logprobs": UNWEIGHED,
        "store": KEPT,
    }

    def body(self, prompt: Prompt, /, *, model: str, limit: int, store: bool) -> Body:
        """Return the request for a prompt, without the answer's shape."""
        sampling = prompt.sampling
        body: Body = {
            "model": model,
            "messages": [{"role": turn.role, "content": turn.content} for turn in prompt.messages],
            "max_tokens": limit,
            "temperature": sampling.temperature if sampling else 0,
        }
        if sampling:
            body["seed"] = sampling.seed
        if prompt.logprobs:
            body["logprobs"] = True
        if store:
            body["store"] = False
        return body

    def shape(self, shape: Shape, schema: Mapping[str, Any], /) -> Mapping[str, Any]:
        """Return the `response_format`."""
        if shape == "json_object":
            return {"type": "json_object"}
        held = {"name": "answer", "strict": True, "schema": schema}
        return {"type": "json_schema", "json_schema": held}

    def usage(self, answer: Mapping[str, Any], /) -> Usage:
        """Return what the answer says of tokens."""
        return counts(answer.get("usage"), "prompt_tokens", "completion_tokens")

    def completion(self, answer: Mapping[str, Any], /) -> Completion:
        """Return the completion of the first choice; raises `Fault` if there is none."""
        choice = _first(answer.get("choices"))
        message = choice.get("message")
        if not isinstance(message, dict):
            raise Fault("passing", "the answer has no message")
        reason, text = str(choice.get("finish_reason")), message.get("content")
        if reason in _BROKEN or choice.get("error"):
            raise Fault("passing", f"the answer broke off: {_reason(choice.get('error'), reason)}")
        finish = _FINISHES.get(reason, "stop")
        if message.get("refusal"):
            finish = "filtered"
        text = "" if text is None else text
        if not isinstance(text, str) or (not text and message.get("tool_calls")):
            raise Fault("passing", "the answer's content is no text")
        logprobs = choice.get("logprobs")
        weighed = logprobs.get("content") if isinstance(logprobs, dict) else None
        return Completion(text, finish, tokens=read_tokens(weighed, text))


def _reason(error: Any, finish: str) -> str:
    """Return what a choice says of its error, on one line; its finish if it says nothing."""
    said = error.get("message") if isinstance(error, dict) else error
    return " ".join(str(said or error or finish).split())[:SHOWN]


def _first(choices: Any) -> dict[str, Any]:
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise Fault("passing", "the answer has no choices")
    return choices[0]
