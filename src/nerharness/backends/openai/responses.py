"""The Responses API: requests, and what their answers say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from nerharness.backends.openai.api import COLD, KEPT, UNWEIGHED, Body, Shape, counts
from nerharness.backends.openai.api import Optional as OptionalField
from nerharness.backends.openai.fault import Fault
from nerharness.backends.openai.tokens import read_tokens
from nerharness.types import Completion, Finish, Prompt, Usage

_LEAST = 16
"""OpenAI's server refuses to write fewer tokens."""

_FINISHES: dict[str, Finish] = {"content_filter": "filtered"}
"""Any other reason for an incomplete answer is its length."""


class Responses:
    """`POST /responses`, without tools, and with nothing kept on the server."""

    path: Final = "/responses"
    shaped: Final = "text"
    seeds: Final = False
    optional: Mapping[str, OptionalField] = {
        "temperature": COLD,
        "include": UNWEIGHED,
        "store": KEPT,
    }

    def body(self, prompt: Prompt, /, *, model: str, limit: int, store: bool) -> Body:
        """Return the request for a prompt, without the answer's shape."""
        body: Body = {
            "model": model,
            "input": [{"role": turn.role, "content": turn.content} for turn in prompt.messages],
            "max_output_tokens": max(limit, _LEAST),
            "temperature": prompt.sampling.temperature if prompt.sampling else 0,
            "store": False,  # it would be kept for a month
        }
        if prompt.logprobs:
            body["include"] = ["message.output_text.logprobs"]
        return body

    def shape(self, shape: Shape, schema: Mapping[str, Any], /) -> Mapping[str, Any]:
        """Return the `text` field."""
        if shape == "json_object":
            return {"format": {"type": "json_object"}}
        held = {"type": "json_schema", "name": "answer", "strict": True, "schema": schema}
        return {"format": held}

    def usage(self, answer: Mapping[str, Any], /) -> Usage:
        """Return what the answer says of tokens."""
        return counts(answer.get("usage"), "input_tokens", "output_tokens")

    def completion(self, answer: Mapping[str, Any], /) -> Completion:
        """Return the completion that the output's messages make up; raises `Fault` if none."""
        finish = _finish(answer)
        texts: list[str] = []
        weighed: list[Any] = []
        for part in _parts(answer.get("output")):
            if part.get("type") == "refusal":
                finish = "filtered"
            elif isinstance(text := part.get("text"), str):
                texts.append(text)
                logprobs = part.get("logprobs")
                weighed += logprobs if isinstance(logprobs, list) else ()
        text = "".join(texts)
        return Completion(text, finish, tokens=read_tokens(weighed or None, text))


def _finish(answer: Mapping[str, Any]) -> Finish:
    status = answer.get("status")
    if status == "incomplete":
        details = answer.get("incomplete_details")
        reason = details.get("reason") if isinstance(details, dict) else None
        return _FINISHES.get(str(reason), "length")
    if status not in (None, "completed"):
        raise Fault("passing", f"the answer's status is {str(status)[:20]!r}")
    return "stop"


def _parts(output: Any) -> Iterator[dict[str, Any]]:
    """Yield the parts of the output's messages; raises `Fault` where there is no output."""
    if not isinstance(output, list):
        raise Fault("passing", "the answer has no output")
    for item in output:
        if not isinstance(item, dict):
            raise Fault("passing", "the answer's output is no list of items")
        if item.get("type") != "message":
            continue  # as a model's reasoning
        if not isinstance(content := item.get("content"), list):
            raise Fault("passing", "the answer's message has no content")
        yield from (part for part in content if isinstance(part, dict))
