"""The tokenizer of a model, which can be had without its weights."""

from __future__ import annotations

from typing import Any

from transformers import AutoTokenizer
from transformers.utils import logging

from nerharness import models
from nerharness.backends.encoding import ChatEncoding
from nerharness.errors import UsageError
from nerharness.types import Prompt


def address(source: models.ModelSource) -> tuple[str, dict[str, Any]]:
    """Return what `from_pretrained` is called with; pickled weights are never read."""
    if source.path is None:
        return source.address(), {"use_safetensors": True}
    if source.path.is_file():
        return str(source.path.parent), {"gguf_file": source.path.name}
    return source.address(), {"use_safetensors": True}


def load_tokenizer(source: models.ModelSource, revision: str | None) -> Any:
    """Load a tokenizer with a chat template; raises the errors of `nerharness.errors`."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    name, extra = address(source)
    try:
        tokenizer = AutoTokenizer.from_pretrained(name, revision=revision, **extra)
    except Exception as error:  # of transformers, tokenizers, gguf, or the hub's library
        raise source.unusable(error) from error
    if tokenizer.chat_template is None:
        raise UsageError(
            f"model {source.name!r} has no chat template",
            where="--model",
            hint="choose an instruction-tuned model",
        )
    return tokenizer


class PromptCounter:
    """Counts the tokens of prompts as the `hf` backend would read them."""

    def __init__(self, *, model: str, revision: str | None, **_: object) -> None:
        self._encoding = ChatEncoding(load_tokenizer(models.locate(model), revision))

    def count(self, prompt: Prompt, /) -> int:
        """Return how many tokens the prompt has, chat template and all."""
        return len(self._encoding.encode(prompt))
