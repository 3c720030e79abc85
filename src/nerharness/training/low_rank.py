"""Linear layers with adapters, in as few passes over memory as their products need.

An adapter adds `scale * B A x` to `W x` (Hu and others 2021, arXiv:2106.09685). Step by step, as
peft computes it, each layer writes and reads its whole output several times to scale and to add;
here the products add to one another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch.autograd.function import once_differentiable
from torch.nn.functional import dropout as drop
from torch.nn.functional import linear


@contextmanager
def adding(model: Any) -> Iterator[None]:
    """Have the model's adapters on a processor compute so while they train.

    Those of a device with kernels of its own, and of layers that are no plain matrix, stay as they
    are.
    """
    if not hasattr(model, "peft_config"):
        yield
        return
    from peft.tuners.lora import Linear

    layers = [
        layer
        for layer in model.modules()
        if isinstance(layer, Linear) and _is_plain(layer) and layer.weight.device.type == "cpu"
    ]
    for layer in layers:
        layer.forward = partial(_forward, layer, layer.forward)
    try:
        yield
    finally:
        for layer in layers:
            del layer.forward


def _is_plain(layer: Any) -> bool:
    only = layer.active_adapters
    return (
        type(layer.get_base_layer()) is torch.nn.Linear
        and layer.weight.dtype is not torch.float16  # for which peft computes in float32
        and len(only) == 1
        and only[0] in layer.lora_A
        and not layer.lora_variant
        and not layer.fan_in_fan_out
        and layer.lora_A[only[0]].bias is None
        and layer.lora_B[only[0]].bias is None
    )


def _forward(layer: Any, before: Callable[..., Any], states: torch.Tensor, *more: Any) -> Any:
    if more or layer.merged or layer.disable_adapters or not torch.is_grad_enabled():
        return before(states, *more)
    (name,) = layer.active_adapters
    base, dropout = layer.get_base_layer(), layer.lora_dropout[name]
    share = dropout.p if isinstance(dropout, torch.nn.Dropout) and layer.training else 0.0
    return _Adapted.apply(
        states,
        base.weight,
        base.bias,
        layer.lora_A[name].weight,
        layer.lora_B[name].weight,
        layer.scaling[name],
        share,
    )


class _Adapted(torch.autograd.Function):
    """`W x + b + scale * B A drop(x)`; gradients of `x`, `A` and `B` alone."""

    @staticmethod
    def forward(
        context: Any,
        states: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor | None,
        down: torch.Tensor,
        up: torch.Tensor,
        scale: float,
        share: float,
    ) -> torch.Tensor:
        """Return shape `(…, out)` for states of shape `(…, in)`."""
        with torch.autocast("cpu", enabled=False):
            rows = states.flatten(0, -2).to(weight.dtype)
            kept = drop(torch.ones_like(rows), share) if share else None
            low = linear(rows if kept is None else rows * kept, down.to(weight.dtype))
            found = linear(rows, weight, bias)
            found.addmm_(low, up.t().to(weight.dtype), alpha=scale)
        context.save_for_backward(rows, kept, low, weight, down, up)
        context.scale, context.shape, context.dtype = scale, states.shape, states.dtype
        return found.view(*states.shape[:-1], -1)

    @staticmethod
    @once_differentiable
    def backward(context: Any, found: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        """Return the gradients of what `forward` was given."""
        rows, kept, low, weight, down, up = context.saved_tensors
        scale = context.scale
        found = found.flatten(0, -2)
        into = found @ up.to(weight.dtype) * scale
        of_states = None
        if context.needs_input_grad[0]:
            of_states = found @ weight
            if kept is None:
                of_states.addmm_(into, down.to(weight.dtype))
            else:
                of_states.addcmul_(into @ down.to(weight.dtype), kept)
            of_states = of_states.to(context.dtype).view(context.shape)
        of_down = into.t() @ (rows if kept is None else rows * kept)
        of_up = (found.t() @ low).mul_(scale)
        return of_states, None, None, of_down.to(down.dtype), of_up.to(up.dtype), None, None
