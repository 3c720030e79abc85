"""What `run.json` says of a run: enough to make it again, and to know it again."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from nerharness.runs.corpus import digest
from nerharness.runs.inputs import Inputs
from nerharness.runs.spec import PATHS, Options
from nerharness.types import LabelSet

_RECORDED_PACKAGES = (
    "nerharness",
    "torch",
    "transformers",
    "tokenizers",
    "peft",
    "trl",
    "accelerate",
    "datasets",
    "bitsandbytes",
    "gguf",
    "llguidance",
    "openai",
    "genai-prices",
    "faiss-cpu",
    "bm25s",
    "numpy",
)


def describe(inputs: Inputs) -> dict[str, Any]:
    """Return the part that is known before any plugin is made."""
    spec, corpus, selection = inputs.spec, inputs.corpus, inputs.selection
    plugins = {
        kind: {"name": name, "package": package, **_parted(inputs.options[kind], inputs.conduct)}
        for (kind, name), package in zip(spec.chosen.items(), inputs.packages, strict=True)
    }
    return {
        "spec": {
            "plugins": plugins,
            "corpus": spec.corpus,
            "split": selection.split,
            "limit": spec.limit,
            "unit": spec.unit,
            "decode": spec.decode,
            "read_as": spec.read_as,
            "confidence": spec.confidence,
            "continuations": spec.continuations,
            "reasoning_tokens": spec.reasoning_tokens,
            "threshold": spec.threshold,
            "seed": spec.seed,
            "knowledge": spec.knowledge,
            "hints": spec.hints,
            "tokens": spec.tokens,
            "protected": spec.protected,
            **{key: _path(getattr(spec, key)) for key in PATHS},
        },
        "corpus": {
            "name": corpus.name,
            "documents": len(selection.examples),
            "sha256": digest(selection.examples),
            "train_sha256": digest(inputs.train),
        },
        "labels": _labels(corpus.labels),
        "versions": versions(inputs.packages),
        "git": _git_state(),
        "platform": platform.platform(),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _parted(options: Options, conduct: Collection[str]) -> dict[str, Options]:
    """Return the options that decide about results, and those that do not, if there are any."""
    own = {name: value for name, value in options.items() if name in conduct}
    rest = {name: value for name, value in options.items() if name not in conduct}
    return {"options": rest, **({"conduct": own} if own else {})}


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _labels(labels: LabelSet) -> list[dict[str, str]]:
    return [{"name": label.name, "definition": label.definition} for label in labels]


def versions(packages: Iterable[str] = ()) -> dict[str, str]:
    """Return the versions of Python, of some packages, and of those that decide results."""
    found = {"python": platform.python_version()}
    for package in dict.fromkeys((*packages, *_RECORDED_PACKAGES)):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _git_state() -> dict[str, Any] | None:
    """Return commit and cleanliness of the repository the run is started in, if it is in one."""
    try:
        commit = _git("rev-parse", "HEAD")
        return {"commit": commit, "dirty": bool(_git("status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return None


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=True, timeout=10)
    return done.stdout.strip()


def sha256(text: str) -> str:
    """Return the digest of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
