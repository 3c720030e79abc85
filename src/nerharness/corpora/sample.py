"""The `sample` corpus, which ships with the package."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from nerharness.corpora.jsonl import JsonlReader
from nerharness.errors import UsageError
from nerharness.types import Corpus, LabelSet


class Sample:
    """Reads the built-in passages; takes no path."""

    def detect(self, path: Path, /) -> bool:
        """Never: the sample is chosen by name."""
        return False

    def read(self, path: Path | None, labels: LabelSet | None, /) -> Corpus:
        """Read the built-in corpus."""
        if path is not None:
            raise UsageError("'sample' takes no path", where="--corpus")
        with as_file(files("nerharness") / "data" / "sample") as folder:
            return JsonlReader().read(folder, labels)
