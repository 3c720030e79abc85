"""Near-copies between the splits of a corpus, found by MinHash.

Texts are compared by their letters and digits alone, compatibility-normalised and case-folded. Two
are near-copies when the runs of eight letters that they share are estimated to be at least 0.7 of
all that they have (Jaccard; Broder 1997), from the least values of 64 hash functions. Only texts
with four equal values in one of 16 bands are compared at all.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from nerharness.duplicates import bare_text

_SHINGLE = 8
LEAST = 40
"""Letters that a text needs; shorter ones repeat without being copied."""
NEAR = 0.7
_BANDS, _ROWS = 16, 4
_FACTORS = np.random.default_rng(20260101).integers(1, 1 << 63, (64, 2), np.uint64) | np.uint64(1)

Key = TypeVar("Key")
Signature = NDArray[np.uint32]


class NearCopies(Generic[Key]):
    """Remembers texts by 2.5 kilobytes each, and finds the first near-copy of another group."""

    def __init__(self) -> None:
        self._bands: dict[str, list[dict[bytes, int]]] = {}
        self._kept: list[tuple[Signature, Key]] = []

    def add(self, text: str, group: str, key: Key) -> Key | None:
        """Return the key of a near-copy that was added with another group, and add the text."""
        signature = _signature(bare_text(text))
        if signature is None:
            return None
        bands = [signature[at : at + _ROWS].tobytes() for at in range(0, _BANDS * _ROWS, _ROWS)]
        found = self._find(signature, bands, group)
        own = self._bands.setdefault(group, [{} for _ in bands])
        for band, known in zip(bands, own, strict=True):
            known.setdefault(band, len(self._kept))
        self._kept.append((signature, key))
        return found

    def _find(self, signature: Signature, bands: list[bytes], group: str) -> Key | None:
        for other, tables in self._bands.items():
            for band, known in zip(bands, tables, strict=True):
                if other == group or (number := known.get(band)) is None:
                    continue
                its_signature, its_key = self._kept[number]
                if float(np.mean(its_signature == signature)) >= NEAR:
                    return its_key
        return None


def _signature(letters: str) -> Signature | None:
    if len(letters) < LEAST:
        return None
    codes = np.frombuffer(letters.encode("utf-32-le"), np.uint32).astype(np.uint64)
    count = len(codes) - _SHINGLE + 1
    runs = np.zeros(count, np.uint64)
    for place in range(_SHINGLE):
        runs = runs * np.uint64(0x100000001B3) + codes[place : place + count]
    runs = np.unique(runs ^ (runs >> np.uint64(29)))
    mixed = runs[None, :] * _FACTORS[:, :1] + _FACTORS[:, 1:]
    least: Signature = (mixed >> np.uint64(32)).min(axis=1).astype(np.uint32)
    return least
