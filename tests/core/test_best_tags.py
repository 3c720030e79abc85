"""The best tags that a scheme allows, against all sequences."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nerharness.tags import Scheme, best_tags, best_tags_batch, decode

PREFIXES: dict[Scheme, str] = {
    "IOB1": "IB",
    "IOB2": "BI",
    "IOE1": "IE",
    "IOE2": "IE",
    "BIOES": "BIES",
    "IOBES": "BIES",
    "BILOU": "BILU",
}
LABELS = ["O", "B-A", "I-A", "B-B", "I-B"]


def lossless(tags: list[str], scheme: Scheme) -> bool:
    """Whether strict reading makes every tag but O part of an entity."""
    covered = {token for _, *span in decode(tags, scheme, "strict") for token in range(*span)}
    return covered == {token for token, tag in enumerate(tags) if tag != "O"}


def slow(scores: NDArray[np.float32], labels: list[str], scheme: Scheme) -> list[str] | None:
    """The best of all sequences, tried from the last tag to the first."""
    best, found = -np.inf, None
    for backward in product(range(len(labels)), repeat=len(scores)):
        path = backward[::-1]
        total = sum(float(row[tag]) for row, tag in zip(scores, path, strict=True))
        tags = [labels[tag] for tag in path]
        if total > best and lossless(tags, scheme):
            best, found = total, tags
    return found


@st.composite
def cases(draw: st.DrawFn) -> tuple[NDArray[np.float32], list[str], Scheme]:
    scheme = draw(st.sampled_from(list(PREFIXES)))
    tags = ["O"] + [f"{prefix}-{label}" for prefix in PREFIXES[scheme] for label in "AB"]
    labels = draw(st.lists(st.sampled_from(tags), min_size=1, max_size=5, unique=True))
    score = st.one_of(st.integers(-2, 2).map(float), st.just(-np.inf))
    rows = st.lists(st.lists(score, min_size=len(labels), max_size=len(labels)), max_size=4)
    return np.array(draw(rows), np.float32).reshape(-1, len(labels)), labels, scheme


@given(cases())
def test_no_sequence_is_better(case: tuple[NDArray[np.float32], list[str], Scheme]) -> None:
    scores, labels, scheme = case
    expected = slow(scores, labels, scheme)
    if expected is None:
        with pytest.raises(ValueError, match="allows no sequence"):
            best_tags(scores, labels, scheme)
    else:
        assert best_tags(scores, labels, scheme) == expected


@pytest.mark.parametrize("scheme", PREFIXES)
def test_strict_reading_loses_nothing_of_a_long_sentence(scheme: Scheme) -> None:
    labels = [f"{prefix}-{label}" for label in "ABC" for prefix in PREFIXES[scheme]] + ["O"]
    scores = np.random.default_rng(5).normal(size=(30_000, len(labels)))
    tags = best_tags(scores, labels, scheme)
    assert lossless(tags, scheme)
    rows = np.eye(len(labels))[[labels.index(tag) for tag in tags]]
    assert best_tags(rows, labels, scheme) == tags


def test_the_best_tag_of_each_token_where_that_is_allowed() -> None:
    scores = np.array([[0, 3, 1, 0, 2], [0, 0, 2, 3, 2.5], [1, 0, 0, 0, 0]])
    assert best_tags(scores, LABELS) == ["B-A", "B-B", "O"]
    scores[1, 3] = 0
    assert best_tags(scores, LABELS) == ["B-A", "I-A", "O"]


def test_arrays_of_any_kind() -> None:
    scores = np.random.default_rng(1).normal(size=(40, 10)).astype(np.float32)
    tags = best_tags(scores[:, ::2].copy(), LABELS)
    assert best_tags(scores[:, ::2], LABELS) == tags
    assert best_tags(np.asfortranarray(scores[:, ::2]), tuple(LABELS)) == tags
    assert best_tags(scores[:, ::2].tolist(), LABELS) == tags
    frozen = scores[:, ::2].copy()
    frozen.flags.writeable = False
    assert best_tags(frozen, LABELS) == tags


def test_a_batch_is_its_sentences() -> None:
    scores = np.random.default_rng(2).normal(size=(9_000, 5)).astype(np.float32)
    sentences = [scores[:3], scores[3:3], scores[3:]]
    expected = [best_tags(one, LABELS) for one in sentences]
    assert best_tags_batch(sentences, LABELS) == expected
    assert expected[1] == []
    assert best_tags_batch([], LABELS) == []


@pytest.mark.parametrize(
    ("scores", "labels", "scheme", "message"),
    [
        ([[0, 0]], ["O", "S-A"], "IOB2", 'tag 1 "S-A": the prefix must be one of IOB'),
        ([[0, 0]], ["O", "O"], "IOB2", 'tag 1 "O": it means the same as tag 0 "O"'),
        ([[0, 0]], ["O", "B-A"], "BIO", "unknown scheme"),
        ([[0, 0]], ["O"], "IOB2", "scores: 2 columns, but 1 labels"),
        ([0, 0], ["O"], "IOB2", "scores: 2 dimensions are wanted, got 1"),
        ([[[0]]], ["O"], "IOB2", "scores: 2 dimensions are wanted, got 3"),
        ([[0], [np.nan]], ["O"], "IOB2", 'scores: token 1: the score of "O" is NaN'),
        ([[np.inf]], ["O"], "IOB2", 'scores: token 0: the score of "O" is inf'),
        ([[0]], ["I-A"], "IOB2", "allows no sequence of these tags for the first 1 tokens"),
        ([[0]], ["B-A"], "BILOU", "allows no sequence of these tags for the first 1 tokens"),
        ([[], []], [], "IOB2", "allows no sequence of these tags for the first 1 tokens"),
        ([[0]], ["O\ud800"], "IOB2", "label 0 has a lone surrogate"),
    ],
)
def test_what_is_refused(scores: object, labels: list[str], scheme: Scheme, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        best_tags(np.array(scores, np.float32), labels, scheme)


def test_a_batch_says_which_sentence_is_wrong() -> None:
    with pytest.raises(ValueError, match="sentence 1: 2 columns, but 5 labels"):
        best_tags_batch([np.zeros((1, 5)), np.zeros((1, 2))], LABELS)
