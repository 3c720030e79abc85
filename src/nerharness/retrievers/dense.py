"""The `dense` retriever: exact inner-product search with faiss, its index cached on disk."""

from __future__ import annotations

import hashlib
import os
import tempfile
import warnings
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import faiss

from nerharness.plugin import Hit
from nerharness.retrievers.embedding import Embedder


class Dense:
    """Ranks texts by the cosine of their embedding and the query's."""

    def __init__(self, texts: Sequence[str], /, *, embedding_model: str) -> None:
        self._embedder = _embedder(embedding_model)
        self._size = len(texts)
        self._index = self._load_or_build(texts)

    def _load_or_build(self, texts: Sequence[str]) -> faiss.Index:
        file = cache_folder() / f"{_digest(self._embedder.digest, texts)}.faiss"
        if (cached := _read(file)) is not None:
            return cached
        rows = self._embedder.embed(texts)
        index = faiss.IndexFlatIP(rows.shape[1])
        index.add(rows)
        _write(index, file)
        return index

    def retrieve(self, query: str, k: int, /) -> Sequence[Hit]:
        """Return the `k` nearest texts; scores are cosines."""
        scores, found = self._index.search(self._embedder.embed([query]), min(k, self._size))
        return [Hit(int(i), float(s)) for i, s in zip(found[0], scores[0], strict=True)]


@cache
def _embedder(name: str) -> Embedder:
    return Embedder(name)


def cache_folder() -> Path:
    """Return the folder of cached indexes: under `NERHARNESS_CACHE`, else the user's cache."""
    root = os.environ.get("NERHARNESS_CACHE")
    if root:
        return Path(root).expanduser() / "index"
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "nerharness" / "index"


def _digest(model: str, texts: Sequence[str]) -> str:
    total = hashlib.sha256(model.encode())
    for text in texts:
        data = text.encode()
        total.update(len(data).to_bytes(8, "big") + data)
    return total.hexdigest()


def _read(file: Path) -> faiss.Index | None:
    """Return the cached index; a damaged one is warned about and counts as missing."""
    if not file.is_file():
        return None
    try:
        return faiss.read_index(str(file))
    except RuntimeError:
        warnings.warn(f"{file} is damaged and is made anew", stacklevel=2)
        return None


def _write(index: faiss.Index, file: Path) -> None:
    """Write beside the target and rename, so that a half-written index is never read.

    A cache that cannot be written is warned about: the index is then made anew each time.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as part:
            part.write(faiss.serialize_index(index).tobytes())
        Path(part.name).replace(file)
    except OSError as error:
        warnings.warn(f"the index is not cached: {error}", stacklevel=2)
