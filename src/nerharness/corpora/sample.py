"""The `sample` corpus, which ships with the package."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from nerharness.corpora.jsonl import JsonlReader
from nerharness.errors import UsageError
from nerharness.findings import Findings
from nerharness.types import LabelSet, Source


class Sample:
    """Reads the built-in passages; takes no path."""

    def detect(self, path: Path, /) -> bool:
        """Never: the sample is chosen by name."""
        return False

    def open(self, path: Path | None, labels: LabelSet | None, findings: Findings, /) -> Source:
        """Open the built-in corpus."""
        if path is not None:
            raise UsageError("'sample' takes no path", where="--corpus")
        folder = Path(str(files("nerharness"))) / "data" / "sample"
        return JsonlReader().open(folder, labels, findings)
