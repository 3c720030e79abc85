"""Discontinuous mentions against the slow twin of the aligner, on random texts."""

import random

import pytest
from core import reference
from hypothesis import given, settings
from hypothesis import strategies as st

from nerharness.align import Aligner, Match

WORDS = ["lupus", "Lupus", "gout", "skin", "e\u0301té", "été", "type 1", "1,5", "2", "b", "Crohn's"]
BETWEEN = [
    "and",
    "or",
    "of",
    "no",
    "Without",
    "(",
    ")",
    ",",
    "+",
    "1.5",
    "ﬁne",
    "中文字",
    "a",
    "x-ray",
]
SPACES = [
    *[" "] * 20,
    "-",
    ", ",
    ". ",
    "! ",
    ".",
    "…",
    "\n",
    "\r\n",
    "\n \n",
    "。",
    "\u00ad",
    "’",
    "",
]
JOINS = [*[" "] * 6, "-", ", ", " … ", "/", ") (", " (", "), "]
AROUND = [*["{}"] * 9, "({})", '"{}', "{}."]


def example(rng: random.Random) -> tuple[str, str]:
    said = rng.choices(WORDS, k=rng.randrange(2, 4))
    written: list[str] = []
    for word in said:
        written += rng.choices([*BETWEEN, *WORDS[:3]], k=rng.choice([0, 0, 1, 1, 2, 3, 6, 7]))
        written.append(word.upper() if rng.random() < 0.1 else word)
    while rng.random() < 0.3:
        written.insert(rng.randrange(len(written)), rng.choice(WORDS))
    if rng.random() < 0.5:
        return " ".join(written), " ".join(said)
    text = "".join(word + rng.choice(SPACES) for word in written)
    mention = "".join(word + rng.choice(JOINS) for word in said)
    return text, rng.choice(AROUND).format(mention.rstrip(" -,/…()"))


def written(match: Match | None) -> tuple[int, int, str, float] | None:
    return match and (match.start, match.end, match.tier, match.score)


@pytest.mark.parametrize("seed", range(6))
def test_fragments_are_those_of_the_reference(seed: int) -> None:
    rng = random.Random(seed)
    aligner = Aligner(discontinuous=True)
    counts: dict[object, int] = {2: 0, 3: 0, "exact": 0, "folded": 0}
    for _ in range(200):
        text, mention = example(rng)
        found = aligner.candidates(text, mention)
        together = sorted(reference.grounded(text, mention), key=reference.best_first)
        apart = {} if together else reference.apart(text, mention)
        if expected := together or sorted(apart, key=reference.best_first):
            assert [written(match) for match in found] == expected, (text, mention)
        for match in found:
            whole = ((match.start, match.end),)
            parts = apart.get((match.start, match.end, match.tier, match.score), whole)
            assert match.fragments == parts, (text, mention)
            if len(parts) > 1:
                counts[len(parts)] += 1
                counts[match.tier] += 1
    assert min(counts.values()) > 2, "the examples no longer reach every kind"


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(["gout", "Gout", "skin", "and", "or", ".", "no"]), max_size=9),
    st.lists(st.sampled_from(["gout skin", "Gout skin", "skin gout", "gout", "and"]), max_size=5),
)
def test_repeats_are_handed_out_as_in_the_reference(words: list[str], mentions: list[str]) -> None:
    text = " ".join(words)
    found = [written(match) for match in Aligner(discontinuous=True).align(text, mentions)]
    assert found == reference.align(text, mentions, 0.8, discontinuous=True)
