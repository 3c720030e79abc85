"""The aligner against its slow twin, on texts made of everything that goes wrong in Unicode."""

import random
import unicodedata

import pytest
from core import reference
from hypothesis import given, settings
from hypothesis import strategies as st

from nerharness.align import Aligner, Match, similarity

PIECES = [
    *["non", "un", "hyper", "hypo", "tension", "stable", "1.5", "2,5", "and", "left", "right"],
    *["lupus", "Lupus", "LUPOS", "type", "Typ", "I", "II", "iv", "b", "a", "A", "5", "6", "12"],
    *["mg", "2a", "Crohn's", "Crohn’s", "Crohn", "ﬁbro", "fibro", "fi", "İl", "il", "ß", "ss"],
    *["𝐀", "🙂", "中", "文", "か", "が", "ก้", "ข", "א", "בּ", "عَ", "ع", "Σας", "σασ", "가", "각"],
    *["e\u0301", "é", "E", "\u0301", "²", "½", "℃", "…", "µ", "‐", "-", "–", "\u00ad", "\u200b"],
    *["two", "ten", "µg", "ml", "一", "非", "炎", "간", "감", "\u1100\u1161", "\u11ab", "\u0640"],
    *["\ufeff", "\u00a0", "\r\n", "\u3000", ".", ",", "(", ")", '"', "“", "”", "'", "+", "´", "¨"],
]
SPACED = [*PIECES, *" " * 25]


def written(match: Match | None) -> tuple[int, int, str, float] | None:
    return match and (match.start, match.end, match.tier, match.score)


def changed(mention: str, rng: random.Random) -> str:
    """The mention as a model might write it: in another case or form, or with a slip."""
    if not mention:
        return mention
    place = rng.randrange(len(mention))
    one = mention[place]
    slip = rng.choice(["", one * 2, "x", one.swapcase(), " ", "-", rng.choice(PIECES)])
    return rng.choice(
        [
            mention,
            mention.swapcase(),
            mention.replace(" ", "-"),
            unicodedata.normalize(rng.choice(["NFC", "NFD", "NFKC"]), mention),
            f'"{mention.lower()}.',
            *[mention[:place] + slip + mention[place + 1 :]] * 5,
        ]
    )


def example(rng: random.Random) -> tuple[str, str]:
    pieces = rng.choices(SPACED, k=rng.randrange(1, 14))
    start = rng.randrange(len(pieces))
    source = SPACED if rng.random() < 0.1 else pieces[start:]
    return "".join(pieces), changed("".join(source[: rng.randrange(1, 8)]), rng)


@pytest.mark.parametrize("seed", range(8))
def test_candidates_are_those_of_the_reference(seed: int) -> None:
    rng = random.Random(seed)
    tiers = dict.fromkeys(["exact", "folded", "fuzzy"], 0)
    for _ in range(1200):
        (text, mention), threshold = example(rng), rng.choice([0.4, 0.6, 0.75, 0.8, 0.9, 1.0])
        found = [written(match) for match in Aligner(threshold).candidates(text, mention)]
        assert found == reference.candidates(text, mention, threshold), (text, mention, threshold)
        for match in found:
            tiers[match[2]] += 1
    assert min(tiers.values()) > 40, "the examples no longer reach every tier"


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(["gout", "Gout", "gaut", "-", " ", "  ", "ms", "5"]), max_size=10),
    st.lists(
        st.sampled_from(["gout", "Gout.", "goat", "ms", "5", "go-ut gout", "gout ms"]), max_size=6
    ),
)
def test_repeats_are_handed_out_as_in_the_reference(pieces: list[str], mentions: list[str]) -> None:
    text = "".join(pieces)
    found = [written(match) for match in Aligner(0.7).align(text, mentions)]
    assert found == reference.align(text, mentions, 0.7)


def test_similarities_are_those_of_the_reference() -> None:
    rng = random.Random(3)
    for _ in range(1500):
        a, b = example(rng)
        left, right = reference.core(a), reference.core(b)
        if a != b and reference.skeleton(left) and reference.skeleton(right):
            assert similarity(a, b)[1] == reference.similarity(left, right), (a, b)
