"""A model's sub-words as tokens: those of the fast tokenizer that lies with it."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from nerharness.errors import MissingDependencyError
from nerharness.models import locate
from nerharness.segment import split_sentences
from nerharness.types import Document, Span

if TYPE_CHECKING:
    from nerharness.segmenters import Segmenter


def subword_segmenter(name: str) -> Segmenter:
    """Return the segmenter of a model as `--model` names it; sentences are the default ones."""
    if find_spec("transformers") is None:
        raise MissingDependencyError(
            "a model's sub-words need transformers, not installed here",
            hint="pip install 'nerharness[hf]'",
        )
    tokenizer = _tokenizer(name)
    return partial(_segment, tokenizer)


def _tokenizer(name: str) -> Any:
    from transformers import AutoTokenizer

    source = locate(name, flag="--tokens")
    if not source.path and source.install_hint:
        raise source.not_found(f"{source.name} is not installed")
    path, extra = source.address(), {}
    if source.path and source.path.is_file():  # one file holds weights and tokenizer
        path, extra = str(source.path.parent), {"gguf_file": source.path.name}
    try:
        return AutoTokenizer.from_pretrained(path, use_fast=True, **extra)
    except Exception as error:  # the library raises many kinds for what it cannot load
        raise source.unusable(error) from error


def _segment(tokenizer: Any, id: str, text: str) -> Document:
    found = tokenizer(
        text, add_special_tokens=False, return_offsets_mapping=True, truncation=False, verbose=False
    )
    tokens: list[Span] = []
    for start, end in found["offset_mapping"]:
        words = text[start:end]
        start += len(words) - len(words.lstrip())
        end = start + len(words.strip())
        if tokens and start < tokens[-1].end:  # several sub-words make up one character
            start = tokens[-1].end
        if start < end:
            tokens.append(Span(start, end))
    return Document(id, text, tuple(tokens), split_sentences(text))
