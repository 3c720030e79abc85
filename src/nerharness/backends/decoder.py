"""Decoding in batches: shared prefixes are read once, finished rows leave the batch."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

from nerharness.backends.answer import Answer, Request, Tokens
from nerharness.backends.batching import batches, common_prefix
from nerharness.backends.chooser import Chooser
from nerharness.backends.masks import Masks

_SHORTEST_PREFIX = 16
"""Sharing fewer tokens than this costs more than reading them again."""


@dataclass(slots=True)
class _State:
    """A batch between two steps: `mask` over all tokens in the cache, `position` of the last."""

    cache: Any
    mask: torch.Tensor
    position: torch.Tensor
    logits: torch.Tensor

    def select(self, places: Sequence[int]) -> None:
        """Keep only these rows."""
        kept = torch.tensor(places, device=self.mask.device)
        self.cache.batch_select_indices(kept)
        self.mask, self.position = self.mask[kept], self.position[kept]
        self.logits = self.logits[kept]


class Decoder:
    """Continues prompts token by token, each until an end token, its grammar's end or its limit.

    `masks` is only needed for requests with a matcher. Once `drain` was called, no batch is begun.
    """

    def __init__(
        self, model: Any, ends: frozenset[int], *, batch_size: int, masks: Masks | None = None
    ) -> None:
        self._draining = False
        self._model = model
        self._ends = ends
        self._batch_size = batch_size
        self._chooser = Chooser(masks)
        # Models took the cache as `past_key_values` before transformers called it `cache`.
        known = inspect.signature(model.forward).parameters
        self._cache_name = "cache" if "cache" in known else "past_key_values"

    def drain(self) -> None:
        """Let `complete` end with the batch that is under way."""
        self._draining = True

    @torch.inference_mode()
    def complete(self, requests: Sequence[Request]) -> Iterator[Answer]:
        """Yield an answer per request as it is done, batch by batch (see `batching`)."""
        prompts = [request.tokens for request in requests]
        shared, prefix = self._read_shared(prompts, 0, None)
        for indices in batches(prompts, shared, self._batch_size):
            if self._draining:
                return
            rows = [Answer.begin(index, requests[index]) for index in indices]
            own, begun = self._read_shared([prompts[index] for index in indices], shared, prefix)
            self._chooser.foresee(rows, set(rows))
            state = self._read([prompts[index][own:] for index in indices], begun)
            yield from self._write(rows, state)

    def _read_shared(self, prompts: Sequence[Tokens], before: int, prefix: Any) -> tuple[int, Any]:
        """Return how many tokens all prompts begin with, and the cache of those.

        `before` and `prefix` are what is known of that; they are returned when more is not worth
        it, or when the model's attention sees only a window: padding between prefix and rest would
        take up part of that.
        """
        shared = common_prefix(prompts) if len(prompts) > 1 else 0
        if shared - before >= _SHORTEST_PREFIX:
            cache = self._read([prompts[0][before:shared]], prefix).cache
            if all(type(layer) is DynamicLayer for layer in cache.layers):
                return shared, cache
        return before, prefix

    def _read(self, prompts: Sequence[Tokens], prefix: Any) -> _State:
        """Run the prompts, padded on the left, after the prefix that the cache holds."""
        device = self._model.device
        width = max(map(len, prompts))
        ids = torch.tensor([[0] * (width - len(p)) + p for p in prompts], device=device)
        mask = torch.tensor([[0] * (width - len(p)) + [1] * len(p) for p in prompts], device=device)
        cache = copy.deepcopy(prefix) if prefix else DynamicCache(config=self._model.config)
        if prefix:
            cache.batch_repeat_interleave(len(prompts))
            before = mask.new_ones((len(prompts), prefix.get_seq_length()))
            mask = torch.cat([before, mask], dim=1)
        positions = (mask.cumsum(1) - 1).clamp(min=0)[:, -width:]
        logits = self._forward(ids, mask, positions, cache)
        return _State(cache, mask, positions[:, -1:], logits)

    def _write(self, rows: list[Answer], state: _State) -> Iterator[Answer]:
        active = rows
        while active:
            # A row that is done stays until leaving pays; it goes on with any token.
            tokens = self._chooser.choose(rows, set(active), state.logits)
            done = [row for row in active if self._is_done(row)]
            yield from done
            active = [row for row in active if row not in done]
            if not active:
                return
            # Leaving copies the whole cache, so it must pay: a quarter of the rows, or more.
            if len(active) * 4 <= len(rows) * 3:
                places = [place for place, row in enumerate(rows) if row in active]
                state.select(places)
                rows, tokens = active, tokens[places]
            self._chooser.foresee(rows, set(active))
            self._step(tokens, state)

    def _is_done(self, row: Answer) -> bool:
        matcher = row.request.matcher
        row.complete = row.tokens[-1] in self._ends or (
            matcher is not None and matcher.is_stopped()
        )
        return row.complete or len(row.tokens) >= row.request.limit

    def _step(self, tokens: torch.Tensor, state: _State) -> None:
        state.mask = torch.cat([state.mask, state.mask.new_ones((len(tokens), 1))], dim=1)
        state.position = state.position + 1
        state.logits = self._forward(tokens[:, None], state.mask, state.position, state.cache)

    def _forward(
        self, ids: torch.Tensor, mask: torch.Tensor, positions: torch.Tensor, cache: Any
    ) -> torch.Tensor:
        """Return the logits after the last token, shape `(rows, vocabulary)`."""
        output = self._model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=positions,
            use_cache=True,
            logits_to_keep=1,
            **{self._cache_name: cache},
        )
        logits: torch.Tensor = output.logits[:, -1]
        return logits
