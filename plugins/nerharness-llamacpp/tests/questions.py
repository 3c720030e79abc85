"""What the tests ask of a backend, and how."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nerharness.types import Completion, Message, Prompt

if TYPE_CHECKING:
    from nerharness_llamacpp.backend import LlamaCppBackend

MODEL = "smollm2-135m-instruct"
SHORT = "Say: The patient has a fever."  # the model does, and stops
GUIDE = " ".join(
    f"Rule {n}: write item number {n} as it stands in the text." for n in range(15)
)  # some chunks, and a part of one


def ask(content: str, max_tokens: int | None = None) -> Prompt:
    return Prompt((Message("user", content),), max_tokens)


def answers(backend: LlamaCppBackend, prompts: Sequence[Prompt]) -> list[Completion]:
    found = dict(backend.generate(prompts))
    assert sorted(found) == list(range(len(prompts)))
    return [found[index] for index in range(len(prompts))]


def answer(backend: LlamaCppBackend, prompt: Prompt) -> Completion:
    (completion,) = answers(backend, [prompt])
    return completion
