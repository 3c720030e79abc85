"""The tokenizer of a model, which can be had without its weights."""

from __future__ import annotations

from typing import Any, NamedTuple

from transformers import AutoTokenizer
from transformers.utils import logging

from nerharness import models
from nerharness.backends.encoding import ChatEncoding
from nerharness.errors import UsageError
from nerharness.types import Prompt


class Trust(NamedTuple):
    """What of a model may run on this machine: nothing, unless its user says so."""

    code: bool = False
    """Python code that comes with it."""
    pickles: bool = False
    """Weights that are not safetensors but pickles, which can hold any code."""


SAFE = Trust()


def address(
    source: models.ModelSource, revision: str | None, trust: Trust = SAFE
) -> tuple[str, dict[str, Any]]:
    """Return what `from_pretrained` is called with."""
    if source.path is not None and source.path.is_file():
        extra = {"gguf_file": source.path.name, "trust_remote_code": trust.code}
        return str(source.path.parent), extra
    return source.address(revision), {
        "revision": revision,
        "use_safetensors": None if trust.pickles else True,
        "trust_remote_code": trust.code,
    }


def load_tokenizer(source: models.ModelSource, revision: str | None, trust: Trust = SAFE) -> Any:
    """Load a tokenizer with a chat template; raises the errors of `nerharness.errors`."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    name, extra = address(source, revision, trust)
    try:
        tokenizer = AutoTokenizer.from_pretrained(name, **extra)
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

    def __init__(
        self, *, model: str, revision: str | None, trust_remote_code: bool, **_: object
    ) -> None:
        trust = Trust(code=trust_remote_code)
        self._encoding = ChatEncoding(load_tokenizer(models.locate(model), revision, trust))

    def count(self, prompt: Prompt, /) -> int:
        """Return how many tokens the prompt has, chat template and all."""
        return len(self._encoding.encode(prompt))
