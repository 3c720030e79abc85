"""The `hf` backend: a causal language model on transformers and torch, greedy, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

from nerharness import models
from nerharness.errors import GenerationError, UsageError
from nerharness.types import Completion, Prompt, Usage


class TransformersBackend:
    """Loads a model once and answers prompts with its own chat template, longest prompts last.

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
        self._batch_size = batch_size
        self._max_tokens = max_tokens
        self._source = models.locate(model)
        self._device = _pick_device(device)
        self._dtype = _pick_dtype(dtype, self._device)
        self._tokenizer, self._model = self._load(revision)

    def _load(self, revision: str | None) -> tuple[Any, Any]:
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        name, extra = _address(self._source)
        try:
            tokenizer = AutoTokenizer.from_pretrained(
                name, revision=revision, padding_side="left", **extra
            )
            model = AutoModelForCausalLM.from_pretrained(
                name, revision=revision, dtype=self._dtype, **extra
            )
        except (OSError, ValueError) as error:
            raise self._source.not_found(_first_line(error)) from error
        if tokenizer.chat_template is None:
            raise UsageError(
                f"model {self._source.name!r} has no chat template",
                where="--model",
                hint="choose an instruction-tuned model",
            )
        if tokenizer.pad_token_id is None:
            tokenizer.pad_token = tokenizer.eos_token
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
        """Yield completions batch by batch, prompts of like length together."""
        encoded = [self._encode(prompt) for prompt in prompts]
        order = sorted(range(len(prompts)), key=lambda index: len(encoded[index]))
        fitting: list[int] = []
        for index in order:
            if len(encoded[index]) + self._limit(prompts[index]) > self._context:
                yield index, self._too_long(len(encoded[index]), self._limit(prompts[index]))
            else:
                fitting.append(index)
        for start in range(0, len(fitting), self._batch_size):
            batch = fitting[start : start + self._batch_size]
            limits = [self._limit(prompts[index]) for index in batch]
            answers = self._complete([encoded[index] for index in batch], limits)
            yield from zip(batch, answers, strict=True)

    def _encode(self, prompt: Prompt) -> list[int]:
        turns = [{"role": turn.role, "content": turn.content} for turn in prompt.messages]
        text = self._tokenizer.apply_chat_template(
            turns, tokenize=False, add_generation_prompt=True
        )
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def _limit(self, prompt: Prompt) -> int:
        return min(prompt.max_tokens or self._max_tokens, self._max_tokens)

    @cached_property
    def _context(self) -> int:
        return int(getattr(self._model.config, "max_position_embeddings", 1 << 30))

    def _too_long(self, size: int, limit: int) -> Completion:
        reason = (
            f"the prompt has {size} tokens and the answer may take {limit}, "
            f"but the model's context is {self._context}"
        )
        return Completion("", "error", error=reason)

    @torch.inference_mode()
    def _complete(self, batch: list[list[int]], limits: list[int]) -> list[Completion]:
        """Continue each prompt greedily until its end token or its own limit."""
        padded = self._tokenizer.pad({"input_ids": batch}, return_tensors="pt").to(self._device)
        output = self._model.generate(
            **padded,
            max_new_tokens=max(limits),
            do_sample=False,
            temperature=None,
            top_p=None,
            top_k=None,
            pad_token_id=self._tokenizer.pad_token_id,
        )
        rows = output[:, padded["input_ids"].shape[1] :].tolist()
        if len(rows) != len(batch):
            raise GenerationError(f"{len(batch)} prompts gave {len(rows)} answers", where="hf")
        return [
            self._completion(row[:limit], len(prompt))
            for row, limit, prompt in zip(rows, limits, batch, strict=True)
        ]

    def _completion(self, row: list[int], prompt_tokens: int) -> Completion:
        end = next((place for place, token in enumerate(row) if token in self._ends), None)
        body = row if end is None else row[:end]
        text = self._tokenizer.decode(body, skip_special_tokens=True)
        usage = Usage(prompt_tokens, len(body) + (end is not None))
        return Completion(text, "length" if end is None else "stop", usage)

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


def _address(source: models.ModelSource) -> tuple[str, dict[str, str]]:
    """Return what `from_pretrained` is called with."""
    if source.path is None:
        return source.address(), {}
    if source.path.is_file():
        return str(source.path.parent), {"gguf_file": source.path.name}
    return str(source.path), {}


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
