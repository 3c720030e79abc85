"""The model file: found, loaded, and its chat template."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from nerharness import models
from nerharness.errors import ModelNotFoundError, UsageError
from nerharness.types import Message

from nerharness_llamacpp.binding import Jinja2ChatFormatter, llama_cpp
from nerharness_llamacpp.log import complaints

CHUNK = 32
"""Tokens read at once; see `Slots`. Reading 128 at once takes 5 % less, and shares less."""

LARGEST_DEFAULT_CONTEXT = 8192
_NO_TOKEN = -1

Template = Callable[[Sequence[Message]], str]


def find(name: str) -> Path:
    """Return the path of a model file, given its path or the name of a packaged model.

    Raises `ModelNotFoundError` when it is not on this machine: llama.cpp downloads nothing.
    """
    source = models.locate(name)
    if source.path is None:
        advice = f"{source.install_hint}, or " if source.install_hint else ""
        raise ModelNotFoundError(
            f"model {name!r} is not on this machine, and this backend downloads none",
            where="--model",
            hint=f"{advice}give the path of a .gguf file",
        )
    if source.path.is_dir():
        raise UsageError(f"{name!r} is not a .gguf file but a folder", where="--model")
    return source.path


_SMALL = 8
"""The library makes a context of its own, for which there is no use."""


def load(path: Path, *, vocab_only: bool = False) -> llama_cpp.Llama:
    """Load a model, or its vocabulary alone; `UsageError` with llama.cpp's reason if it cannot."""
    with complaints() as reasons:
        try:
            return llama_cpp.Llama(
                str(path),
                n_ctx=_SMALL,
                n_batch=_SMALL,
                n_ubatch=_SMALL,
                vocab_only=vocab_only,
                verbose=False,
            )
        except Exception as error:  # its own, or its template engine's
            raise UsageError(
                f"llama.cpp cannot load {path}: {reasons[0] if reasons else error}",
                where="--model",
                hint="give a .gguf file of a model that this version of llama.cpp knows",
            ) from error


def half_of_the_cores() -> int:
    """Return how many threads to use: more than the physical cores only wait for each other."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max((usable or 1) // 2, 1)


def chat_template(llm: llama_cpp.Llama, name: str) -> tuple[Template, str]:
    """Return the model's own chat template and its source; `UsageError` when it has none."""
    source = llm.metadata.get("tokenizer.chat_template")
    if source is None:
        raise UsageError(
            f"model {name!r} has no chat template",
            where="--model",
            hint="choose an instruction-tuned model",
        )
    render = Jinja2ChatFormatter(
        source,
        eos_token=_special(llm, llm.token_eos()),
        bos_token=_special(llm, llm.token_bos()),
    )

    def apply(messages: Sequence[Message]) -> str:
        turns = [{"role": turn.role, "content": turn.content} for turn in messages]
        return str(render(messages=turns).prompt)

    return apply, str(source)


def _special(llm: llama_cpp.Llama, token: int) -> str:
    if token == _NO_TOKEN:
        return ""
    return str(llm.detokenize([token], special=True).decode())
