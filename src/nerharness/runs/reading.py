"""Finding the reader that `NAME`, `PATH` or `PATH:READER` means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nerharness.errors import CorpusError
from nerharness.plugin.host import SINGULAR, Host, Kind


def find_reader(
    host: Host, kind: Kind, wanted: str, *, flag: str, built_in: str
) -> tuple[Any, Path | None]:
    """Return the reader, and the path it is to read; `None` when it was asked for by its name.

    Raises `CorpusError` or `UsageError` for a path that is not there or that no reader recognises.
    """
    readers = host.offers(kind)
    if wanted in readers:
        return host.make(kind, wanted), None
    place, _, name = wanted.rpartition(":")
    if place and not _there(wanted) and not {"/", "\\"} & set(name):
        host.find(kind, name)
        path = _existing(place, flag, built_in)
        return host.make(kind, name), path
    path = _existing(wanted, flag, built_in)
    for name, offer in readers.items():
        if offer.provider.missing:
            continue
        reader = host.make(kind, name)
        if reader.detect(path):
            return reader, path
    lacking = [name for name, offer in readers.items() if offer.provider.missing]
    advice = f"; not installed here: {', '.join(lacking)}" if lacking else ""
    raise CorpusError.at(
        path,
        None,
        f"no reader recognises this {SINGULAR[kind]}",
        hint=f"name one, as in PATH:READER; known: {', '.join(readers)}{advice}",
    )


def _existing(place: str, flag: str, built_in: str) -> Path:
    if not _there(place):
        hint = f"give a file, a folder, or {built_in!r}"
        raise CorpusError("no such file or folder", where=f"{flag} {place}", hint=hint)
    return Path(place).expanduser()


def _there(place: str) -> bool:
    try:
        path = Path(place).expanduser()
        return path.is_file() or path.is_dir()
    except (OSError, RuntimeError):  # a name that is too long; a home folder that is not there
        return False
