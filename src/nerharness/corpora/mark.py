"""The mark of texts that must not leave the machine: `protected = true`."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from nerharness.corpora.labels import DECLARATION, read_declaration
from nerharness.errors import CorpusError, UsageError
from nerharness.journal import DESCRIPTION
from nerharness.whole_files import PRIVATE, PRIVATE_FOLDER

_KEY = "protected"


def is_marked(path: Path) -> bool:
    """Tell whether a mark in, beside or anywhere above a file, or the files of a folder, protects.

    A mark is that of a `corpus.toml`, or of a protected run in whose folder it stands. Those count
    wherever links lead. Raises `CorpusError` as of `holds_mark`, and for an unreadable `run.json`.
    """
    folders = {folder for place in _places(path) for folder in (place, *place.parents)}
    holders = {DECLARATION: holds_mark, DESCRIPTION: _is_of_protected_run}
    marks = [
        protects(folder / name)  # each is looked at for faults
        for folder in sorted(folders)
        for name, protects in holders.items()
        if (folder / name).is_file()
    ]
    return any(marks)


def mark_copy(copy: Path, place: Path) -> None:
    """Protect a copy of protected texts that is about to stand at `place`.

    A folder gets a mark; errors as of `need_mark` for a file, which cannot hold one. Only the owner
    can read either.
    """
    if copy.is_dir():
        (copy / DECLARATION).write_text(f"{_KEY} = true\n", encoding="utf-8")
    else:
        need_mark(place)
    for one in (copy, *copy.rglob("*")):
        one.chmod(PRIVATE_FOLDER if one.is_dir() else PRIVATE)


def need_mark(place: Path) -> None:
    """Raise `UsageError` unless a mark protects what is about to stand at `place`.

    A link that stands there is written through or replaced: both places must be protected.
    """
    written = _real(place), _real(place.parent) / f"{place.name}.part"
    if not all(map(is_marked, written)):
        raise UsageError(
            "the texts are protected, and nothing would protect this file of them",
            where=str(place),
            hint=f"write it into a folder whose {DECLARATION} says {_KEY} = true",
        )


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


def _is_of_protected_run(file: Path) -> bool:
    """Tell whether a `run.json` is that of a protected run; what is of no run says nothing."""
    try:
        described = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise CorpusError.at(file, None, f"unreadable: {error}") from None
    spec = described.get("spec") if isinstance(described, dict) else None
    return isinstance(spec, dict) and spec.get(_KEY, False) is not False


def _places(path: Path) -> set[Path]:
    """Return what is named as it is named, and its folders and linked files as they are."""
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
