"""Discontinuous mentions: which fragments a match has, and what becomes of them."""

import copy
import pickle

import numpy as np
import pytest

from nerharness.align import Aligner, Match

APART = Aligner(discontinuous=True)
TEXT = "🙂 Breast and ovarian cancer; no pain or severe headache."

# name, text, mention, the tier and the fragments of the candidates, joined by a bar
CASES = [
    ("two", "breast and ovarian cancer", "breast cancer", ["exact breast|cancer"]),
    ("together", "breast and breast cancer", "breast cancer", ["exact breast cancer"]),
    ("folded", "Crohn’s and other Malady", "crohns malady", ["folded Crohn’s|Malady"]),
    ("three", "left or right upper or lower lobe", "left upper lobe", ["exact left|upper|lobe"]),
    ("four", "one a two b six c ten", "one two six ten", []),
    ("ellipsis", "breast and lung cancer", "breast … cancer", ["folded breast|cancer"]),
    ("punctuation", "drug (5 mg) or other rest", "drug (5 mg) rest", ["exact drug (5 mg)|rest"]),
    ("line break", "breast and\r\nlung cancer", "breast cancer", ["exact breast|cancer"]),
    ("six words between", "pain a b c d e f now", "pain now", ["exact pain|now"]),
    ("seven words between", "pain a b c d e f g now", "pain now", []),
    ("part of a word", "breastfed and ovarian cancer", "breast cancer", []),
    ("short fragment", "a case of T", "A-T", []),
    ("short in the middle", "grade as a 2 of some tumour", "grade 2 tumour", []),
    ("sentence end", "Of the breast. And cancer", "breast cancer", []),
    ("blank line", "breast and\n\nlung cancer", "breast cancer", []),
    ("denial", "fever without chills", "fever chills", []),
    ("other order", "cancer of the breast", "breast cancer", []),
    ("narrowest", "lung or lung or rare cancer", "lung cancer", ["exact lung|cancer"]),
    ("fuzzy after all", "breast (cancer", "breast cancer", ["fuzzy breast (cancer"]),
    ("no word between", "gout (skin)", "gout skin", ["fuzzy gout (skin"]),
]  # fmt: skip


def shown(text: str, found: list[Match]) -> list[str]:
    parts = ["|".join(text[start:end] for start, end in match.fragments) for match in found]
    return [f"{match.tier} {part}" for match, part in zip(found, parts, strict=True)]


@pytest.mark.parametrize(
    ("text", "mention", "expected"), [pytest.param(*case, id=name) for name, *case in CASES]
)
def test_fragments(text: str, mention: str, expected: list[str]) -> None:
    found = APART.candidates(text, mention)
    assert shown(text, found) == expected
    for match in found:
        assert (match.start, match.end) == (match.fragments[0][0], match.fragments[-1][1])
        assert (match.score < 1.0) == (match.tier == "fuzzy")


def test_fragments_are_looked_for_only_if_asked_for() -> None:
    assert Aligner().candidates(TEXT, "breast cancer") == []
    (match,) = Aligner().align(TEXT, ["ovarian cancer"])
    assert match is not None
    assert match.fragments == ((13, 27),)


def test_positions_are_in_code_points_in_every_answer() -> None:
    mentions = ["breast cancer", "ovarian cancer", "pain headache", "rash"]
    expected = [
        Match(2, 27, "folded", 1.0, fragments=((2, 8), (21, 27))),
        Match(13, 27, "exact", 1.0),
        Match(32, 55, "exact", 1.0, fragments=((32, 36), (47, 55))),
        None,
    ]
    assert APART.align(TEXT, mentions) == expected
    for threads in (1, 2):
        assert APART.align_batch([TEXT] * 3, [mentions] * 3, threads) == [expected] * 3
    columns = APART.align_batch([TEXT], [mentions], columns=True)
    np.testing.assert_array_equal(columns.start, [2, 13, 32, -1])
    np.testing.assert_array_equal(columns.end, [27, 27, 55, -1])


def test_repeats_take_one_after_the_other_and_a_surplus_one_has_no_match() -> None:
    text = "Hip or knee pain; hip and back pain"
    found = APART.align(text, ["hip pain"] * 3)
    assert [match and match.fragments for match in found] == [
        ((0, 3), (12, 16)),
        ((18, 21), (31, 35)),
        None,
    ]


def test_a_discontinuous_match_counts_from_its_first_fragment_to_its_last() -> None:
    text = "breast and ovarian cancer, ovarian cancer"
    found = APART.align(text, ["ovarian cancer", "breast cancer"])
    assert [match and match.start for match in found] == [27, 0]


def test_an_ordinary_match_is_what_it_was() -> None:
    match = Match(0, 5, "exact", 1.0)
    assert match.fragments == ((0, 5),)
    assert match == Match(0, 5, "exact", 1.0, fragments=[(0, 5)])
    assert hash(match) == hash(Match(0, 5, "exact", 1.0, fragments=((0, 5),)))
    assert repr(match) == "Match(start=0, end=5, tier='exact', score=1.0)"
    assert Match.__match_args__ == ("start", "end", "tier", "score")


def test_fragments_are_part_of_the_value() -> None:
    whole = Match(0, 9, "folded", 1.0)
    match = Match(0, 9, "folded", 1.0, fragments=((0, 2), (5, 9)))
    assert match != whole
    assert match != Match(0, 9, "folded", 1.0, fragments=((0, 3), (5, 9)))
    assert len({match, whole, Match(0, 9, "folded", 1.0, fragments=[(0, 2), (5, 9)])}) == 2
    assert repr(match) == (
        "Match(start=0, end=9, tier='folded', score=1.0, fragments=((0, 2), (5, 9)))"
    )
    assert eval(repr(match)) == match
    assert copy.copy(match) == match
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps((match, APART), protocol)) == (match, APART)
    assert pickle.loads(pickle.dumps(APART)).align(TEXT, ["breast cancer"]) != [None]


@pytest.mark.parametrize(
    "fragments",
    [
        [],
        [(0, 4)],
        [(1, 9)],
        [(0, 4), (4, 9)],
        [(0, 5), (4, 9)],
        [(5, 9), (0, 4)],
        [(0, 4), (6, 8)],
        [(0, 0), (5, 9)],
        [(0, 2), (3, 3), (5, 9)],
    ],
)
def test_fragments_that_do_not_fit_are_refused(fragments: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match=r"must go from 0 to 9, in order and with gaps between"):
        Match(0, 9, "exact", 1.0, fragments=fragments)


def test_a_threshold_that_is_refused_is_refused_here_too() -> None:
    with pytest.raises(ValueError, match="threshold"):
        Aligner(2.0, discontinuous=True)
    with pytest.raises(TypeError):
        Aligner(0.8, True)  # type: ignore[misc]
    assert repr(APART) == "Aligner(threshold=0.8, discontinuous=True)"
    assert Aligner() != APART


def test_texts_and_mentions_that_repeat_themselves_take_no_more_than_moments() -> None:
    text, mention = "aaa " * 4000, "aaa " * 25 + "bbb"
    found = APART.candidates(text + "bbb", mention + " aaa")
    assert {(match.tier, len(match.fragments)) for match in found} == {("fuzzy", 1)}
    assert len(APART.candidates("hip and back pain " * 4000, "hip pain")) == 4000


def test_a_mention_without_a_word_is_one_fragment() -> None:
    (match,) = APART.align("a ), b", [" ),  "])
    assert match is not None
    assert match.fragments == ((2, 4),)
