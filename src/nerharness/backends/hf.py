"""The `hf` backend: a causal language model on transformers and torch, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import torch

from nerharness import models
from nerharness.backends.adapter import adapted, check_adapter
from nerharness.backends.chat_model import ChatModel
from nerharness.backends.gguf_once import read_once
from nerharness.backends.loading import (
    Quantization,
    load_model,
    pick_device,
    pick_dtype,
    quantized,
)
from nerharness.backends.tokenizer import Trust, load_tokenizer
from nerharness.errors import UsageError
from nerharness.plugin import Ability
from nerharness.products import lay_out
from nerharness.types import Completion, Prompt


class TransformersBackend:
    """Loads a model once and answers prompts with its own chat template.

    GGUF files are de-quantised when loaded (transformers does it). Code that comes with a model is
    not run, and pickled weights are not read, unless that is asked for. An adapter (peft) is merged
    into the model's weights, or beside them where those are quantized. All that is read of a hub's
    model is of one commit: the one that `revision` stands for when the backend is made.
    """

    abilities: frozenset[Ability] = ChatModel.abilities

    def __init__(
        self,
        *,
        model: str,
        revision: str | None,
        adapter: str | None,
        device: str,
        device_map: str | None,
        dtype: str,
        quantization: Quantization | None,
        trust_remote_code: bool,
        pickled_weights: bool,
        batch_size: int | None,
        batch_tokens: int | None,
        max_tokens: int,
    ) -> None:
        for flag, value in (
            ("--batch-size", batch_size),
            ("--batch-tokens", batch_tokens),
            ("--max-tokens", max_tokens),
        ):
            if value is not None and value < 1:
                raise UsageError(f"must be at least 1, got {value}", where=flag)
        self._source = models.locate(model)
        self._adapter = Path(adapter) if adapter else None
        self._commit = models.hub_commit(self._source, revision)
        if self._adapter:
            check_adapter(self._adapter, self._source, self._commit, pickles=pickled_weights)
        self._device = pick_device(device)
        self._dtype = pick_dtype(dtype, self._device)
        self._quantization = quantization
        self._held = quantized(self._source, quantization, self._dtype)
        self._device_map = device_map
        self._trust = Trust(trust_remote_code, pickled_weights)
        with read_once():
            tokenizer = load_tokenizer(self._source, self._commit, self._trust)
            self._model = self._load()
        self._chat = ChatModel(
            self._model,
            tokenizer,
            batch_size=batch_size,
            batch_tokens=batch_tokens,
            max_tokens=max_tokens,
        )

    def _load(self) -> Any:
        # Weights that are whole get the adapter in full precision, and the sum is rounded once.
        dtype = torch.float32 if self._adapter and not self._held else self._dtype
        # What is quantized is put in its place as it is loaded, and stays there.
        place = self._device_map or (str(self._device) if self._held else None)
        model = load_model(
            self._source, self._commit, dtype, self._held, device_map=place, trust=self._trust
        )
        if self._adapter:
            model = adapted(model, self._adapter)
            if not self._held:
                for weight in model.parameters():  # not what it computes positions from
                    weight.data = weight.data.to(self._dtype)
        if place:
            return model.eval()
        model = model.to(self._device).eval()
        lay_out(model)
        return model

    @cached_property
    def identity(self) -> Mapping[str, str]:
        """Model, its digest or revision, adapter, device, dtype and context length."""
        known = {"model": self._source.name, **self._chat.identity}
        if self._quantization is not None:
            known["quantization"] = self._quantization
        if self._source.path is not None:
            known["sha256"] = models.digest(self._source.path)
        if self._commit is not None:
            known["revision"] = self._commit
        if self._adapter:
            known |= {"adapter": str(self._adapter), "adapter_sha256": models.digest(self._adapter)}
        return known

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        """Yield completions as they finish."""
        return self._chat.generate(prompts)

    def drain(self) -> None:
        """Have `generate` finish the answers that are begun, and begin no other."""
        self._chat.drain()

    @property
    def window(self) -> int:
        """How many prompts keep a batch full for most of the time."""
        return self._chat.window
