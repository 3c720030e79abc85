"""The keys and values that a model keeps of what it has read, for the rows of a batch.

A row's tokens take places from left to right; places that hold nothing of a row are hidden from it
by the batch's mask, so that rows can stand side by side whatever they hold.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from transformers import DynamicCache
from transformers.cache_utils import DynamicLayer

_GROWTH = 8
"""A layer without room for more grows by one in so many of its places."""
_LEAST_GROWTH = 32


class RoomyLayer(DynamicLayer):  # type: ignore[misc]  # transformers has no types
    """Keeps every token, with room for more behind them.

    Its keys and values are the first places of wider tensors, which the strides say, so that what
    is read next is written there; transformers' own layer copies all it has for each token.
    No two layers may share a tensor.
    """

    keys: torch.Tensor
    values: torch.Tensor

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Append what was read; return all that is kept."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        self.keys = _behind(self.keys, key_states)
        self.values = _behind(self.values, value_states)
        return self.keys, self.values


def empty(config: Any) -> Any:
    """Return a cache for a model of that configuration which has read nothing."""
    cache = DynamicCache(config=config)
    cache.layers = [
        RoomyLayer() if type(layer) is DynamicLayer else layer for layer in cache.layers
    ]
    return cache


def is_plain(cache: Any) -> bool:
    """Tell whether every layer keeps every token.

    Others see a window of places, of which those without a token would take up a part: rows of such
    a cache can neither be joined nor have gaps.
    """
    return all(type(layer) is RoomyLayer for layer in cache.layers)


def can_select(cache: Any) -> bool:
    """Tell whether rows can leave."""
    return all(hasattr(layer, "batch_select_indices") for layer in cache.layers)


def repeated(cache: Any, rows: int) -> Any:
    """Return a copy of a cache of one row, with that many."""
    copied = copy.copy(cache)
    copied.layers = [copy.copy(layer) for layer in cache.layers]
    for layer in copied.layers:
        layer.batch_repeat_interleave(rows)
    return copied


def cut(cache: Any, places: int) -> None:
    """Keep only the first places."""
    for layer in cache.layers:
        layer.keys, layer.values = layer.keys[:, :, :places], layer.values[:, :, :places]


def select(cache: Any, rows: torch.Tensor) -> None:
    """Keep only these rows, in this order."""
    for layer in cache.layers:
        if getattr(layer, "keys", None) is not None:  # some have those of another layer
            layer.batch_select_indices(rows.to(layer.keys.device))


def pack(cache: Any, places: torch.Tensor) -> None:
    """Keep for each row only these places, shape `(rows, places)`, in this order."""
    for layer in cache.layers:
        index = places.to(layer.keys.device)[:, None, :, None]
        layer.keys = layer.keys.take_along_dim(index, dim=2)
        layer.values = layer.values.take_along_dim(index, dim=2)


def join(cache: Any, other: Any) -> None:
    """Put the rows of `other` below those of `cache`, the shorter one filled up on the left."""
    for layer, added in zip(cache.layers, other.layers, strict=True):
        layer.keys = _below(layer.keys, added.keys)
        layer.values = _below(layer.values, added.values)


def _behind(kept: torch.Tensor, added: torch.Tensor) -> torch.Tensor:
    """Return both, one behind the other: in the room of what is kept, if it is enough."""
    rows, heads, more, width = added.shape
    places = kept.shape[2] if kept.numel() else 0
    most = places + more
    by_row, by_head, *by_place = kept.stride() if places else (0, 0)
    if by_row < heads * by_head or by_head < most * width or by_place != [width, 1]:
        room = most + max(_LEAST_GROWTH, most // _GROWTH)
        wider = added.new_empty((rows, heads, room, width))
        if places:
            wider[:, :, :places] = kept
        kept = wider
    grown = kept.as_strided((rows, heads, most, width), kept.stride())
    grown[:, :, places:] = added
    return grown


def _below(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    width = max(one.shape[2], other.shape[2])
    joined = one.new_zeros((len(one) + len(other), one.shape[1], width, one.shape[3]))
    joined[: len(one), :, width - one.shape[2] :] = one
    joined[len(one) :, :, width - other.shape[2] :] = other
    return joined
