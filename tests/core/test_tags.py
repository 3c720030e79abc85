"""Tags to entities and back, case by case."""

from collections.abc import Sequence
from itertools import pairwise
from typing import overload

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerharness.metrics import Counts
from nerharness.tags import Scheme, decode, encode, score_tags

SCHEMES: list[Scheme] = ["IOB1", "IOB2", "IOE1", "IOE2", "BIOES", "IOBES", "BILOU"]
ENTITIES = [("A", 0, 2), ("A", 2, 3), ("B", 3, 4), ("B", 5, 8)]
ENCODED = {
    "IOB1": "I-A I-A B-A I-B O I-B I-B I-B",
    "IOB2": "B-A I-A B-A B-B O B-B I-B I-B",
    "IOE1": "I-A E-A I-A I-B O I-B I-B I-B",
    "IOE2": "I-A E-A E-A E-B O I-B I-B E-B",
    "IOBES": "B-A E-A S-A S-B O B-B I-B E-B",
    "BIOES": "B-A E-A S-A S-B O B-B I-B E-B",
    "BILOU": "B-A L-A U-A U-B O B-B I-B L-B",
}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_encoded(scheme: Scheme) -> None:
    assert encode(reversed_(ENTITIES), 8, scheme) == ENCODED[scheme].split()
    assert decode(ENCODED[scheme].split(), scheme, "lenient") == ENTITIES
    assert decode(ENCODED[scheme].split(), scheme, "strict") == ENTITIES


