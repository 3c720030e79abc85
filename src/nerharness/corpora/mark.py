"""The mark of a corpus whose texts must not leave the machine: `protected = true`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nerharness.corpora.labels import DECLARATION, read_declaration
from nerharness.errors import CorpusError

_KEY = "protected"


def is_marked(path: Path) -> bool:
    """Tell whether a `corpus.toml` in, beside or anywhere above the corpus protects it.

    Raises `CorpusError` for one that cannot be read, or whose mark is neither true nor false, or is
    not a key of the whole file.
    """
    places = {path.absolute(), path.resolve()}
    folders = {folder for place in places for folder in (place, *place.parents)}
    files = [folder / DECLARATION for folder in sorted(folders)]
    marks = [_marked(file) for file in files if file.is_file()]  # each is looked at for faults
    return any(marks)


def _marked(file: Path) -> bool:
    table = read_declaration(file)
    value = table.get(_KEY, False)
    if not isinstance(value, bool):
        raise CorpusError.at(file, None, f"{_KEY} must be true or false, got {value!r}")
    if any(_inside(entry) for name, entry in table.items() if name != _KEY):
        raise CorpusError.at(
            file,
            None,
            f"{_KEY} stands in a table, where it protects nothing",
            hint="write it above the first [[labels]]",
        )
    return value


def _inside(value: Any) -> bool:
    if isinstance(value, dict):
        return _KEY in value or any(map(_inside, value.values()))
    return isinstance(value, list) and any(map(_inside, value))
