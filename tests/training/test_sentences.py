"""Sentences as train data: tags, thinning, weights."""

from __future__ import annotations

import pytest

from nerharness.segment import segment
from nerharness.training.sentences import (
    TaggedSentence,
    class_weights,
    classes,
    tagged_sentences,
    thinned,
)
from nerharness.types import Entity, Example, Span


def test_classes_are_o_and_two_for_each_label() -> None:
    assert classes(["sign", "drug"]) == ["O", "B-sign", "I-sign", "B-drug", "I-drug"]


def test_an_entity_across_a_sentence_end_begins_anew() -> None:
    text = "Bone pain. More pain."
    (first, second) = tagged_sentences([Example(segment("d", text), (Entity.at("s", 5, 15),))])
    assert first == (["Bone", "pain", "."], ["O", "B-s", "I-s"])
    assert second == (["More", "pain", "."], ["B-s", "O", "O"])


def test_of_entities_that_overlap_one_is_learned_and_of_fragments_the_first() -> None:
    text = "breast and lung cancer"
    entities = (Entity("d", (Span(0, 6), Span(16, 22))), Entity.at("d", 11, 22))
    (sentence,) = tagged_sentences([Example(segment("d", text), entities)])
    assert sentence.tags == ["B-d", "O", "B-d", "I-d"]


def test_only_sentences_without_entities_are_thinned_and_the_seed_decides_which() -> None:
    empty = [TaggedSentence([str(n)], ["O"]) for n in range(100)]
    full = [TaggedSentence(["x"], ["B-a"])] * 5
    kept = thinned([*empty, *full], 0.3, seed=1)
    assert kept == thinned([*empty, *full], 0.3, seed=1)
    assert kept != thinned([*empty, *full], 0.3, seed=2)
    assert len(kept) - 5 == pytest.approx(30, abs=15)
    assert thinned([*empty, *full], 0.0, seed=1) == full
    assert thinned([*empty, *full], 1.0, seed=1) == [*empty, *full]


def test_rare_classes_weigh_more() -> None:
    rows = [{"labels": [-100, *[0] * 16, *[1] * 4, -100]}]
    weights = class_weights(rows, 2)
    assert weights[1] == pytest.approx(2 * weights[0])
    assert sum(weights) == pytest.approx(2)
