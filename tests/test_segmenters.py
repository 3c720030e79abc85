"""Tokens and sentences by name."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerharness.errors import NerharnessError, UsageError
from nerharness.segment import segment
from nerharness.segmenters import find_segmenter, resegment
from nerharness.types import Document, Entity, Example


def words(document: Document) -> list[str]:
    return [document.text[token.start : token.end] for token in document.tokens]


def sentences(document: Document) -> list[str]:
    return [document.text[part.start : part.end] for part in document.sentences]


CASES = {
    "AP-4-associated HSP.": ["AP-4-associated", "HSP", "."],
    '("well-known")': ["(", '"', "well-known", '"', ")"],
    "e.g. 22q11.2, x": ["e.g", ".", "22q11.2", ",", "x"],
    "...": [".", ".", "."],
    "“rash”": ["“rash”"],
    "": [],
}


@pytest.mark.parametrize("text", CASES)
def test_raredis_peels_ascii_punctuation_off_both_ends(text: str) -> None:
    assert words(find_segmenter("raredis")("d", text)) == CASES[text]


def test_raredis_ends_a_sentence_at_a_mark_before_white_space() -> None:
    document = find_segmenter("raredis")("d", "A cf. B? (No.) Yes!\nEnd 2.5 x.y")
    assert sentences(document) == ["A cf.", "B?", "(No.) Yes!", "End 2.5 x.y"]


def slow_raredis(text: str) -> list[str]:
    marks = re.escape(string.punctuation)
    found: list[str] = []
    for word in text.split():
        head, body, tail = re.fullmatch(rf"([{marks}]*)(.*?)([{marks}]*)", word, re.DOTALL).groups()  # type: ignore[union-attr]
        found += [*head, *([body] if body else []), *tail]
    return found


@given(st.text(st.sampled_from("ab.,?!(“é \n\u00a0'"), max_size=30))
def test_raredis_gives_the_tokens_of_a_slow_twin(text: str) -> None:
    document = find_segmenter("raredis")("d", text)
    assert words(document) == slow_raredis(text)
    covered = {t for s in document.sentences for t in document.tokens if s.covers(t)}
    assert covered == set(document.tokens)


def test_default_is_the_default() -> None:
    assert find_segmenter("default")("d", "No rash. None") == segment("d", "No rash. None")


@pytest.mark.parametrize("name", ["", "Default", "space", "model", "model:", "raredis:x"])
def test_an_unknown_name_is_an_error(name: str) -> None:
    with pytest.raises(UsageError, match="unknown tokens"):
        find_segmenter(name)


def test_entities_stay_where_they_are() -> None:
    tags = (("B-X", "O", "O"),)
    example = Example(segment("d", "22q11-deletion"), (Entity.at("X", 0, 5),), tags=tags)
    found = resegment(example, find_segmenter("raredis"))
    assert found.tags is None, "they are those of other tokens"
    assert words(found.document) == ["22q11-deletion"]
    assert found.entities == example.entities


def test_tags_are_not_kept_even_where_there_are_as_many_tokens() -> None:
    example = Example(segment("d", "No rash"), (), tags=(("O", "I-X"),))
    assert resegment(example, find_segmenter("raredis")).tags is None


def test_spacy_has_english_rules_and_a_sentencizer() -> None:
    pytest.importorskip("spacy")
    document = find_segmenter("spacy")("d", "He doesn't cough.\n\n No 5mg rash! ")
    assert words(document) == ["He", "does", "n't", "cough", ".", "No", "5", "mg", "rash", "!"]
    assert sentences(document) == ["He doesn't cough.", "No 5mg rash!"]


def test_a_spacy_model_that_is_not_there_is_an_error() -> None:
    pytest.importorskip("spacy")
    with pytest.raises(UsageError, match="cannot load 'en_nope'"):
        find_segmenter("spacy:en_nope")


def test_the_subwords_of_a_model_are_tokens() -> None:
    pytest.importorskip("transformers")
    try:
        segmenter = find_segmenter("model:all-minilm-l6-v2")
    except NerharnessError as error:
        pytest.skip(str(error))
    document = segmenter("d", "Hypohidrosis, 🙂 é.")
    assert "".join(words(document)).lower().startswith("hypohidrosis,")
    assert len(document.tokens) > 4
    assert all(token.strip() == token != "" for token in words(document))


def test_a_model_that_is_not_there_is_an_error() -> None:
    pytest.importorskip("transformers")
    with pytest.raises(NerharnessError, match="no-such-folder"):
        find_segmenter("model:./no-such-folder")
