"""Sentence embeddings: mean pooling over a transformer encoder, normalised to length 1."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging

from nerharness import models


class Embedder:
    """Turns texts into float32 vectors of shape `(texts, dimensions)`.

    Pooling as in Reimers and Gurevych (2019): the mean of the last layer over the tokens that are
    not padding. Texts are cut at 256 tokens.
    """

    def __init__(self, name: str, *, batch_size: int = 64) -> None:
        self._source = models.locate(name, flag="--embedding-model")
        self._batch_size = batch_size

    @cached_property
    def digest(self) -> str:
        """What identifies the weights: their SHA-256, or the hub id and its commit."""
        if self._source.path is not None:
            return models.digest(self._source.path)
        commit = getattr(self._parts[1].config, "_commit_hash", None)
        return f"{self._source.hub_id}@{commit}"

    @cached_property
    def _parts(self) -> tuple[Any, Any]:
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        address = self._source.address()
        try:
            tokenizer = AutoTokenizer.from_pretrained(address)
            model = AutoModel.from_pretrained(address, dtype=torch.float32, use_safetensors=True)
        except Exception as error:  # of transformers, safetensors, or the hub's library
            raise self._source.unusable(error) from error
        return tokenizer, model.eval()

    @torch.inference_mode()
    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per text, in order."""
        tokenizer, model = self._parts
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        rows = np.empty((len(texts), model.config.hidden_size), dtype=np.float32)
        for start in range(0, len(order), self._batch_size):
            batch = order[start : start + self._batch_size]
            inputs = tokenizer(
                [texts[index] for index in batch],
                padding=True,
                truncation=True,
                max_length=256,
                return_tensors="pt",
            )
            hidden = model(**inputs).last_hidden_state
            mask = inputs["attention_mask"].unsqueeze(-1)
            mean = (hidden * mask).sum(1) / mask.sum(1)
            rows[batch] = torch.nn.functional.normalize(mean, dim=1).numpy()
        return rows
