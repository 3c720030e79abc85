"""Copies and near-copies, and that the fast search finds what the slow one does."""

from __future__ import annotations

import random

import pytest

from nerharness.duplicates import SHINGLE, Copies, Fingerprint, repeats


def fp(text: str) -> Fingerprint:
    return Fingerprint.of(text)


ALPHABET = "abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(
    ("text", "other", "copy"),
    [
        ("Gout.", "gout", True),
        ("Gout.", "Gout hurts.", False),
        ("", "...", True),
        ("", "gout", False),
        (ALPHABET, ALPHABET, True),
        (ALPHABET, f"x{ALPHABET}x", True),
        (f"{ALPHABET}{ALPHABET[::-1]}", ALPHABET, True),
        (ALPHABET, ALPHABET[::-1], False),
        (f"{ALPHABET}{'0123456789' * 4}", ALPHABET, False),
        (ALPHABET[:19], f"{ALPHABET[:19]}x", False),
        (ALPHABET[:20], f"{ALPHABET[:20]}x", True),
        ("abcdeXfghijXklmnoXpqrst", "abcdeYfghijYklmnoYpqrst", True),
        ("abcXdefXghiXjklXmnoXpqr", "abcYdefYghiYjklYmnoYpqr", False),
    ],
)
def test_what_repeats_what(text: str, other: str, copy: bool) -> None:
    assert repeats(fp(text), fp(other)) is copy


def shared_slowly(text: str, other: str) -> tuple[int, int]:
    runs = {other[i : i + SHINGLE] for i in range(len(other) - SHINGLE + 1)}
    inside = [False] * len(text)
    starts = [text[i : i + SHINGLE] in runs for i in range(len(text) - SHINGLE + 1)]
    for place, found in enumerate(starts):
        if found:
            inside[place : place + SHINGLE] = [True] * SHINGLE
    longest = max(map(len, "".join("x" if s else " " for s in starts).split()), default=0)
    return sum(inside), longest + SHINGLE - 1 if longest else 0


def noise(rng: random.Random, size: int) -> str:
    return "".join(rng.choices("abé1", k=size))


def test_shared_letters_are_those_of_the_slow_count() -> None:
    rng = random.Random(1)
    for _ in range(300):
        core = noise(rng, rng.randrange(30))
        one = noise(rng, rng.randrange(20)) + core + noise(rng, rng.randrange(20))
        other = noise(rng, rng.randrange(20)) + core + noise(rng, rng.randrange(20))
        found = fp(one).shared(fp(other))
        assert tuple(found) == shared_slowly(fp(one).letters, fp(other).letters)


def test_the_search_finds_what_comparing_with_all_does() -> None:
    rng = random.Random(2)
    bases = [noise(rng, size) for size in (0, 5, 19, 20, 30, 60, 200)]
    texts = [
        noise(rng, rng.randrange(30)) + base[rng.randrange(5) :] + noise(rng, rng.randrange(60))
        for base in bases
        for _ in range(12)
    ]
    copies = Copies(texts)
    for base in bases:
        own = fp(base)
        slow = {
            index
            for index, other in enumerate(map(fp, texts))
            if (repeats(own, other) or repeats(other, own))
            and (own.letters == other.letters or shared_slowly(own.letters, other.letters)[0])
        }
        assert copies.of(own) == slow
    assert any(copies.of(fp(base)) for base in bases)
    assert Copies([]).of(fp("gout")) == frozenset()
