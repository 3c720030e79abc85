"""Background knowledge to retrieve passages from: the built-in glossary, or a file like it."""

from __future__ import annotations

import json
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from nerharness.errors import CorpusError
from nerharness.types import Passage


def read_knowledge(path: Path | None = None) -> tuple[Passage, ...]:
    """Read JSON lines with `name`, `definition` and maybe `synonyms`; `None`: the glossary.

    Raises `CorpusError` for a file that is missing or malformed.
    """
    if path is not None and not path.is_file():
        raise CorpusError(f"no file {str(path)!r}", where="--knowledge", hint="give a JSONL file")
    source: Traversable = path or files("nerharness") / "data" / "glossary" / "glossary.jsonl"
    passages: list[Passage] = []
    for number, line in enumerate(source.read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line.decode("utf-8-sig"))
            synonyms = tuple(map(str, entry.get("synonyms", ())))
            passages.append(Passage(str(entry["name"]), str(entry["definition"]), synonyms))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise CorpusError.at(
                Path(str(source)),
                number,
                f"no knowledge entry: {error!r}",
                hint='"name", "definition"',
            ) from None
    if not passages:
        raise CorpusError(f"{source} holds no entry", where="--knowledge")
    return tuple(passages)
