"""An adapter and its base model as one model."""

from __future__ import annotations

import shutil
from pathlib import Path

from nerharness.errors import RunError
from nerharness.models import hub_commit, locate
from nerharness.runs.learned import FILE, MERGED, read_description


def merge(adapter: Path, model: str | None, out: Path) -> None:
    """Write the merged model to `out`, in float32.

    Without `model` the base is what the adapter says it was trained on. Raises the errors of
    `nerharness.errors`.
    """
    import torch

    from nerharness.backends.adapter import adapted, check_adapter
    from nerharness.backends.gguf_once import read_once
    from nerharness.backends.loading import load_model
    from nerharness.backends.tokenizer import load_tokenizer
    from nerharness.training.checkpoints import saving

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise RunError("not an empty folder", where=str(out), hint="choose another --out")
    base = {"name": model} if model else read_description(adapter / FILE)["base"]
    source = locate(str(base["name"]))
    commit = hub_commit(source, base.get("revision"))
    check_adapter(adapter, source, commit)
    with read_once():
        tokenizer = load_tokenizer(source, commit)
        whole = load_model(source, commit, torch.float32)
    whole = adapted(whole, adapter)
    with saving(out):
        out.mkdir(parents=True, exist_ok=True)
        whole.save_pretrained(str(out))
        tokenizer.save_pretrained(str(out))
        if (adapter / FILE).is_file():
            shutil.copy(adapter / FILE, out / MERGED)
