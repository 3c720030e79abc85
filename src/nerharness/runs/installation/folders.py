"""Folders that are written to: caches, and where runs are kept."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from nerharness.cache_folder import cache_folder
from nerharness.errors import RunError
from nerharness.memory import size_text
from nerharness.runs.installation.fact import Fact

_LITTLE = 1_000_000_000
"""Bytes on a disk below which it may soon be full."""


def answer_facts() -> Iterator[Fact]:
    """Yield where answers are kept, how many, and whether more can be."""
    from nerharness.runs.cache import Cache, cache_file, parts

    file = cache_file()
    if fault := _fault(file.parent):
        yield _unwritable("answers", file.parent, fault)
        return
    if not file.exists():
        yield Fact("answers", "ok", f"{file.parent}: none yet, as --cache is off by default")
        return
    try:
        cache = Cache(file)
        kept = sum(one.answers for one in cache.held())
        cache.close()
    except RunError as error:
        yield Fact("answers", "problem", f"{file}: {error.what}", error.hint)
        return
    size = sum(part.stat().st_size for part in parts(file))
    yield Fact("answers", "ok", f"{file}: {kept:,} answers, {size_text(size)}")


def index_facts() -> Iterator[Fact]:
    """Yield where the embeddings of train examples and passages are kept, and how many files."""
    folder = cache_folder("index")
    if fault := _fault(folder):
        yield _unwritable("indexes", folder, fault)
        return
    sizes = [file.stat().st_size for file in folder.glob("*.faiss")]
    held = f"{len(sizes):,}, {size_text(sum(sizes))}" if sizes else "none yet"
    yield Fact("indexes", "ok", f"{folder}: {held}")


def run_facts() -> Iterator[Fact]:
    """Yield whether `eval` can make its folders here, and how much room the disk has."""
    folder = Path("runs").absolute()
    if fault := _fault(folder):
        yield Fact("runs", "problem", f"{folder}: {fault}", "work in another folder, or give --out")
        return
    free = shutil.disk_usage(_existing(folder)).free
    text = f"{folder}: {size_text(free)} free on its disk"
    little = free < _LITTLE
    yield Fact("runs", "problem" if little else "ok", text, "make room" if little else "")


def _unwritable(name: str, folder: Path, fault: str) -> Fact:
    return Fact(name, "problem", f"{folder}: {fault}", "choose another folder: NERHARNESS_CACHE")


def _fault(folder: Path) -> str:
    """Return why no file can be made in a folder, which need not exist; empty if one can be."""
    there = _existing(folder)
    if not there.is_dir():
        return f"{there} is no folder"
    try:
        with tempfile.TemporaryFile(dir=there):  # rights alone tell nothing of disks and of root
            return ""
    except OSError as error:
        return f"{there} cannot be written to: {error.strerror}"


def _existing(path: Path) -> Path:
    """Return the path, or the nearest above it that is there."""
    return next(one for one in (path, *path.parents) if os.path.lexists(one))
