"""The confidence of a mention: the probability of the tokens that spell it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerharness.strategies.confidence import weighed
from nerharness.types import Mention, Reading, Span, Token


def tokens(*pairs: tuple[str, float]) -> list[Token]:
    return [Token(text, math.log(chance)) for text, chance in pairs]


ANSWER = tokens(('[{"', 0.9), ("fe", 0.5), ("ver", 0.8), ('", "', 0.7), ("gout", 0.25), ('"}]', 1))


def confidences(*mentions: Mention) -> list[float | None]:
    reading = weighed(Reading(mentions, "repaired", {"cut": 1}), ANSWER)
    assert (reading.status, reading.problems) == ("repaired", {"cut": 1})
    assert [mention.text for mention in reading.mentions] == [mention.text for mention in mentions]
    return [mention.confidence for mention in reading.mentions]


def test_it_is_the_product_of_the_tokens_that_spell_it_and_no_others() -> None:
    fever = Mention("fever", "sign", source=Span(3, 8))
    gout = Mention("gout", "disease", source=Span(12, 16))
    assert confidences(fever, gout) == pytest.approx([0.4, 0.25])


def test_a_token_that_lies_in_it_in_part_counts() -> None:
    assert confidences(Mention("eve", "x", source=Span(4, 7))) == pytest.approx([0.4])
    assert confidences(Mention('"fever"', "x", source=Span(2, 9))) == pytest.approx([0.252])


def test_a_mention_without_a_place_in_the_answer_has_none() -> None:
    assert confidences(Mention("gout", "x"), Mention("fever", "x", source=Span(3, 8))) == [
        None,
        pytest.approx(0.4),
    ]


def test_it_never_underflows_to_an_error() -> None:
    long = [Token("a", -50.0)] * 100
    (mention,) = weighed(Reading((Mention("a", "x", source=Span(0, 100)),)), long).mentions
    assert mention.confidence == 0.0


def test_what_is_certain_is_no_surer_than_that() -> None:
    rounded = [Token("a", 1e-7), Token("b", 0.0)]
    (mention,) = weighed(Reading((Mention("ab", "x", source=Span(0, 2)),)), rounded).mentions
    assert mention.confidence == 1.0


@given(st.lists(st.tuples(st.text("ab", min_size=1, max_size=4), st.floats(-5, 0)), min_size=1),
       st.data())  # fmt: skip
def test_it_is_what_counting_letter_by_letter_gives(
    pairs: list[tuple[str, float]], data: st.DataObject
) -> None:
    size = sum(len(text) for text, _ in pairs)
    start = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(start + 1, size))
    owner = [place for place, (text, _) in enumerate(pairs) for _ in text]
    expected = math.exp(sum(pairs[place][1] for place in set(owner[start:end])))
    mention = Mention("x", "x", source=Span(start, end))
    (found,) = weighed(Reading((mention,)), [Token(*pair) for pair in pairs]).mentions
    assert found.confidence == pytest.approx(expected)
