"""BERT's layers in few calls, each of which costs by itself what counts for a short text alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import nn
from torch.nn.functional import layer_norm, scaled_dot_product_attention

from nerharness.products import product

Step: TypeAlias = Callable[[torch.Tensor], torch.Tensor]
"""Gives rows from rows, the last dimension of both being the vectors."""
Forward: TypeAlias = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""Gives `(texts, tokens, dimensions)` from token numbers and the mask that is 0 for padding."""


def forward(model: Any) -> Forward:
    """Return what computes the last layer of a model of transformers.

    The layers of a BERT are computed here; any other model is called as it is.
    """
    layers = getattr(getattr(model, "encoder", None), "layer", None)
    if not (layers and _is_plain(model.config)):
        return lambda tokens, mask: model(input_ids=tokens, attention_mask=mask).last_hidden_state
    with torch.inference_mode():
        made = [_Layer.of(layer) for layer in layers]
    heads = model.config.num_attention_heads

    def encode(tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        seen = None if bool(mask.all()) else mask.bool()[:, None, None]
        hidden: torch.Tensor = model.embeddings(tokens)
        for layer in made:
            hidden = layer(hidden, seen, heads)
        return hidden

    return encode


@dataclass(frozen=True, slots=True)
class _Layer:
    """A layer as Devlin et al. (2019) describe it; queries, keys and values are one product."""

    attended: Step
    out: Step
    first_norm: Step
    widen: Step
    narrow: Step
    second_norm: Step

    @classmethod
    def of(cls, layer: Any) -> _Layer:
        """Take the weights of a layer of transformers."""
        attention = layer.attention
        parts = [getattr(attention.self, part) for part in ("query", "key", "value")]
        weight, bias = (torch.cat([getattr(p, kind) for p in parts]) for kind in ("weight", "bias"))
        return cls(
            attended=product(weight, bias),
            out=product(attention.output.dense.weight, attention.output.dense.bias),
            first_norm=_norm(attention.output.LayerNorm),
            widen=product(layer.intermediate.dense.weight, layer.intermediate.dense.bias),
            narrow=product(layer.output.dense.weight, layer.output.dense.bias),
            second_norm=_norm(layer.output.LayerNorm),
        )

    def __call__(self, hidden: torch.Tensor, seen: torch.Tensor | None, heads: int) -> torch.Tensor:
        texts, tokens, width = hidden.shape
        split = self.attended(hidden).view(texts, tokens, 3, heads, width // heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        found = scaled_dot_product_attention(query, key, value, attn_mask=seen)
        hidden = self.first_norm(self.out(found.transpose(1, 2).reshape(hidden.shape)).add_(hidden))
        wide = nn.functional.gelu(self.widen(hidden))
        return self.second_norm(self.narrow(wide).add_(hidden))


def _is_plain(config: Any) -> bool:
    """Tell whether the layers here are what this BERT has."""
    return bool(
        config.model_type == "bert"
        and config.hidden_act == "gelu"
        and not config.is_decoder
        and not config.add_cross_attention
    )


def _norm(norm: nn.LayerNorm) -> Step:
    shape, weight, bias, eps = norm.normalized_shape, norm.weight, norm.bias, norm.eps
    return lambda rows: layer_norm(rows, shape, weight, bias, eps)
