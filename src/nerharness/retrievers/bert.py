"""BERT's layers as torch's own encoder, each of which is one call into its library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import torch
from torch import nn

Forward: TypeAlias = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""Gives `(texts, tokens, dimensions)` from token numbers and the mask that is 0 for padding."""


def forward(model: Any) -> Forward:
    """Return what computes the last layer of a model of transformers.

    A BERT is computed by `torch.nn.TransformerEncoder`, which has the same layers: less is done
    between the multiplications, which counts for a short text alone. Any other model is
    called as it is.
    """
    layers = getattr(getattr(model, "encoder", None), "layer", None)
    if not (layers and _is_plain(model.config)):
        return lambda tokens, mask: model(input_ids=tokens, attention_mask=mask).last_hidden_state
    encoder = _encoder(model.config, layers)

    def encode(tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        padding = None if bool(mask.all()) else mask == 0
        found: torch.Tensor = encoder(model.embeddings(tokens), src_key_padding_mask=padding)
        return found

    return encode


def _is_plain(config: Any) -> bool:
    """Tell whether torch's encoder computes what this BERT does."""
    return bool(
        config.model_type == "bert"
        and config.hidden_act == "gelu"
        and config.num_attention_heads % 2 == 0  # else torch goes the slow way
        and not config.is_decoder
        and not config.add_cross_attention
    )


def _encoder(config: Any, layers: Any) -> nn.TransformerEncoder:
    with torch.inference_mode(False), torch.no_grad():
        shape = nn.TransformerEncoderLayer(
            config.hidden_size,
            config.num_attention_heads,
            config.intermediate_size,
            dropout=0.0,
            activation="gelu",
            layer_norm_eps=config.layer_norm_eps,
            batch_first=True,
            device="meta",
        )
        encoder = nn.TransformerEncoder(shape, len(layers), enable_nested_tensor=False)
        for theirs, ours in zip(layers, encoder.layers, strict=True):
            ours.load_state_dict(_weights(theirs.state_dict()), assign=True)
    return encoder.eval()


def _weights(layer: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the weights of a layer under torch's names; those it multiplies at once as one."""
    renamed = {
        "self_attn.out_proj": "attention.output.dense",
        "norm1": "attention.output.LayerNorm",
        "linear1": "intermediate.dense",
        "linear2": "output.dense",
        "norm2": "output.LayerNorm",
    }
    found: dict[str, torch.Tensor] = {}
    for kind in ("weight", "bias"):
        parts = [layer[f"attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
        found[f"self_attn.in_proj_{kind}"] = torch.cat(parts)
        for ours, theirs in renamed.items():
            found[f"{ours}.{kind}"] = layer[f"{theirs}.{kind}"].clone()  # no tensor of inference
    return found
