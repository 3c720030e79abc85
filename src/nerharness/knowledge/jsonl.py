"""Reader `jsonl`: one concept per line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nerharness.errors import CorpusError
from nerharness.knowledge.files import has_suffix, need_path, numbered_lines
from nerharness.types import Knowledge, Passage


class JsonlReader:
    """JSON objects with `name`, `definition`, and maybe `synonyms`, `id` and `parents` (names)."""

    def detect(self, path: Path, /) -> bool:
        """Tell by the suffix."""
        return has_suffix(path, ".jsonl", ".ndjson")

    def read(self, path: Path | None, /) -> Knowledge:
        """Read the file; `CorpusError` with file and line for what is no concept."""
        path = need_path(path, "jsonl")
        passages: list[Passage] = []
        for number, line in numbered_lines(path):
            if not line.strip():
                continue
            try:
                passages.append(_passage(json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                what = f"no knowledge entry: {error!r}"
                raise CorpusError.at(path, number, what, hint='"name", "definition"') from None
        if not passages:
            raise CorpusError(f"{path} holds no entry", where="--knowledge")
        return Knowledge(tuple(passages))


def _passage(entry: Any) -> Passage:
    synonyms, parents = (tuple(map(str, entry.get(key, ()))) for key in ("synonyms", "parents"))
    name, definition = str(entry["name"]), str(entry["definition"])
    return Passage(name, definition, synonyms, str(entry.get("id", "")), parents)
