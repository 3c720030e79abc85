"""Phrases: where they begin and end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerharness.phrases import function_words, phrases
from nerharness.segment import segment


def found(text: str) -> list[str]:
    spans = phrases(text, segment("d", text).tokens)
    return [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The risk of ovarian cancer was low.", ["risk", "ovarian cancer", "low"]),
        ("Gout, rash (fever); pain", ["Gout", "rash", "fever", "pain"]),
        ("In 12 of the 30 cases", ["cases"]),
        ("von Hippel-Lindau disease", ["von Hippel-Lindau disease"]),
        ("- rash - and -", ["rash"]),
        ("IT and The AND oF", []),
        ("", []),
        ("? ! …", []),
        ("Maladie de Gaucher, fièvre", ["Maladie de Gaucher", "fièvre"]),
    ],
)
def test_phrases_stand_between_function_words_and_punctuation(
    text: str, expected: list[str]
) -> None:
    assert found(text) == expected


@given(st.text(alphabet="ab1 -.,'théof\U0001f600", max_size=40))
def test_phrases_are_runs_of_whole_tokens_in_text_order(text: str) -> None:
    tokens = segment("d", text).tokens
    spans = list(phrases(text, tokens))
    assert all(a.end <= b.start for a, b in zip(spans, spans[1:], strict=False))
    for span in spans:
        inside = [text[token.start : token.end] for token in tokens if span.covers(token)]
        assert span.start in {token.start for token in tokens}
        assert span.end in {token.end for token in tokens}
        assert not function_words() & {word.casefold() for word in inside}


def test_function_words_are_small_and_stand_once() -> None:
    assert all(word == word.casefold() and word.isalpha() for word in function_words())
    assert {"the", "of", "is", "not"} <= function_words()
