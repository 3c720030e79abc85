"""Near-copies between the splits of a corpus, found by MinHash.

Texts are compared by their letters and digits alone, compatibility-normalised and case-folded. Two
are near-copies when the runs of eight letters that they share are estimated to be at least 0.7 of
all that they have (Jaccard; Broder 1997), from the least values of 64 hash functions. Only texts
with four equal values in one of 16 bands are compared at all, and of those that share a band, the
one that was added first.
"""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from nerharness.duplicates import bare_text

_SHINGLE = 8
LEAST = 40
"""Letters that a text needs; shorter ones repeat without being copied."""
NEAR = 0.7
_BANDS, _ROWS = 16, 4
_VALUES = _BANDS * _ROWS
_FACTORS = np.random.default_rng(20260101).integers(1, 1 << 63, (64, 2), np.uint64) | np.uint64(1)
_CHUNK = 1 << 12
"""Signatures that are stored together."""
_BLOCK = 1 << 13
"""Runs that are hashed together."""
_BAND_BITS = np.arange(_BANDS, dtype=np.uint64) << np.uint64(60)

Signature = NDArray[np.uint32]


class NearCopies:
    """Remembers texts, by half a kilobyte each, and finds the first near-copy of another group.

    Made for groups that come one after the other: each is indexed anew when a text of another
    group comes after its own.
    """

    def __init__(self) -> None:
        self._groups: dict[str, _Group] = {}

    def add(self, text: str, group: str, number: int, *, last: bool = False) -> int | None:
        """Return the number of a near-copy that was added with another group, and add the text.

        In the `last` group no text needs to be remembered: none of another group comes after it.
        """
        others = [known for name, known in self._groups.items() if name != group]
        if last and not others:
            return None
        signature = _signature(bare_text(text))
        if signature is None:
            return None
        if not last:
            self._groups.setdefault(group, _Group()).add(signature, number)
        found = (other.find(signature) for other in others)
        return next((one for one in found if one is not None), None)


class _Group:
    """The signatures of a group's texts, with an index of their bands."""

    def __init__(self) -> None:
        self._chunks: list[NDArray[np.uint32]] = []
        self._numbers = array("Q")
        self._indexed = 0
        self._bands = np.empty(0, np.uint64)
        self._owners = np.empty(0, np.uint32)

    def add(self, signature: Signature, number: int) -> None:
        row = len(self._numbers) % _CHUNK
        if row == 0:
            self._chunks.append(np.empty((_CHUNK, _VALUES), np.uint32))
        self._chunks[-1][row] = signature
        self._numbers.append(number)

    def find(self, signature: Signature) -> int | None:
        """Return the number of the first text near enough, looking at one for each band."""
        if self._indexed < len(self._numbers):
            self._index()
        bands = _bands(signature[None])[0]
        places = np.searchsorted(self._bands, bands)
        places[places == len(self._bands)] = 0
        for place in places[self._bands[places] == bands]:
            owner = int(self._owners[place])
            its = self._chunks[owner // _CHUNK][owner % _CHUNK]
            if float(np.mean(its == signature)) >= NEAR:
                return self._numbers[owner]
        return None

    def _index(self) -> None:
        """Sort the bands, one after the other; of equal ones the first that was added stays first.

        Bands begin with their own number, so that all of them are sorted, too.
        """
        count = self._indexed = len(self._numbers)
        self._bands = np.empty(_BANDS * count, np.uint64)
        self._owners = np.empty(_BANDS * count, np.uint32)
        for band in range(_BANDS):
            keys = np.concatenate([_bands(chunk, band)[:, 0] for chunk in self._chunks])[:count]
            order = np.argsort(keys, kind="stable")
            own = slice(band * count, (band + 1) * count)
            self._bands[own], self._owners[own] = keys[order], order


def _bands(signatures: NDArray[np.uint32], only: int | None = None) -> NDArray[np.uint64]:
    """Return a number for each band of each signature: its own in the first four bits, a hash."""
    bands = slice(None) if only is None else slice(only, only + 1)
    values = signatures.reshape(len(signatures), _BANDS, _ROWS)[:, bands].astype(np.uint64)
    mixed = np.zeros(values.shape[:2], np.uint64)
    for row in range(_ROWS):
        mixed = (mixed ^ values[..., row]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    numbered: NDArray[np.uint64] = (mixed >> np.uint64(4)) | _BAND_BITS[bands]
    return numbered


def _signature(letters: str) -> Signature | None:
    if len(letters) < LEAST:
        return None
    codes = np.frombuffer(letters.encode("utf-32-le"), np.uint32).astype(np.uint64)
    count = len(codes) - _SHINGLE + 1
    runs = np.zeros(count, np.uint64)
    for place in range(_SHINGLE):
        runs = runs * np.uint64(0x100000001B3) + codes[place : place + count]
    runs = np.unique(runs ^ (runs >> np.uint64(29)))
    least = np.full(_VALUES, np.iinfo(np.uint64).max, np.uint64)
    for first in range(0, len(runs), _BLOCK):
        mixed = runs[None, first : first + _BLOCK] * _FACTORS[:, :1] + _FACTORS[:, 1:]
        np.minimum(least, mixed.min(axis=1), out=least)
    signature: Signature = (least >> np.uint64(32)).astype(np.uint32)
    return signature
