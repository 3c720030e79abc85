"""Products with weights that are laid out for the processor once.

Before it multiplies in bfloat16, torch lays weights out anew in every call. For few rows, as of
answers that are written token by token, that takes as long as the product. In float32 nothing
is gained, and weights stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import torch
from torch import nn
from torch.nn.functional import linear

Product: TypeAlias = Callable[[torch.Tensor], torch.Tensor]
"""Gives rows from rows, the last dimension of both being the vectors."""
_ROWS = 32
"""What the layout is for; torch takes it for a hint."""


def product(weight: torch.Tensor, bias: torch.Tensor | None) -> Product:
    """Return the product with the weights of a linear layer, laid out if that can be here."""
    weight = weight.detach()
    bias = None if bias is None else bias.detach()
    return laid_out(weight, bias) or partial(linear, weight=weight, bias=bias)


def laid_out(weight: torch.Tensor, bias: torch.Tensor | None) -> Product | None:
    """Return the product with weights that are laid out, `None` if nothing is gained by that.

    The two functions for it are those that torch's own compiler uses. They have no public name, so
    they are tried first: `None` where they are missing, or work in another way.
    """
    if weight.dtype != torch.bfloat16 or weight.device.type != "cpu":
        return None
    try:
        found = _laid_out(weight, bias)
        found(weight[:1])
    except (AttributeError, RuntimeError, TypeError):
        return None
    return found


def lay_out(model: Any) -> None:
    """Have a model of transformers multiply with weights that are laid out, and hold no others.

    It cannot be trained or saved then. A model that does not work so, because it takes a layer's
    weights into its own hands, stays as it is.
    """
    given = [
        (parent, name, layer)
        for parent in model.modules()
        for name, layer in parent.named_children()
        if type(layer) is nn.Linear  # others hold their weights in their own way
    ]
    for parent, name, layer in given:
        if (found := laid_out(layer.weight.detach(), layer.bias)) is not None:
            setattr(parent, name, _LaidOut(layer, found))
    try:
        with torch.inference_mode():
            model(input_ids=torch.zeros((1, 1), dtype=torch.long, device=model.device))
    except (AttributeError, NotImplementedError, RuntimeError, TypeError):
        for parent, name, layer in given:
            setattr(parent, name, layer)


class _LaidOut(nn.Module):
    """A linear layer of which only the product is left."""

    def __init__(self, layer: nn.Linear, found: Product) -> None:
        super().__init__()
        self.in_features, self.out_features = layer.in_features, layer.out_features
        self._product = found

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return self._product(rows)


def _laid_out(weight: torch.Tensor, bias: torch.Tensor | None) -> Product:
    packed = torch.ops.mkldnn._reorder_linear_weight(weight, _ROWS)  # noqa: SLF001 - see above
    multiply = torch.ops.mkldnn._linear_pointwise.default  # noqa: SLF001

    def found(rows: torch.Tensor) -> torch.Tensor:
        answer: torch.Tensor = multiply(rows, packed, bias, "none", [], "")
        return answer

    return found
