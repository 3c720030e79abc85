"""Adapters (peft): what fine-tuning adds to a model's weights."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nerharness.errors import UsageError
from nerharness.models import ModelSource, digest

_FLAG = "--adapter"


def check_adapter(
    folder: Path, base: ModelSource, commit: str | None = None, *, pickles: bool = False
) -> None:
    """Raise `UsageError` for a folder without an adapter, or with one for another model.

    `commit` is that of a hub's model. An adapter that is a pickle, which can hold any code, is one
    only where `pickles` is true.
    """
    if not (folder / "adapter_config.json").is_file():
        what = "holds no adapter: no adapter_config.json in it"
        raise UsageError(
            f"{folder} {what if folder.is_dir() else 'is no folder'}",
            where=_FLAG,
            hint="give the folder that nerharness train --method lora wrote",
        )
    _check_weights(folder, pickles=pickles)
    trained_on = _base(folder)
    if not trained_on or _is_base(base, commit, trained_on):
        return
    known = _named(str(trained_on.get("name")), trained_on.get("revision"))
    raise UsageError(
        f"{folder} was trained on {known}, which is not {_named(base.name, commit)}",
        where=_FLAG,
        hint="give that one as --model, and its commit as --revision",
    )


def _is_base(base: ModelSource, commit: str | None, trained_on: Mapping[str, Any]) -> bool:
    """Tell whether a model is the one of a training: by its digest, or its name at a hub."""
    sha256, name = trained_on.get("sha256"), str(trained_on.get("name"))
    if base.path is not None:
        return bool(sha256 == digest(base.path))
    if sha256 is not None or name.casefold() != base.name.casefold():
        return False
    return trained_on.get("revision") in (None, commit)


def _named(name: str, commit: str | None) -> str:
    return f"{name!r}" if commit is None else f"{name!r} of commit {commit}"


def _check_weights(folder: Path, *, pickles: bool) -> None:
    if (folder / "adapter_model.safetensors").is_file():
        return
    if not (folder / "adapter_model.bin").is_file():
        raise UsageError(
            f"{folder} holds no weights of an adapter: no adapter_model.safetensors in it",
            where=_FLAG,
        )
    if not pickles:
        raise UsageError(
            f"{folder} holds its weights as a pickle, which can run any code: adapter_model.bin",
            where=_FLAG,
            hint="save it anew with peft, as safetensors; or give --pickled-weights to eval "
            "if you trust its author",
        )


def _base(folder: Path) -> dict[str, Any]:
    """Return what the adapter's folder says of its base model; nothing if we did not write it."""
    try:
        text = (folder / "training.json").read_text(encoding="utf-8")
        return dict(json.loads(text)["base"])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"unreadable: {error!r}", where=str(folder / "training.json")) from None


def adapted(model: Any, folder: Path) -> Any:
    """Return the model with the adapter merged into its weights, beside them if quantized."""
    try:
        from peft import PeftModel
    except ImportError:
        raise UsageError(
            "adapters need peft", where=_FLAG, hint="pip install 'nerharness[train]'"
        ) from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # names that transformers gave up
        warnings.simplefilter("error", UserWarning)  # peft only warns of weights it did not find
        try:
            whole = PeftModel.from_pretrained(model, str(folder))
            quantized = getattr(model, "is_quantized", False)
            return whole.get_base_model() if quantized else whole.merge_and_unload()
        except Exception as error:  # of peft, torch, safetensors
            reason = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
            raise UsageError(
                f"{folder} does not fit the model: {reason}",
                where=_FLAG,
                hint="give the model that it was trained on as --model",
            ) from error


@contextmanager
def merged(model: Any) -> Iterator[Any]:
    """Lend the model with its adapters merged into its weights; a model without any as it is.

    The weights are kept on the processor meanwhile, and are the very same ones afterwards:
    subtracting what was added would round.
    """
    if not hasattr(model, "merge_adapter") or getattr(model, "is_quantized", False):
        yield model
        return
    from peft.tuners.tuners_utils import BaseTunerLayer

    layers = [layer for layer in model.modules() if isinstance(layer, BaseTunerLayer)]
    kept = [layer.get_base_layer().weight.data.to("cpu", copy=True) for layer in layers]
    model.merge_adapter()
    try:
        yield model.get_base_model()
    finally:
        for layer, weight in zip(layers, kept, strict=True):
            layer.merged_adapters.clear()
            layer.get_base_layer().weight.data.copy_(weight)
