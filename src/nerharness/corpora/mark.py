"""The mark of a corpus whose texts must not leave the machine: `protected = true`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from nerharness.corpora.labels import DECLARATION, read_declaration
from nerharness.errors import CorpusError

_KEY = "protected"


def is_marked(path: Path) -> bool:
    """Tell whether a `corpus.toml` in, beside or anywhere above the corpus's files protects it.

    Those count wherever links lead. Raises `CorpusError` as of `holds_mark`.
    """
    folders = {folder for place in _places(path) for folder in (place, *place.parents)}
    files = [folder / DECLARATION for folder in sorted(folders)]
    marks = [holds_mark(file) for file in files if file.is_file()]  # each is looked at for faults
    return any(marks)


def holds_mark(file: Path) -> bool:
    """Tell whether a TOML file of labels protects the texts that it is used for.

    Raises `CorpusError` for one that cannot be read, or whose mark is neither true nor false, or is
    not a key of the whole file.
    """
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


def _places(path: Path) -> set[Path]:
    """Return the corpus as it is named, and its folders and linked files as they are."""
    places = {path.absolute(), _real(path)}
    walked: set[Path] = set()
    for folder, inner, files in os.walk(path, followlinks=True):
        real = _real(folder)
        if real in walked:  # a link leads back
            inner.clear()
            continue
        walked.add(real)
        places.update(_real(file) for name in files if (file := Path(folder, name)).is_symlink())
    return places | walked


def _real(path: Path | str) -> Path:
    return Path(os.path.realpath(path))  # a link to itself, which `resolve` raises for, stays


def _inside(value: Any) -> bool:
    if isinstance(value, dict):
        return _KEY in value or any(map(_inside, value.values()))
    return isinstance(value, list) and any(map(_inside, value))
