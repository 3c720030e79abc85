"""Copies and near-copies of texts: what must never stand in a prompt about the text it copies.

Two texts are compared by their letters and digits alone, compatibility-normalised and case-folded,
so that case, spacing, punctuation and accents do not hide a copy. A letter is *shared* when it lies
in a run of eight letters that the other text has too (shingles: Broder 1997). What counts is how
much of a text is shared, so a copy with some words, numbers or letters changed is still found, and
so is one that stands inside a longer text. Of short texts a few changes leave no such run; they are
compared letter by letter.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nerharness.align import similarity

SHINGLE = 8
"""Letters in a run."""
TELLING = 20
"""Letters that a text needs to be told from common words; a shorter one is only compared whole."""
COPY = 0.75
"""Share of a text's letters from which on another text that shares them copies it."""
QUOTE = 0.4
"""The same for letters that stand together, if they are `LONG_QUOTE` or more."""
LONG_QUOTE = 25
SHORT = 100
"""Letters up to which two texts are also compared by the edits between them."""
SIMILAR = 0.8
"""Similarity (`nerharness.align.similarity`) from which on two of them are copies."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A text as it is compared: its letters, and a number for each run of `SHINGLE` of them."""

    letters: str
    runs: NDArray[np.uint64]

    @classmethod
    def of(cls, text: str) -> Fingerprint:
        """Return the fingerprint of a text."""
        letters = bare_text(text)
        return cls(letters, _runs(letters))

    def __len__(self) -> int:
        return len(self.letters)

    def shared(self, other: Fingerprint) -> Shared:
        """Return how much of this text's letters lies in runs that `other` has too."""
        return Shared.of(np.flatnonzero(np.isin(self.runs, other.runs)))


class Shared(NamedTuple):
    """How many letters two texts share, and how many of these stand together at the most."""

    letters: int
    longest: int

    @classmethod
    def of(cls, places: NDArray[np.intp]) -> Shared:
        """Add up the runs at `places`, which are sorted and all different."""
        if not len(places):
            return cls(0, 0)
        gaps = np.diff(places)
        breaks = np.flatnonzero(gaps > 1)
        edges = np.concatenate(([-1], breaks, [len(places) - 1]))
        longest = int(np.diff(edges).max()) + SHINGLE - 1
        return cls(int(np.minimum(gaps, SHINGLE).sum()) + SHINGLE, longest)

    def is_copy(self, size: int) -> bool:
        """Tell whether this is enough for a copy of a text of `size` letters, or of part of it."""
        if size < TELLING:
            return False
        return self.letters >= COPY * size or self.longest >= max(LONG_QUOTE, QUOTE * size)


def repeats(text: Fingerprint, other: Fingerprint) -> bool:
    """Tell whether `other` repeats `text`, whole or for a good part.

    So it is when their letters are equal; or when `text` has `TELLING` letters and at least `COPY`
    of them are shared, or at least `QUOTE` of them and `LONG_QUOTE` in one piece; or when both are
    `SHORT` and `SIMILAR`.
    """
    if text.letters == other.letters or text.shared(other).is_copy(len(text)):
        return True
    return _similar(text, other)


def _similar(text: Fingerprint, other: Fingerprint) -> bool:
    sizes = len(text), len(other)
    if min(sizes) < max(TELLING, SIMILAR * max(sizes)) or max(sizes) > SHORT:
        return False
    return similarity(text.letters, other.letters)[1] >= SIMILAR


