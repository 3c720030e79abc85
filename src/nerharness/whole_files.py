"""Files that are written whole: on the disk before the work that relies on them goes on."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

from nerharness.errors import RunError

PRIVATE = 0o600
"""The mode of a file that is for its owner's eyes only."""
PRIVATE_FOLDER = 0o700
"""The mode of such a folder."""


def part_of(path: Path) -> Path:
    """Return where a file is written before it is put in its place."""
    return path.with_name(f"{path.name}.part")


def write_whole(path: Path, text: str, mode: int = 0o666) -> None:
    """Write beside the target, rename and flush: a reader sees all of it or what was there.

    Makes its folder if need be; `mode` is the file's, less what the umask takes away. All outlives
    the machine when this returns; `RunError` if that is impossible.
    """
    part = part_of(path)
    try:
        make_folder(path.parent)
        part.unlink(missing_ok=True)  # what a crash left there has its own mode
        with open(part, "w", encoding="utf-8", opener=partial(os.open, mode=mode)) as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
        _flush_entries(path.parent)
    except OSError as error:
        with suppress(OSError):  # what it leaves is known by its name
            part.unlink()
        raise RunError(f"cannot be written: {error.strerror}", where=str(path)) from None


def make_folder(path: Path, mode: int = 0o777) -> None:
    """Make a folder and those above it that are missing; `OSError` if that is impossible.

    `mode` is that of the folder, if it is made, less what the umask takes away. They outlive the
    machine when this returns.
    """
    made = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(mode, parents=True, exist_ok=True)
    for folder in made:
        _flush_entries(folder.parent)


def make_new_folder(path: Path, mode: int = 0o777) -> Path:
    """Make a folder that was not there, and return it: `NAME`, or `NAME-2` … where that is taken.

    `OSError` if that is impossible. Whoever asks at the same time gets another one.
    """
    make_folder(path.parent)
    number, new = 1, path
    while True:
        try:
            new.mkdir(mode)
        except FileExistsError:
            number += 1
            new = path.with_name(f"{path.name}-{number}")
        else:
            _flush_entries(path.parent)
            return new


def _flush_entries(folder: Path) -> None:
    """Flush what stands in a folder, but for the files' content."""
    if sys.platform == "win32":  # where folders cannot be opened
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
