"""How tests ask the `openai` backend: quick to try again, and closed in the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from backends.server import Server

from nerharness.types import Completion, Message, Prompt

KEY = "sk-a-secret-that-must-not-be-seen-anywhere"
Talking = Callable[..., tuple[Any, Server]]

OPTIONS = {
    "model": None,
    "base_url": None,
    "api_key_env": "OPENAI_API_KEY",
    "api_key_file": None,
    "check_model": True,
    "max_tokens": 100,
    "concurrency": 8,
    "request_timeout": 5.0,
    "deadline": 20.0,
    "retries": 3,
}


def ask(*texts: str, **rest: Any) -> list[Prompt]:
    """Return a prompt per text."""
    return [Prompt((Message("user", text),), **rest) for text in texts]


def complete(backend: Any, prompts: Sequence[Prompt]) -> list[Completion]:
    """Return the completions in the order of the prompts; each prompt has exactly one."""
    pairs = list(backend.generate(prompts))
    assert sorted(index for index, _ in pairs) == list(range(len(prompts)))
    found = dict(pairs)
    return [found[index] for index in range(len(prompts))]


def answer(backend: Any, **rest: Any) -> Completion:
    """Return the completion of one prompt."""
    return complete(backend, ask("gout", **rest))[0]