class Copies:
    """Finds, among many texts, those that copy another text or are copied by it.

    Only those with a run in common are compared; short texts without one are taken to differ.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = [Fingerprint.of(text) for text in texts]
        self._sizes = np.array([len(text) for text in self._texts], np.int64)
        self._equal: dict[str, set[int]] = {}
        for index, text in enumerate(self._texts):
            self._equal.setdefault(text.letters, set()).add(index)
        runs = np.concatenate([np.empty(0, np.uint64), *(text.runs for text in self._texts)])
        counts = np.array([len(text.runs) for text in self._texts], np.int64)
        order = np.argsort(runs)
        self._runs = runs[order]
        self._owners = np.repeat(np.arange(len(texts)), counts)[order]
        self._places = _each(np.zeros(len(texts), np.int64), counts)[order]

    def of(self, text: Fingerprint) -> frozenset[int]:
        """Return the indices of the texts that repeat `text` or that it repeats."""
        runs, ranks = np.unique(text.runs, return_inverse=True)
        first, last = (np.searchsorted(self._runs, runs, side) for side in ("left", "right"))
        found = _each(first, last - first)
        owners, rank = self._owners[found], np.repeat(np.arange(len(runs)), last - first)
        near = self._near(owners, len(text))
        kept = near[owners]
        owners, rank, places = owners[kept], rank[kept], self._places[found[kept]]
        # What they share of each other text, and of this one.
        theirs = _copied(owners, places, self._sizes)
        owners, rank = np.divmod(np.unique(owners * len(runs) + rank), max(1, len(runs)))
        counts = np.bincount(ranks, minlength=len(runs))
        at = np.argsort(ranks, kind="stable")
        ours = _copied(
            np.repeat(owners, counts[rank]),
            at[_each((np.cumsum(counts) - counts)[rank], counts[rank])],
            np.full_like(self._sizes, len(text)),
        )
        copies = ours | theirs
        alike = (i for i in np.flatnonzero(near & ~copies).tolist() if self._alike(text, i))
        equal = self._equal.get(text.letters, set())
        return frozenset(np.flatnonzero(copies).tolist()) | frozenset(alike) | equal

    def _near(self, owners: NDArray[np.int64], size: int) -> NDArray[np.bool_]:
        """Tell which texts have as many runs in common as a longer copy must have."""
        shared = np.bincount(owners, minlength=len(self._texts))
        smaller = np.minimum(self._sizes, size)
        least = np.where(smaller > SHORT, COPY * smaller / SHINGLE, 1)
        near: NDArray[np.bool_] = (shared > 0) & (shared >= least)
        return near

    def _alike(self, text: Fingerprint, index: int) -> bool:
        other = self._texts[index]
        return _similar(text, other) or _similar(other, text)


def _each(first: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return, for each place in `first`, so many places from there on."""
    before = np.cumsum(counts) - counts
    total = int(counts.sum())
    ranges: NDArray[np.int64] = np.arange(total) + np.repeat(first - before, counts)
    return ranges


def _copied(
    owners: NDArray[np.int64], places: NDArray[np.int64], sizes: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Tell of each text, by what it shares, whether that is enough for a copy (`Shared.is_copy`).

    Its runs at `places` are shared, all different for one of `owners`.
    """
    if not len(owners):
        return np.zeros(len(sizes), np.bool_)
    order = np.lexsort((places, owners))
    owners, places = owners[order], places[order]
    gaps, same = np.diff(places), owners[1:] == owners[:-1]
    letters = np.bincount(owners[1:][same], np.minimum(gaps[same], SHINGLE), minlength=len(sizes))
    begin = np.concatenate(([0], np.flatnonzero(~same | (gaps > 1)) + 1))
    longest = np.zeros(len(sizes), np.int64)
    np.maximum.at(longest, owners[begin], np.diff(begin, append=len(owners)))
    there = longest > 0
    enough = (letters + SHINGLE >= COPY * sizes) | (
        longest + SHINGLE - 1 >= np.maximum(LONG_QUOTE, QUOTE * sizes)
    )
    copied: NDArray[np.bool_] = there & (sizes >= TELLING) & enough
    return copied


def bare_text(text: str) -> str:
    """Return the letters and digits of `text`, compatibility-normalised and case-folded."""
    normal = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in normal if char.isalnum())


_FACTOR = np.uint64(0x9E3779B97F4A7C15)


def _runs(letters: str) -> NDArray[np.uint64]:
    """Return a number for each run: a polynomial modulo 2**64 over its code points."""
    count = len(letters) - SHINGLE + 1
    if count <= 0:
        return np.empty(0, np.uint64)
    codes = np.frombuffer(letters.encode("utf-32-le"), np.uint32).astype(np.uint64)
    total = np.zeros(count, np.uint64)
    for place in range(SHINGLE):
        total *= _FACTOR
        total += codes[place : place + count]
    return total
