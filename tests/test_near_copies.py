"""Near-copies between groups: the compact index finds what a plain dictionary of bands finds."""

from __future__ import annotations

import random
import tracemalloc

import numpy as np
import pytest

from nerharness import near_copies
from nerharness.duplicates import bare_text
from nerharness.near_copies import NEAR, NearCopies

TEXT = "The proband had a severe and slowly progressive weakness of both legs since infancy."
Added = list[tuple[str, str]]


class SlowCopies:
    """For each group, its signatures in order, and the first text of each band."""

    def __init__(self) -> None:
        self.groups: dict[str, dict[tuple[int, bytes], int]] = {}
        self.signatures: dict[int, near_copies.Signature] = {}

    def add(self, text: str, group: str, number: int) -> int | None:
        signature = near_copies._signature(bare_text(text))
        if signature is None:
            return None
        bands = [(at, signature[at : at + 4].tobytes()) for at in range(0, 64, 4)]
        found = [
            table[band]
            for other, table in self.groups.items()
            for band in bands
            if other != group and band in table
        ]
        own = self.groups.setdefault(group, {})
        for band in bands:
            own.setdefault(band, number)
        self.signatures[number] = signature
        return next((n for n in found if np.mean(self.signatures[n] == signature) >= NEAR), None)


def texts(seed: int, count: int) -> list[str]:
    """Texts of random words, a third of which are an earlier one with a word or two changed."""
    chance = random.Random(seed)
    words = ["".join(chance.choices("abcdefghij", k=chance.randint(2, 9))) for _ in range(400)]
    made: list[list[str]] = []
    for _ in range(count):
        new = chance.choices(words, k=chance.randint(6, 20))
        if made and chance.random() < 0.35:
            new = list(chance.choice(made))
            for _ in range(chance.randint(0, 3)):
                new[chance.randrange(len(new))] = chance.choice(words)
        made.append(new)
    return [" ".join(words) for words in made]


def in_turn(seed: int) -> Added:
    return [(text, "abc"[n // 100]) for n, text in enumerate(texts(seed, 300))]


def mixed(seed: int) -> Added:
    chance = random.Random(seed)
    return [(text, chance.choice("abc")) for text in texts(seed, 150)]


@pytest.mark.parametrize("order", [in_turn, mixed])
@pytest.mark.parametrize("seed", range(5))
def test_it_finds_what_a_dictionary_of_bands_finds(
    monkeypatch: pytest.MonkeyPatch, order: object, seed: int
) -> None:
    monkeypatch.setattr(near_copies, "_CHUNK", 16)
    fast, slow = NearCopies(), SlowCopies()
    found = 0
    for number, (text, group) in enumerate(order(seed)):  # type: ignore[operator]
        right = slow.add(text, group, number)
        assert fast.add(text, group, number) == right
        found += right is not None
    assert found > 5


@pytest.mark.parametrize("seed", range(3))
def test_the_last_group_is_looked_up_without_being_remembered(seed: int) -> None:
    whole, spared = NearCopies(), NearCopies()
    for number, (text, group) in enumerate(in_turn(seed)):
        found = spared.add(text, group, number, last=group == "c")
        assert found == whole.add(text, group, number)
    assert spared.add(TEXT, "c", 999, last=True) is None
    assert spared.add(TEXT, "a", 1000) is None


def test_the_first_of_several_copies_is_named() -> None:
    copies = NearCopies()
    for number, group in enumerate("aab"):
        copies.add(TEXT, group, number)
    assert copies.add(TEXT.upper(), "b", 3) == 0
    assert copies.add(TEXT.replace("legs", "arms"), "c", 4) == 0


def test_a_short_text_is_never_a_copy() -> None:
    copies = NearCopies()
    assert [copies.add("Methods and results.", group, 0) for group in "ab"] == [None, None]


def test_a_text_costs_half_a_kilobyte_and_a_long_one_no_more() -> None:
    copies = NearCopies()
    long = " ".join(texts(1, 10_000))
    made = texts(2, 10_000)
    tracemalloc.start(1)
    try:
        copies.add(long, "a", 0)
        assert tracemalloc.get_traced_memory()[1] < 40 * len(long)
        tracemalloc.reset_peak()
        for number, text in enumerate(made):
            copies.add(text, "a", number)
        copies.add(TEXT, "b", 0)
        assert tracemalloc.get_traced_memory()[1] < 700 * len(made)
    finally:
        tracemalloc.stop()
