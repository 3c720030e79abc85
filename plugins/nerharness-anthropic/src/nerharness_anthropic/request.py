"""The body of a request."""

from __future__ import annotations

import re
from typing import Any

from nerharness.remote import Notices
from nerharness.types import Message, Prompt

from nerharness_anthropic.fault import Fault

Body = dict[str, Any]

TOOL = "answer"
"""What a model calls to answer in the shape of a schema."""

_CACHED = {"type": "ephemeral"}
_OPTIONAL = ("thinking", "strict")
"""What not every model takes; in an error message it is named so."""
_READ = 300


class Dialect:
    """Writes requests for one model, and learns from refusals what to leave out."""

    def __init__(self, model: str, max_tokens: int, notices: Notices) -> None:
        self._model = model
        self._max_tokens = max_tokens
        self._notices = notices
        self._refused: set[str] = set()

    def body(self, prompt: Prompt, shared: int) -> Body:
        """Return what to ask; the first `shared` messages are marked for the server's cache.

        A constraint with a schema is a tool with that input, which the model has to call.
        """
        marks = {0, shared - 1} if shared else set()
        turns = list(enumerate(prompt.messages))
        body: Body = {
            "model": self._model,
            "max_tokens": prompt.limit(self._max_tokens),
            "messages": [
                {"role": turn.role, "content": _content(turn, at in marks)}
                for at, turn in turns
                if turn.role != "system"
            ],
        }
        if system := [turn for turn in turns if turn[1].role == "system"]:
            body["system"] = [part for at, turn in system for part in _content(turn, at in marks)]
        if "thinking" not in self._refused:
            body["thinking"] = {"type": "disabled"}
        if prompt.constraint is not None and prompt.constraint.schema is not None:
            tool = {
                "name": TOOL,
                "description": "Takes the answer to the question.",
                "input_schema": dict(prompt.constraint.schema),
            }
            body["tools"] = [tool if "strict" in self._refused else {**tool, "strict": True}]
            body["tool_choice"] = {
                "type": "tool",
                "name": TOOL,
                "disable_parallel_tool_use": True,
            }
        return body

    def concede(self, sent: Body, fault: Fault) -> bool:
        """Leave out what the server refused of what was sent; `False` if it was no such thing."""
        if fault.status != 400:
            return False
        said = fault.said[:_READ]  # it may go on with the prompt, and so with any word
        for name in _OPTIONAL:
            used = name in sent or any(name in tool for tool in sent.get("tools", ()))
            if used and re.search(rf"\b{name}\b", said):
                if name not in self._refused:
                    self._refused.add(name)
                    self._notices.say(name, f"the model takes no {name!r}: {fault.text}")
                return True
        return False


def _content(turn: Message, marked: bool) -> list[dict[str, Any]]:
    part: dict[str, Any] = {"type": "text", "text": turn.content}
    return [{**part, "cache_control": _CACHED} if marked else part]
