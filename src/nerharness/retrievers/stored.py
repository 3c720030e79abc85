"""Indexes on disk, by a digest of all that they depend on."""

from __future__ import annotations

import hashlib
import tempfile
import warnings
from collections.abc import Iterable
from pathlib import Path

import faiss

from nerharness.whole_files import PRIVATE_FOLDER


def digest(parts: Iterable[str]) -> str:
    """Return the SHA-256 of texts, one after the other, each with its length."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode()
        total.update(len(data).to_bytes(8, "big") + data)
    return total.hexdigest()


def read(file: Path, size: int) -> faiss.Index | None:
    """Return the index of `size` vectors; a damaged one is warned about and counts as missing."""
    if not file.is_file():
        return None
    try:
        index = faiss.read_index(str(file))
    except RuntimeError:
        index = None
    if index is None or index.ntotal != size:
        warnings.warn(f"{file} is damaged and is made anew", stacklevel=2)
        return None
    return index


def write(index: faiss.Index, file: Path) -> None:
    """Write beside the target and rename, so that a half-written index is never read.

    A cache that cannot be written is warned about: the index is then made anew each time.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".part-") as folder:
            part = Path(folder) / file.name
            part.write_bytes(faiss.serialize_index(index).tobytes())
            part.replace(file)
    except OSError as error:
        warnings.warn(f"the index is not cached: {error}", stacklevel=2)