def reversed_(entities: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    return entities[::-1]


# name, tags, scheme, lenient and strict entities
DECODED: list[tuple[str, str, Scheme, object, object]] = [
    ("no tag", "", "IOB2", [], []),
    ("inside without a beginning", "O I-A I-A", "IOB2", [("A", 1, 3)], []),
    ("label changes inside", "B-A I-B", "IOB2", [("A", 0, 1), ("B", 1, 2)], [("A", 0, 1)]),
    ("label with a hyphen", "B-A-B I-A-B", "IOB2", [("A-B", 0, 2)], [("A-B", 0, 2)]),
    ("no label", "B I", "IOB2", [("_", 0, 2)], [("_", 0, 2)]),
    ("no hyphen", "BA IA", "IOB2", [("A", 0, 2)], [("A", 0, 2)]),
    ("hyphen at the end", "B-A- I-A", "IOB2", [("A-", 0, 1), ("A", 1, 2)], [("A", 0, 2)]),
    ("not closed", "B-A I-A O", "IOBES", [("A", 0, 2)], []),
    (
        "single inside",
        "B-A S-A E-A",
        "IOBES",
        [("A", 0, 1), ("A", 1, 2), ("A", 2, 3)],
        [("A", 1, 2)],
    ),
    (
        "last and unit",
        "B-A L-A U-B",
        "BILOU",
        [("A", 0, 2), ("B", 2, 3)],
        [("A", 0, 2), ("B", 2, 3)],
    ),
    ("outside with a label", "B-A O-A I-A", "IOB2", [("A", 0, 1), ("A", 2, 3)], [("A", 0, 1)]),
]


@pytest.mark.parametrize(
    ("tags", "scheme", "lenient", "strict"),
    [pytest.param(*case, id=name) for name, *case in DECODED],
)
def test_decoded(tags: str, scheme: Scheme, lenient: object, strict: object) -> None:
    assert decode(tags.split(), scheme) == lenient
    assert decode(tags.split(), scheme, "strict") == strict


@st.composite
def sentences(draw: st.DrawFn) -> tuple[list[tuple[str, int, int]], int]:
    entities, end = [], 0
    for _ in range(draw(st.integers(0, 6))):
        start = end + draw(st.integers(0, 2))
        end = start + draw(st.integers(1, 3))
        entities.append((draw(st.sampled_from(["A", "B", "C-D", "疾病"])), start, end))
    return entities, end + draw(st.integers(0, 2))


@pytest.mark.parametrize("scheme", SCHEMES)
@given(sentences())
def test_entities_come_back(
    scheme: Scheme, sentence: tuple[list[tuple[str, int, int]], int]
) -> None:
    entities, length = sentence
    tags = encode(entities, length, scheme)
    assert len(tags) == length
    assert decode(tags, scheme) == entities
    alone = all(a[2] < b[1] or a[0] != b[0] for a, b in pairwise(entities))
    if scheme != "IOE1" or alone:
        assert decode(tags, scheme, "strict") == entities


@pytest.mark.parametrize(
    ("spans", "message"),
    [
        ([("A", 0, 2), ("B", 1, 3)], r'"A" \[0, 2\) and "B" \[1, 3\) overlap'),
        ([("A", 0, 2), ("A", 0, 2)], "overlap"),
        ([("A", 3, 5)], r'"A" \[3, 5\).*4 tokens'),
        ([("A", 2, 2)], r'"A" \[2, 2\) is empty'),
        ([("A", 2, 1)], r'"A" \[2, 1\)'),
        ([("", 0, 1)], "no label"),
        ([("A", -1, 1)], "must not be negative"),
        ([("\ud800", 0, 1)], "lone surrogate"),
    ],
)
def test_spans_that_tags_cannot_express_are_refused(
    spans: list[tuple[str, int, int]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        encode(spans, 4)


def test_bad_tags_are_refused() -> None:
    with pytest.raises(ValueError, match='tag 1 "": a tag must not be empty'):
        decode(["O", ""])
    with pytest.raises(ValueError, match='tag 0 "S-A": the prefix must be one of IOB'):
        decode(["S-A"], "IOB2", "strict")
    with pytest.raises(ValueError, match='sentence 1, tag 0 "X-A"'):
        score_tags([["O"], ["X-A"]], [["O"], ["O"]], "IOB2", "strict")
    with pytest.raises(ValueError, match='sentence 1, tag 0 ""'):
        score_tags([["O"], [""]], [["O"], ["O"]])


class Fleeting(Sequence[str]):
    """Tags that are made when they are asked for, and gone when they are read."""

    def __init__(self, tags: str) -> None:
        self.tags = tags

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        return self.tags.split()[index]

    def __len__(self) -> int:
        return len(self.tags.split())


def test_tags_may_take_the_place_of_others_in_memory() -> None:
    words = ["B-A I-A O", "B-B I-B", "I-A I-B B-A", "O B-A"]
    sentences = [words[index % 4 if index % 3 else 0] for index in range(2_000)]
    kept = [sentence.split() for sentence in sentences]
    fleeting = [Fleeting(sentence) for sentence in sentences]
    scores = score_tags(fleeting, kept)
    assert scores == score_tags(kept, kept)
    assert scores.micro.fp == scores.micro.fn == 0
    assert [decode(sentence) for sentence in fleeting] == [decode(sentence) for sentence in kept]


@pytest.mark.parametrize("length", [1, 15, 16, 17, 600, 5_000])
def test_any_number_of_labels(length: int) -> None:
    entities = [(f"L{index * index % 4_999}", index, index + 1) for index in range(length)]
    tags = encode(entities, length)
    assert tags == [f"B-{label}" for label, _, _ in entities]
    assert decode(tags) == entities
    scores = score_tags([tags], [list(map(str.upper, tags))])
    assert scores.micro == Counts(length, 0, 0)
    assert set(scores.labels) == {label for label, _, _ in entities}


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        (["O", 1], "tag 1 must be a string, got .*int"),
        (["O", None], "tag 1 must be a string"),
        ([b"O"], "tag 0 must be a string"),
        ("O O", "str"),
        (7, "int"),
        ({"O"}, "set"),
    ],
)
def test_what_are_no_tags_is_refused(tags: Sequence[str], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        decode(tags)
    with pytest.raises(TypeError, match=message.replace("tag", "predicted sentence 1, item")):
        score_tags([["O"], ["O", "O"]], [["O"], tags])


def test_tags_that_are_no_unicode_are_refused_with_their_place() -> None:
    with pytest.raises(ValueError, match="tag 1 has a lone surrogate at character 2"):
        decode(["O", "B-\ud800"])
    with pytest.raises(ValueError, match="gold sentence 1, item 0 has a lone surrogate"):
        score_tags([["O"], ["B-\ud800"]], [["O"], ["O"]])


@pytest.mark.parametrize(
    ("entity", "error", "message"),
    [
        (["A", 0, 1], TypeError, "entity 1: .*list"),
        (("A", 0.0, 1), TypeError, "entity 1: .*float"),
        ((1, 0, 1), TypeError, "label 1 must be a string"),
        (("A", 0), ValueError, "tuple of length 3"),
        (("A", 0, 1 << 70), OverflowError, "too large"),
    ],
)
def test_what_are_no_entities_is_refused(
    entity: tuple[str, int, int], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        encode([("B", 3, 4), entity], 4)


def test_bad_names_are_refused() -> None:
    with pytest.raises(ValueError, match='unknown scheme "BIO"; choose from IOB1, IOB2'):
        decode([], "BIO")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match='unknown mode "exact"; choose from lenient, strict'):
        decode([], "IOB2", "exact")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="unknown scheme"):
        encode([], 0, "BIO")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="length must not be negative"):
        encode([], -1)
    with pytest.raises(MemoryError):
        encode([], 1 << 62)


def test_gold_and_predicted_tags_must_correspond() -> None:
    with pytest.raises(ValueError, match="sentence 1 has 2 gold tags, but 1 predicted tags"):
        score_tags([["O"], ["O", "O"]], [["O"], ["O"]])
    with pytest.raises(ValueError, match="2 sentences of gold tags"):
        score_tags([["O"], ["O"]], [["O"]])
    with pytest.raises(ValueError, match="no sentence to score"):
        score_tags([], [])


def test_scores() -> None:
    gold = [["B-A", "I-A", "O"], ["B-B"]]
    pred = [["B-A", "I-A", "B-B"], ["B-A"]]
    scores = score_tags(gold, pred)
    assert scores.labels == {"A": Counts(1, 1, 0), "B": Counts(0, 1, 1)}
    assert scores.micro == Counts(1, 2, 1)
    assert scores.macro.recall == scores.weighted.recall == 0.5


def test_tags_without_entities_score_zero() -> None:
    scores = score_tags([["O"]], [["O"]])
    assert scores.labels == {}
    assert scores.micro.f1 == scores.macro.f1 == scores.weighted.f1 == 0.0
