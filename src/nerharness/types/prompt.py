"""What a backend is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Finish = Literal["stop", "length", "filtered", "error"]
Role = Literal["system", "user", "assistant"]


class Message(NamedTuple):
    """One turn of a chat."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Constraint:
    """What an answer may look like.

    `grammar` is in the Lark dialect of llguidance and exact; `schema` is the JSON schema that comes
    nearest, for servers that know no grammars, or `None` for answers that are not JSON.
    """

    grammar: str
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to draw an answer: the same seed and prompt always give the same one.

    `temperature` is above 0; without a `Sampling` the likeliest token is taken each time.
    """

    temperature: float
    seed: int

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise ValueError(f"the temperature must be above 0, got {self.temperature}")


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a backend is asked.

    `max_tokens` bounds the answer with the reasoning before it (`None`: the backend's own limit),
    for which `reasoning_tokens` of them were added. `prefix` is the beginning of
    the answer, already given: the completion goes on from there. `logprobs` asks for the
    log-probability of each token. `ending` is the grammar of answers after which nothing is read:
    one that is of it, and cannot go on in it, may end there. A backend need not heed it.
    """

    messages: tuple[Message, ...]
    max_tokens: int | None = None
    constraint: Constraint | None = None
    prefix: str = ""
    sampling: Sampling | None = None
    logprobs: bool = False
    ending: str | None = None
    reasoning_tokens: int = 0

    def limit(self, most: int) -> int:
        """Return how many tokens may be written where an answer without reasoning has `most`."""
        most += self.reasoning_tokens
        return min(self.max_tokens or most, most)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens read and written, and what they cost; adds up.

    `cached` counts answers that were there already: what they once took is not counted again.
    `cached_tokens` are those of the prompt that the server had read before, `reasoning_tokens`
    those of the completion that it says were thoughts. `cost` is in US
    dollars, `None` where no answer has a known price; `unpriced` counts the answers without one,
    which `cost` leaves out.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached: int = 0
    cached_tokens: int = 0
    cost: float | None = None
    unpriced: int = 0
    reasoning_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        costs = [cost for cost in (self.cost, other.cost) if cost is not None]
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cached + other.cached,
            self.cached_tokens + other.cached_tokens,
            sum(costs) if costs else None,
            self.unpriced + other.unpriced,
            self.reasoning_tokens + other.reasoning_tokens,
        )


class Token(NamedTuple):
    """A token of an answer: its text, and its natural log-probability among what was allowed."""

    text: str
    logprob: float


@dataclass(frozen=True, slots=True)
class Completion:
    """What a backend answers; with finish "error", `error` says why and `text` is empty.

    The texts of `tokens`, if asked for, make up `text` (a character cut between two tokens counts
    to the second).
    """

    text: str
    finish: Finish
    usage: Usage = Usage()
    error: str | None = None
    tokens: tuple[Token, ...] | None = None
