"""A causal language model that reads on, and says what may come next."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch

from nerharness.backends import key_values
from nerharness.backends.answer import Answer, Tokens
from nerharness.backends.batch import Batch, aligned
from nerharness.backends.prefix import Prefix


class Reader:
    """Runs a model of transformers, whose weights must not change between calls."""

    def __init__(self, model: Any) -> None:
        self._model = model
        # Models took the cache as `past_key_values` before transformers called it `cache`.
        known = inspect.signature(model.forward).parameters
        self._cache_name = "cache" if "cache" in known else "past_key_values"

    @cached_property
    def is_plain(self) -> bool:
        """Whether every layer keeps every token."""
        return key_values.is_plain(key_values.empty(self._model.config))

    def begin(self, rows: list[Answer], prefix: Prefix) -> tuple[Batch, torch.Tensor]:
        """Read answers so far, with their prompts, all of which begin with the prefix.

        Return them as a batch, and the logits of what comes next, shape `(rows, 1, vocabulary)`.
        """
        own = [row.text[len(prefix.tokens) :] for row in rows]
        cache = self._copies(prefix, len(rows))
        mask = torch.ones((len(rows), len(prefix.tokens)), dtype=torch.long, device=self._device)
        batch = Batch(rows, cache, mask)
        return batch, self.go_on(batch, own, 1)

    def extend(self, prefix: Prefix, tokens: Tokens) -> Prefix:
        """Return what has read these tokens besides."""
        cache = self._copies(prefix, 1)
        mask = torch.ones((1, len(prefix.tokens)), dtype=torch.long, device=self._device)
        self.go_on(Batch([], cache, mask), [tokens], 1)
        return Prefix(prefix.tokens + tokens, cache)

    def go_on(self, batch: Batch, tokens: Sequence[Tokens], keep: int) -> torch.Tensor:
        """Read more tokens of each row, none of some perhaps.

        Return the logits behind the last `keep` of them, shape `(rows, keep, vocabulary)`.
        """
        ids, mask = aligned(tokens, self._device)
        mask = torch.cat([batch.mask, mask], dim=1)
        positions = (mask.cumsum(1) - 1).clamp(min=0)[:, -ids.shape[1] :]
        logits = self.forward(ids, mask, positions, batch.cache, keep)
        batch.mask = mask
        return logits

    def forward(
        self, ids: torch.Tensor, mask: torch.Tensor, positions: torch.Tensor, cache: Any, keep: int
    ) -> torch.Tensor:
        """Run the model; `mask` is over all places of the cache, those of `ids` included."""
        output = self._model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=positions,
            use_cache=True,
            logits_to_keep=keep,
            **{self._cache_name: cache},
        )
        logits: torch.Tensor = output.logits[:, -keep:]
        return logits

    def _copies(self, prefix: Prefix, rows: int) -> Any:
        if prefix.tokens:
            return key_values.repeated(prefix.cache, rows)
        return key_values.empty(self._model.config)

    @property
    def _device(self) -> torch.device:
        device: torch.device = self._model.device
        return device
