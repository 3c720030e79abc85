"""The `hf` backend: a causal language model on transformers and torch, greedy, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

from nerharness import models
from nerharness.backends.greedy import Greedy
from nerharness.errors import UsageError
from nerharness.types import Completion, Prompt, Usage


class TransformersBackend:
    """Loads a model once and answers prompts with its own chat template.

    GGUF files are de-quantised when loaded (transformers does it). Code that comes with a model is
    never run.
    """

    def __init__(
        self,
        *,
        model: str,
        revision: str | None,
        device: str,
        dtype: str,
        batch_size: int,
        max_tokens: int,
    ) -> None:
        for flag, value in (("--batch-size", batch_size), ("--max-tokens", max_tokens)):
            if value < 1:
                raise UsageError(f"must be at least 1, got {value}", where=flag)
        self._max_tokens = max_tokens
        self._source = models.locate(model)
        self._device = _pick_device(device)
        self._dtype = _pick_dtype(dtype, self._device)
        self._tokenizer, self._model = self._load(revision)
        self._decoder = Greedy(self._model, self._ends, batch_size=batch_size)

    def _load(self, revision: str | None) -> tuple[Any, Any]:
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        name, extra = _address(self._source)
        try:
            tokenizer = AutoTokenizer.from_pretrained(name, revision=revision, **extra)
            model = AutoModelForCausalLM.from_pretrained(
                name, revision=revision, dtype=self._dtype, **extra
            )
        except Exception as error:  # of transformers, safetensors, gguf, or the hub's library
            raise self._source.unusable(error) from error
        if tokenizer.chat_template is None:
            raise UsageError(
                f"model {self._source.name!r} has no chat template",
                where="--model",
                hint="choose an instruction-tuned model",
            )
        return tokenizer, model.to(self._device).eval()

    @cached_property
    def identity(self) -> Mapping[str, str]:
        """Model, its digest or revision, device, dtype and context length."""
        known = {
            "model": self._source.name,
            "device": str(self._device),
            "dtype": str(self._dtype).removeprefix("torch."),
            "context": str(self._context),
        }
        if self._source.path is not None:
            known["sha256"] = models.digest(self._source.path)
        elif commit := getattr(self._model.config, "_commit_hash", None):
            known["revision"] = str(commit)
        return known

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        """Yield completions batch by batch, those of a batch as they finish."""
        encoded = [self._encode(prompt) for prompt in prompts]
        limits = [min(p.max_tokens or self._max_tokens, self._max_tokens) for p in prompts]
        fitting: list[int] = []
        for index, (tokens, limit) in enumerate(zip(encoded, limits, strict=True)):
            if len(tokens) + limit > self._context:
                yield index, self._too_long(len(tokens), limit)
            else:
                fitting.append(index)
        answers = self._decoder.complete(
            [encoded[index] for index in fitting], [limits[index] for index in fitting]
        )
        for place, tokens in answers:
            index = fitting[place]
            yield index, self._completion(tokens, len(encoded[index]))

    def _encode(self, prompt: Prompt) -> list[int]:
        turns = [{"role": turn.role, "content": turn.content} for turn in prompt.messages]
        text = self._tokenizer.apply_chat_template(
            turns, tokenize=False, add_generation_prompt=True
        )
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    @cached_property
    def _context(self) -> int:
        return int(getattr(self._model.config, "max_position_embeddings", 1 << 30))

    def _too_long(self, size: int, limit: int) -> Completion:
        reason = (
            f"the prompt has {size} tokens and the answer may take {limit}, "
            f"but the model's context is {self._context}"
        )
        return Completion("", "error", error=reason)

    def _completion(self, tokens: list[int], prompt_tokens: int) -> Completion:
        ended = tokens[-1] in self._ends
        text = self._tokenizer.decode(tokens[:-1] if ended else tokens, skip_special_tokens=True)
        usage = Usage(prompt_tokens, len(tokens))
        return Completion(text, "stop" if ended else "length", usage)

    @cached_property
    def _ends(self) -> frozenset[int]:
        ends = self._model.generation_config.eos_token_id
        listed = ends if isinstance(ends, list) else [ends]
        return frozenset(token for token in listed if token is not None)


def _pick_device(wanted: str) -> torch.device:
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        wanted = next((name for name, here in available.items() if here), "cpu")
    elif not available.get(wanted, True):
        raise UsageError(
            f"torch sees no {wanted} device here", where="--device", hint="use --device auto"
        )
    return torch.device(wanted)


def _pick_dtype(wanted: str, device: torch.device) -> torch.dtype:
    if wanted == "auto":
        wanted = "bfloat16" if device.type != "cpu" or _cpu_has_bfloat16() else "float32"
    dtype = getattr(torch, wanted)
    assert isinstance(dtype, torch.dtype)
    return dtype


def _cpu_has_bfloat16() -> bool:
    """Tell whether the processor multiplies in bfloat16 by itself: 2 to 3 times as fast there."""
    capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16"))


def _address(source: models.ModelSource) -> tuple[str, dict[str, Any]]:
    """Return what `from_pretrained` is called with; pickled weights are never read."""
    if source.path is None:
        return source.address(), {"use_safetensors": True}
    if source.path.is_file():
        return str(source.path.parent), {"gguf_file": source.path.name}
    return source.address(), {"use_safetensors": True}
