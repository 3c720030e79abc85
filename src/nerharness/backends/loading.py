"""Loading a causal language model: where to, in which number format, from which kind of file."""

from __future__ import annotations

import importlib.util
from typing import Any, Literal

import torch
import transformers
from transformers import AutoModelForCausalLM
from transformers.utils import find_adapter_config_file

from nerharness.backends.tokenizer import SAFE, Trust, address
from nerharness.errors import MissingDependencyError, UsageError
from nerharness.models import ModelSource
from nerharness.products import computes_in_bfloat16

Quantization = Literal["8bit", "4bit"]


def load_model(
    source: ModelSource,
    revision: str | None,
    dtype: torch.dtype,
    quantization: Any = None,
    *,
    device_map: str | None = None,
    trust: Trust = SAFE,
) -> Any:
    """Load a model onto the processor, or where `device_map` says; raises `nerharness.errors`.

    A GGUF file's weights are unpacked: the model is then one like any other, which can be trained
    and saved. `quantization` is a configuration of transformers for how to hold the weights.
    """
    name, extra = address(source, revision, trust)
    if quantization is None and "gguf_file" in extra:
        quantization = _unpacked()
    if quantization is not None:
        extra = {**extra, "quantization_config": quantization}
    if device_map is not None:
        extra = {**extra, "device_map": device_map}
    _check_no_adapter(source, name, revision)
    try:
        return AutoModelForCausalLM.from_pretrained(name, dtype=dtype, **extra)
    except Exception as error:  # of transformers, safetensors, gguf, or the hub's library
        raise source.unusable(error) from error


def _check_no_adapter(source: ModelSource, name: str, revision: str | None) -> None:
    """Raise `UsageError` for an adapter in place of a model, or one that lies in it.

    Where peft is installed, transformers would load it with its base model, of any revision, and
    from a pickle if need be.
    """
    if find_adapter_config_file(name, revision=revision) is not None:
        raise UsageError(
            f"model {source.name!r} is an adapter, or has one in it: adapter_config.json",
            where=source.flag,
            hint="give a whole model as --model, and to eval the adapter's folder as --adapter",
        )


def quantized(source: ModelSource, wanted: Quantization | None, dtype: torch.dtype) -> Any:
    """Return how transformers is to hold the weights (bitsandbytes); `None` for as they are."""
    if wanted is None:
        return None
    if source.path is not None and source.path.is_file():
        raise UsageError(
            "a .gguf file's weights are quantized already, and are unpacked when loaded",
            where="--quantization",
            hint="give a folder or a hub id as --model",
        )
    if importlib.util.find_spec("bitsandbytes") is None:
        raise MissingDependencyError(
            "--quantization needs bitsandbytes, not installed here",
            hint="pip install 'nerharness[qlora]'",
        )
    if wanted == "4bit":
        return four_bits(dtype)
    return transformers.BitsAndBytesConfig(load_in_8bit=True)


def _unpacked() -> Any:
    """Return what tells transformers to unpack a GGUF file; older versions always do."""
    config = getattr(transformers, "GgufConfig", None)
    return config(dequantize=True) if config else None


def four_bits(dtype: torch.dtype) -> Any:
    """Return what tells transformers to hold weights in 4 bits (bitsandbytes), as QLoRA does."""
    return transformers.BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )


def pick_device(wanted: str) -> torch.device:
    """Return the device that is called `auto`, `cpu`, `cuda` or `mps`; `UsageError` without it."""
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        wanted = next((name for name, here in available.items() if here), "cpu")
    elif not available.get(wanted, True):
        raise UsageError(
            f"torch sees no {wanted} device here", where="--device", hint="use --device auto"
        )
    return torch.device(wanted)


def pick_dtype(wanted: str, device: torch.device) -> torch.dtype:
    """Return the number format of that name; `auto` is bfloat16 where the device computes in it."""
    if wanted == "auto":
        wanted = "bfloat16" if device.type != "cpu" or computes_in_bfloat16() else "float32"
    dtype = getattr(torch, wanted)
    assert isinstance(dtype, torch.dtype)
    return dtype
