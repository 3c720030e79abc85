"""The APIs of a server: what a request looks like in each, and how its answers are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Protocol

from nerharness.types import Completion, Prompt, Usage

Body = dict[str, Any]
Shape = Literal["json_schema", "json_object", "none"]
ApiName = Literal["chat", "responses"]


class Optional(NamedTuple):
    """A field of a request that a server may refuse: what its refusal names, and what follows."""

    pattern: str
    consequence: str


COLD = Optional(r"\btemperature\b", "answers are drawn at its own temperature")
UNWEIGHED = Optional(
    r"\b(top_)?logprobs\b|\binclude\b", "entities get no confidence from probabilities"
)
KEPT = Optional(r"\bstore\b", "whether it keeps prompts and answers is for it to say")


class Api(Protocol):
    """One way of asking; knows no server."""

    @property
    def path(self) -> str:
        """Where requests go, below the server's address."""

    @property
    def shaped(self) -> str:
        """The field that says what shape an answer has."""

    @property
    def seeds(self) -> bool:
        """Whether a request can hold a seed."""

    @property
    def optional(self) -> Mapping[str, Optional]:
        """The fields that a server may refuse."""

    def body(self, prompt: Prompt, /, *, model: str, limit: int, store: bool) -> Body:
        """Return the request for a prompt, without the answer's shape."""

    def shape(self, shape: Shape, schema: Mapping[str, Any], /) -> Mapping[str, Any]:
        """Return the value of the field `shaped`."""

    def usage(self, answer: Mapping[str, Any], /) -> Usage:
        """Return what the answer says of tokens; zeros where it says nothing."""

    def completion(self, answer: Mapping[str, Any], /) -> Completion:
        """Return the completion that an answer holds, without its usage; raises `Fault` if none."""


def count(value: Any) -> int:
    """Return a number of tokens, 0 for what is none."""
    return value if type(value) is int and value >= 0 else 0


def counts(usage: Any, read: str, written: str) -> Usage:
    """Return the usage that an answer's table holds under these names."""
    table = usage if isinstance(usage, dict) else {}

    def part(whole: str, name: str) -> int:
        details = table.get(f"{whole}_details")
        found = count(details.get(name)) if isinstance(details, dict) else 0
        return min(found, count(table.get(whole)))

    return Usage(
        count(table.get(read)),
        count(table.get(written)),
        cached_tokens=part(read, "cached_tokens"),
        reasoning_tokens=part(written, "reasoning_tokens"),
    )
