"""Counting prompts' tokens with a model's vocabulary alone."""

from __future__ import annotations

from nerharness.types import Prompt

from nerharness_llamacpp.encoding import ChatEncoding
from nerharness_llamacpp.model import chat_template, find, load
from nerharness_llamacpp.vocabulary import Vocabulary


class PromptCounter:
    """Counts the tokens of prompts as the backend would read them; loads no weights."""

    def __init__(self, *, model: str, **_: object) -> None:
        llm = load(find(model), vocab_only=True)
        self._encoding = ChatEncoding(llm, Vocabulary(llm), *chat_template(llm, model))

    def count(self, prompt: Prompt, /) -> int:
        """Return how many tokens the prompt has, chat template and all."""
        return len(self._encoding.encode(prompt))
