"""Finding the reader that `NAME`, `PATH` or `PATH:READER:OPTION=VALUE` means."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from nerharness.errors import CorpusError
from nerharness.plugin.host import SINGULAR, Host, Kind
from nerharness.plugin.provider import OptionValue

_OPTION = re.compile(r"[a-z][a-z0-9_]*=")


def find_reader(
    host: Host, kind: Kind, wanted: str, *, flag: str, built_in: str
) -> tuple[Any, Path | None]:
    """Return the reader, and the path it is to read; `None` when it was asked for by its name.

    Raises `CorpusError` or `UsageError` for a path that is not there or that no reader recognises.
    """
    name, options, path = find_name(host, kind, wanted, flag=flag, built_in=built_in)
    return host.make(kind, name, options=options), path


def find_name(
    host: Host, kind: Kind, wanted: str, *, flag: str, built_in: str
) -> tuple[str, dict[str, OptionValue], Path | None]:
    """Return the reader's name and options, and the path, of what `find_reader` finds."""
    readers = host.offers(kind)
    if wanted in readers:
        return wanted, {}, None
    place, name, options = _split_name(wanted)
    if name:
        host.find(kind, name)
        return name, options, _existing(place, flag, built_in)
    path = _existing(wanted, flag, built_in)
    for name, offer in readers.items():
        if not offer.provider.missing and host.make(kind, name).detect(path):
            return name, {}, path
    if _is_empty(path):
        what = f"the {'folder' if path.is_dir() else 'file'} is empty: no {SINGULAR[kind]} in it"
        raise CorpusError.at(path, None, what, hint="give another path")
    lacking = [name for name, offer in readers.items() if offer.provider.missing]
    advice = f"; not installed here: {', '.join(lacking)}" if lacking else ""
    advice += f"; {host.skipped}" if host.skipped else ""
    raise CorpusError.at(
        path,
        None,
        f"no reader recognises this {SINGULAR[kind]}",
        hint=f"name one, as in PATH:READER; known: {', '.join(readers)}{advice}",
    )


def find_path(host: Host, kind: Kind, wanted: str, *, flag: str, built_in: str) -> Path | None:
    """Return the path that `find_name` finds, without asking readers whether they know it."""
    if wanted in host.offers(kind):
        return None
    place, name, _ = _split_name(wanted)
    if name:
        host.find(kind, name)
    return _existing(place if name else wanted, flag, built_in)


def _split_name(wanted: str) -> tuple[str, str, dict[str, OptionValue]]:
    """Split `PATH:READER:OPTION=VALUE…`; no reader for the name of something that is there."""
    if _there(wanted):
        return wanted, "", {}
    place, name, options = named_options(wanted)
    return (place, name, options) if place and not {"/", "\\"} & set(name) else (wanted, "", {})


def named_options(text: str) -> tuple[str, str, dict[str, OptionValue]]:
    """Split `REST:NAME:OPTION=VALUE…` from its end; the rest is empty where there is none.

    A part without `=` that stands after an option belongs to its value: `policy=priority:A,B`.
    """
    parts = text.split(":")
    first = next((n for n, part in enumerate(parts) if _OPTION.match(part)), len(parts))
    options: dict[str, OptionValue] = {}
    name = ""
    for part in parts[first:]:
        if _OPTION.match(part):
            name, _, value = part.partition("=")
            options[name] = value
        else:
            options[name] = f"{options[name]}:{part}"
    head = parts[:first] or [""]
    return ":".join(head[:-1]), head[-1], options


def _existing(place: str, flag: str, built_in: str) -> Path:
    if not _there(place):
        hint = f"give a file, a folder, or {built_in!r}"
        raise CorpusError("no such file or folder", where=f"{flag} {place}", hint=hint)
    return Path(place).expanduser()


def _is_empty(path: Path) -> bool:
    return not any(path.iterdir()) if path.is_dir() else not path.stat().st_size


def _there(place: str) -> bool:
    try:
        path = Path(place).expanduser()
        return path.is_file() or path.is_dir()
    except (OSError, RuntimeError):  # a name that is too long; a home folder that is not there
        return False
