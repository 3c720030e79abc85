"""The body of a request, in the words that the server takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from nerharness.backends.openai.fault import Fault
from nerharness.backends.openai.notices import Notices
from nerharness.types import Constraint, Prompt

Body = dict[str, Any]
Shape = Literal["json_schema", "json_object", "none"]

_SHAPES: tuple[Shape, ...] = ("json_schema", "json_object", "none")
_ABOUT_SHAPE = re.compile(
    r"response_?format|json_schema|json_object|structured.?output", re.IGNORECASE
)
_REFUSAL = re.compile(
    r"unsupported|not supported|(does|do) not support|unknown|unrecogni[sz]ed|invalid"
    r"|not permitted|not allowed|unexpected",
    re.IGNORECASE,
)
_OPTIONAL = {
    "temperature": "answers are drawn at its own temperature",
    "seed": "the same question may have other answers another time",
    "logprobs": "entities get no confidence from probabilities",
}
_REFUSING = frozenset({400, 404, 422})
_READ = 300


class Dialect:
    """Writes requests for one server, and learns from its refusals what to leave out.

    What was refused once is not sent again; each such thing is told once.
    """

    def __init__(self, model: str, max_tokens: int, notices: Notices) -> None:
        self._model = model
        self._max_tokens = max_tokens
        self._notices = notices
        self._limit_name = "max_tokens"
        self._refused: set[str] = set()
        self._shape: Shape = "json_schema"

    def body(self, prompt: Prompt) -> Body:
        """Return what to ask for the prompt's answer."""
        sampling = prompt.sampling
        body: Body = {
            "model": self._model,
            "messages": [{"role": turn.role, "content": turn.content} for turn in prompt.messages],
            self._limit_name: min(prompt.max_tokens or self._max_tokens, self._max_tokens),
            "temperature": sampling.temperature if sampling else 0,
        }
        if sampling:
            body["seed"] = sampling.seed
        if prompt.logprobs:
            body["logprobs"] = True
        if prompt.constraint and (shape := self._response_format(prompt.constraint)):
            body["response_format"] = shape
        return {name: value for name, value in body.items() if name not in self._refused}

    def _response_format(self, constraint: Constraint) -> Mapping[str, Any] | None:
        if constraint.schema is None or self._shape == "none":
            return None
        if self._shape == "json_object":
            return {"type": "json_object"}
        schema = {"name": "answer", "strict": True, "schema": constraint.schema}
        return {"type": "json_schema", "json_schema": schema}

    def concede(self, sent: Body, fault: Fault) -> bool:
        """Leave out what the server refused of what was sent; `False` if it refused no such thing.

        Where another request was refused the same before, there is nothing to do but ask again.
        """
        if fault.status not in _REFUSING:
            return False
        # Of a long message only the beginning: it may go on with the prompt, and so with any word.
        said, param = fault.complaint.message[:_READ], fault.complaint.param
        if "response_format" in sent and _ABOUT_SHAPE.search(f"{param} {said}"):
            return self._concede_shape(sent["response_format"]["type"], fault)
        if not _REFUSAL.search(said):
            return False
        if "max_tokens" in sent and "max_completion_tokens" in said:
            self._limit_name = "max_completion_tokens"
            return True
        named = [name for name in _OPTIONAL if name in sent and _names(param or said, name)]
        for name in named:
            self._refused.add(name)
            self._notices.say(name, f"the server refuses {name}, {_OPTIONAL[name]}: {fault.text}")
        return bool(named)

    def _concede_shape(self, sent: Shape, fault: Fault) -> bool:
        if sent == self._shape:
            self._shape = _SHAPES[_SHAPES.index(sent) + 1]
            instead = (
                "any JSON is asked for" if self._shape == "json_object" else "answers are free"
            )
            self._notices.say(sent, f"the server refuses {sent}, {instead}: {fault.text}")
        return True


def _names(said: str, field: str) -> bool:
    return re.search(rf"\b{field}\b", said) is not None
