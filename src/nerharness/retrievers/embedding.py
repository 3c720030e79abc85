"""Sentence embeddings: a transformer encoder, its pooling, and vectors of length 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModel, AutoTokenizer
from transformers.utils import cached_file, logging

from nerharness import models
from nerharness.errors import UsageError
from nerharness.products import computes_in_bfloat16
from nerharness.retrievers import bert
from nerharness.retrievers.encoder import WINDOW, Encoder, Pooling, Role

BUDGET = 1024
"""Tokens in a batch, padding included, unless one text has more."""
_TOP = ("config.json", "modules.json")
"""One of these stands at the top of a model's folder, wherever in it the transformer is."""
_EDITION = 3
"""Counts up with every change of this computation, or of an index, that changes vectors."""


class Embedder:
    """Turns texts into float32 vectors of shape `(texts, dimensions)`.

    Pooling, window and prefixes are those of the model's folder (see `encoder`); pooling is that of
    Reimers and Gurevych (2019). Computes in bfloat16 on a processor that has it, else in float32.
    All that is read of a hub's model is of one commit: the one that `revision` stands for now.
    """

    def __init__(
        self,
        name: str,
        *,
        revision: str | None = None,
        budget: int = BUDGET,
        dtype: torch.dtype | None = None,
    ) -> None:
        self._source = models.locate(name, flag="--embedding-model")
        if revision and self._source.path is not None:
            fault = f"{name!r} is on this machine, and has no revisions"
            raise UsageError(fault, where="--embedding-revision", hint="leave it out")
        self._commit = models.hub_commit(self._source, revision, _TOP)
        self._budget = budget
        self._dtype = dtype or (torch.bfloat16 if computes_in_bfloat16() else torch.float32)

    @cached_property
    def identity(self) -> Mapping[str, str]:
        """The model, and its commit at the hub or the SHA-256 of its weights."""
        if self._source.path is None:
            return {"model": self._source.name, "revision": str(self._commit)}
        folder = self._source.path / self.encoder.subfolder
        return {"model": self._source.name, "sha256": models.digest(folder)}

    @cached_property
    def digest(self) -> str:
        """What the vectors depend on: weights (SHA-256, or id and commit), settings, arithmetic."""
        known = self.identity
        weights = known.get("sha256") or f"{self._source.hub_id}@{known['revision']}"
        return f"{weights} {self.encoder.digest} {self._dtype} {_EDITION}"

    @cached_property
    def encoder(self) -> Encoder:
        """The settings that the model's folder holds."""
        return Encoder.read(self._file, where=f"--embedding-model {self._source.name}")

    def embed(self, texts: Sequence[str], role: Role = "document") -> NDArray[np.float32]:
        """Return one row per text, in order; equal texts are computed once."""
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        rows = self._embed([self.encoder.prepare(text, role) for text in places])
        return rows[[places[text] for text in texts]]

    @torch.inference_mode()
    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        tokenizer, model = self._parts
        forward = self._forward
        ids = tokenizer(list(texts), truncation=True, max_length=self._window)["input_ids"]
        pad = tokenizer.pad_token_id or 0
        size = model.config.hidden_size * len(self.encoder.poolings)
        rows = np.empty((len(texts), size), dtype=np.float32)
        for batch in _batches([len(one) for one in ids], self._budget):
            tokens, mask = _padded([ids[index] for index in batch], pad)
            hidden = forward(tokens, mask).float()
            pooled = [pool(hidden, mask, mode) for mode in self.encoder.poolings]
            rows[batch] = torch.nn.functional.normalize(torch.cat(pooled, 1), dim=1).numpy()
        return rows

    @cached_property
    def _parts(self) -> tuple[Any, Any]:
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        place = {"revision": self._commit, "subfolder": self.encoder.subfolder}
        try:
            tokenizer = AutoTokenizer.from_pretrained(self._address, **place)
            model = AutoModel.from_pretrained(
                self._address, dtype=self._dtype, use_safetensors=True, **place
            )
        except Exception as error:  # of transformers, safetensors, or the hub's library
            raise self._source.unusable(error) from error
        return tokenizer, model.eval()

    @cached_property
    def _forward(self) -> bert.Forward:
        return bert.forward(self._parts[1])

    @cached_property
    def _window(self) -> int:
        tokenizer, model = self._parts
        positions = getattr(model.config, "max_position_embeddings", WINDOW)
        return self.encoder.window or min(tokenizer.model_max_length, positions)

    @property
    def _address(self) -> str:
        return str(self._source.path or self._source.hub_id)

    def _file(self, path: str) -> str | None:
        """Return the content of a file of the model's folder, from the hub if it is there."""
        if self._source.path is not None:
            place = self._source.path / path
            return place.read_text(encoding="utf-8") if place.is_file() else None
        try:
            found = cached_file(
                self._address,
                path,
                revision=self._commit,
                _raise_exceptions_for_missing_entries=False,
            )
        except OSError as error:
            raise self._source.unusable(error) from error
        return Path(found).read_text(encoding="utf-8") if found else None


def pool(hidden: torch.Tensor, mask: torch.Tensor, mode: Pooling) -> torch.Tensor:
    """Return a vector for each text from those of its tokens, `(texts, tokens, dimensions)`.

    `mask` is 1 for the tokens of a text and 0 for padding, which stands behind them.
    """
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    match mode:
        case "cls":
            return hidden[:, 0]
        case "max":
            return hidden.masked_fill(weights == 0, float("-inf")).amax(1)
        case "lasttoken":
            return hidden[torch.arange(len(hidden)), mask.sum(1) - 1]
        case "mean_sqrt_len":
            return (hidden * weights).sum(1) / weights.sum(1).sqrt()
        case "weightedmean":
            places = torch.arange(1, hidden.shape[1] + 1, dtype=hidden.dtype)
            weights = weights * places.view(1, -1, 1)
    return (hidden * weights).sum(1) / weights.sum(1)


def _batches(sizes: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Yield the places of texts of about the same length, as many as the budget allows."""
    batch: list[int] = []
    for index in sorted(range(len(sizes)), key=sizes.__getitem__):
        if batch and (len(batch) + 1) * sizes[index] > budget:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _padded(ids: Sequence[Sequence[int]], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(map(len, ids))
    tokens = torch.full((len(ids), width), pad)
    mask = torch.zeros((len(ids), width), dtype=torch.long)
    for row, one in enumerate(ids):
        tokens[row, : len(one)] = torch.tensor(one)
        mask[row, : len(one)] = 1
    return tokens, mask
