"""Products with weights that are laid out for the processor once.

Before it multiplies in bfloat16, torch lays weights out anew in every call. For few rows, as of
answers that are written token by token, that takes as long as the product. In float32 nothing
is gained, and weights stay as they are.
"""

from __future__ import annotations

import warnings
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


def computes_in_bfloat16() -> bool:
    """Tell whether the processor multiplies in bfloat16 by itself: 2 to 3 times as fast there."""
    capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16"))


def product(weight: torch.Tensor, bias: torch.Tensor | None) -> Product:
    """Return the product with the weights of a linear layer, laid out if that can be here."""
    return laid_out(weight, bias) or partial(linear, weight=weight, bias=bias)


def laid_out(weight: torch.Tensor, bias: torch.Tensor | None) -> Product | None:
    """Return the product with weights that are laid out, `None` if nothing is gained by that.

    The two functions for it are those that torch's own compiler uses. They have no public name, so
    they are tried first: `None` where they are missing, or work in another way.
    """
    if not _gains(weight):
        return None
    weight, bias = weight.detach(), None if bias is None else bias.detach()
    try:
        found = _laid_out(weight, bias)
        found(weight[:1])
    except (AttributeError, RuntimeError, TypeError):
        return None
    return found


def lay_out(model: Any) -> None:
    """Have a model of transformers multiply with weights that are laid out.

    It holds no others in their place, but for a head that shares the weights of what it embeds
    tokens with, of which there are two then. It cannot be trained or saved. A model that does
    not work so, because it takes a layer's weights into its own hands, stays as it is: a
    warning says why.
    """
    given = [
        (parent, name, layer)
        for parent in model.modules()
        for name, layer in parent.named_children()
        if _is_plain(layer) and _gains(layer.weight)
    ]
    if not given:
        return
    for parent, name, layer in given:
        usual = partial(linear, weight=layer.weight, bias=layer.bias)
        setattr(parent, name, _LaidOut(layer, usual))
    try:
        with torch.inference_mode():
            model(input_ids=torch.zeros((1, 1), dtype=torch.long, device=model.device))
    except Exception as error:  # of whatever the model does
        for parent, name, layer in given:
            setattr(parent, name, layer)
        warnings.warn(f"{type(model).__name__}: weights are not laid out: {error}", stacklevel=2)
        return
    while given:  # each layer goes as it is replaced, so that few weights are there twice
        parent, name, layer = given.pop()
        found = laid_out(layer.weight, layer.bias)
        setattr(parent, name, layer if found is None else _LaidOut(layer, found))


class _LaidOut(nn.Module):
    """A linear layer of which only the product is left."""

    def __init__(self, layer: nn.Linear, found: Product) -> None:
        super().__init__()
        self.in_features, self.out_features = layer.in_features, layer.out_features
        self._product = found

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return self._product(rows)


def _gains(weight: torch.Tensor) -> bool:
    """Tell whether weights are such that laying them out pays."""
    return weight.dtype == torch.bfloat16 and weight.device.type == "cpu"


def _is_plain(layer: nn.Module) -> bool:
    """Tell whether a layer is linear and nothing else: others use weights in their own way."""
    return (
        type(layer) is nn.Linear
        and layer._parameters.get("weight") is not None  # noqa: SLF001 - compressed ones have none
        and "forward" not in vars(layer)
        and not layer._forward_hooks  # noqa: SLF001
        and not layer._forward_pre_hooks  # noqa: SLF001
    )


def _laid_out(weight: torch.Tensor, bias: torch.Tensor | None) -> Product:
    packed = torch.ops.mkldnn._reorder_linear_weight(weight, _ROWS)  # noqa: SLF001 - see above
    multiply = torch.ops.mkldnn._linear_pointwise.default  # noqa: SLF001

    def found(rows: torch.Tensor) -> torch.Tensor:
        answer: torch.Tensor = multiply(rows, packed, bias, "none", [], "")
        return answer

    return found
