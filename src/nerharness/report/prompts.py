"""Prompts as text to read: roles marked, every character of the messages as it is sent."""

from __future__ import annotations

from collections.abc import Iterator

from nerharness.types import Prompt


def prompt_text(prompt: Prompt) -> str:
    """Return the turns, each under its role in brackets, and then how the answer is made."""
    return "\n".join(_lines(prompt))


def _lines(prompt: Prompt) -> Iterator[str]:
    for role, content in prompt.messages:
        yield f"[{role}]"
        yield content
    if prompt.prefix:
        yield "[assistant, already given]"
        yield prompt.prefix
    if prompt.constraint is not None:
        yield "[grammar of the answer]"
        yield prompt.constraint.grammar
    if settings := _settings(prompt):
        yield f"[answer: {', '.join(settings)}]"


def _settings(prompt: Prompt) -> list[str]:
    settings = []
    if prompt.max_tokens is not None:
        reasoning = f", {prompt.reasoning_tokens} of them for reasoning"
        room = reasoning if prompt.reasoning_tokens else ""
        settings.append(f"at most {prompt.max_tokens} tokens{room}")
    if prompt.sampling is not None:
        drawn = prompt.sampling
        settings.append(f"drawn at temperature {drawn.temperature:g} with seed {drawn.seed}")
    if prompt.logprobs:
        settings.append("weighed")
    return settings
