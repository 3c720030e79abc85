"""The built-in glossary."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from nerharness.errors import UsageError
from nerharness.knowledge.jsonl import JsonlReader
from nerharness.types import Knowledge


class Glossary:
    """Rare diseases, their signs and symptoms, each with a definition."""

    def detect(self, path: Path, /) -> bool:
        """Never: it is asked for by name."""
        return False

    def read(self, path: Path | None, /) -> Knowledge:
        """Read it; there is no path to be given."""
        if path is not None:
            raise UsageError("the glossary is built in and takes no path", where="--knowledge")
        with as_file(files("nerharness") / "data" / "glossary" / "glossary.jsonl") as file:
            return JsonlReader().read(file)
