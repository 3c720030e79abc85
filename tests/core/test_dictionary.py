"""Names in texts: those that a search for each alone finds."""

from __future__ import annotations

import random

import pytest

from nerharness.align import Aligner
from nerharness.dictionary import Dictionary, Found


@pytest.mark.parametrize(
    ("names", "text", "expected"),
    [
        (["Wilson disease"], "WILSON–DISEASE, wilson  disease.", [(0, 14), (16, 31)]),
        (["Sjögren"], "𝒳 sjogren", [(2, 9)]),
        (["gout"], "gouty", []),
        (["WAS"], "It was WAS.", [(7, 10)]),
        (["AT", "CF"], "at AT cf", [(3, 5)]),
        (["", " "], "a b", []),
        ([], "a b", []),
    ],
)
def test_names_are_found(names: list[str], text: str, expected: list[tuple[int, int]]) -> None:
    found = Dictionary((name, None) for name in names).find(text)
    assert [(one.start, one.end) for one in found] == expected


def test_values_of_names_spelled_alike_are_gathered() -> None:
    dictionary = Dictionary([("A-T x", 1), ("gout", 2), ("a t X", 3), ("", 4)])
    assert dictionary.find("AT X, gout") == [Found(0, 4, (1, 3)), Found(6, 10, (2,))]
    assert len(dictionary) == 2


def test_the_longest_is_taken_and_those_inside_are_found_if_asked_for() -> None:
    dictionary = Dictionary([("cell", "c"), ("small cell", "s"), ("cell car", "r")])
    text = "small cell car"
    assert dictionary.find(text) == [Found(0, 10, ("s",))]
    assert dictionary.find_all(text) == [
        Found(0, 10, ("s",)),
        Found(6, 14, ("r",)),
        Found(6, 10, ("c",)),
    ]


def test_all_names_stand_where_each_alone_does() -> None:
    rng = random.Random(4)
    aligner = Aligner(threshold=1.0)

    def word() -> str:
        return "".join(rng.choices("abé", k=rng.randrange(1, 4)))

    for _ in range(200):
        names = list(dict.fromkeys(" ".join([word(), word()]) for _ in range(8)))
        text = rng.choice([" ", "-", ", "]).join(word() for _ in range(20))
        found = Dictionary((name, name) for name in names).find_all(text)
        ours = {(one.start, one.end, name) for one in found for name in one.values}
        alone = {
            (match.start, match.end, name)
            for name in names
            for match in aligner.candidates(text, name)
            if match.tier == "folded" or not set("abé") & set(text[match.end : match.end + 1])
        }
        assert {one for one in alone if _whole(text, one)} <= ours
        for start, end, name in ours:
            assert aligner.candidates(text[start:end], name)


def _whole(text: str, one: tuple[int, int, str]) -> bool:
    around = text[one[0] - 1 : one[0]] + text[one[1] : one[1] + 1]
    return not any(char.isalpha() for char in around)


def test_lone_surrogates_are_refused() -> None:
    with pytest.raises(ValueError, match="name 1 has a lone surrogate"):
        Dictionary([("a", 1), ("\ud800", 2)])
    with pytest.raises(ValueError, match="text has a lone surrogate"):
        Dictionary([("abc", 1)]).find("\udfff")
