"""The protocols on tokens, tags and words, on cases worked out by hand.

Tokens: 0 Renal, 1 failure, 2 and, 3 severe, 4 renal, 5 pain, 6 ".", 7 No, 8 fever, 9 "."
"""

from __future__ import annotations

import pytest
from scoring.kit import DOCUMENT, TOKENS, at, counts, pair

from nerharness.scoring.pair import Pair, TagRows
from nerharness.scoring.spans import document
from nerharness.scoring.tokens import (
    seqeval_default,
    seqeval_strict,
    tag_rows,
    token_bio,
    token_label,
)
from nerharness.segment import segment

FAILURE, PAIN = at("a", 0, 13), at("a", 18, 35)


def test_the_tokens_are_those_that_the_cases_count() -> None:
    assert len(DOCUMENT.tokens) == TOKENS
    assert DOCUMENT.sentence_tokens() == [(0, 7), (7, 10)]


ON_TOKENS = {
    # name: (gold, predicted, token-label, token-bio)
    "agreement": ([FAILURE], [FAILURE], {"a": (2, 0, 0)}, {"a": (2, 0, 0)}),
    # "renal pain" for "severe renal pain": "renal" is inside in gold, first in the prediction.
    "too short at the start": ([PAIN], [at("a", 25, 35)], {"a": (2, 0, 1)}, {"a": (1, 1, 2)}),
    # "severe renal" for it: what is left agrees in its place, too.
    "too short at the end": ([PAIN], [at("a", 18, 30)], {"a": (2, 0, 1)}, {"a": (2, 0, 1)}),
    "wrong label": (
        [FAILURE], [at("b", 0, 13)],
        {"a": (0, 0, 2), "b": (0, 2, 0)}, {"a": (0, 0, 2), "b": (0, 2, 0)},
    ),
    # Two entities side by side are told from one by where the second begins.
    "adjacent": (
        [at("a", 0, 5), at("a", 6, 13)], [FAILURE], {"a": (2, 0, 0)}, {"a": (1, 1, 1)},
    ),
    # An entity that cuts through tokens takes the whole of them.
    "cut tokens": ([at("a", 2, 8)], [FAILURE], {"a": (2, 0, 0)}, {"a": (2, 0, 0)}),
    # "Renal" under two labels: it bears both.
    "nested": (
        [FAILURE, at("b", 0, 5)], [FAILURE],
        {"a": (2, 0, 0), "b": (0, 0, 1)}, {"a": (2, 0, 0), "b": (0, 0, 1)},
    ),
    # "failure" is I in one entity and B in the other: two tags to find, one token.
    "nested, one label": (
        [FAILURE, at("a", 6, 13)], [FAILURE], {"a": (2, 0, 0)}, {"a": (2, 0, 1)},
    ),
    # "Renal … pain": the second fragment goes on with its entity.
    "discontinuous": (
        [at("a", 0, 5, 31, 35)], [at("a", 0, 5), at("a", 31, 35)],
        {"a": (2, 0, 0)}, {"a": (1, 1, 1)},
    ),
    # Two fragments in one token are one tag.
    "discontinuous inside a token": (
        [at("a", 6, 8, 10, 13)], [at("a", 6, 13)], {"a": (1, 0, 0)}, {"a": (1, 0, 0)},
    ),
    # "pain. No": sentences make no difference here.
    "across a sentence end": (
        [at("a", 31, 39)], [at("a", 31, 39)], {"a": (3, 0, 0)}, {"a": (3, 0, 0)},
    ),
    # A space alone is no token.
    "no token": ([at("a", 13, 14)], [], {}, {}),
    "nothing": ([], [], {}, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", ON_TOKENS)
def test_tokens_by_hand(name: str) -> None:
    gold, predicted, by_label, by_place = ON_TOKENS[name]
    assert token_label(pair(gold, predicted)) == counts(by_label)
    assert token_bio(pair(gold, predicted)) == counts(by_place)


ON_TAGS = {
    # name: (gold, predicted, seqeval-default, seqeval-strict)
    "agreement": ([FAILURE], [FAILURE], {"a": (1, 0, 0)}, {"a": (1, 0, 0)}),
    "too short": ([PAIN], [at("a", 25, 35)], {"a": (0, 1, 1)}, {"a": (0, 1, 1)}),
    "adjacent": (
        [at("a", 0, 5), at("a", 6, 13)], [at("a", 0, 5), at("a", 6, 13)],
        {"a": (2, 0, 0)}, {"a": (2, 0, 0)},
    ),
    # One tag per token: the longest is tagged, the other is on neither side.
    "nested": ([FAILURE, at("b", 0, 5)], [at("b", 0, 5), FAILURE],
               {"a": (1, 0, 0)}, {"a": (1, 0, 0)}),
    # Only the first fragment is tagged, so it is all there is to find.
    "discontinuous": ([at("a", 0, 5, 31, 35)], [at("a", 0, 5)], {"a": (1, 0, 0)}, {"a": (1, 0, 0)}),
    # "pain . | No": the second sentence begins with I, by default an entity of its own; strict
    # drops it on either side.
    "across a sentence end": (
        [at("a", 31, 39)], [at("a", 31, 39)], {"a": (2, 0, 0)}, {"a": (1, 0, 0)},
    ),
    "across a sentence end, half of it found": (
        [at("a", 31, 39)], [at("a", 31, 36)], {"a": (1, 0, 1)}, {"a": (1, 0, 0)},
    ),
    "nothing": ([], [], {}, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", ON_TAGS)
def test_tags_by_hand(name: str) -> None:
    gold, predicted, by_default, strictly = ON_TAGS[name]
    assert seqeval_default(pair(gold, predicted)) == counts(by_default)
    assert seqeval_strict(pair(gold, predicted)) == counts(strictly)


def test_tags_of_each_sentence() -> None:
    rows = tag_rows(pair([FAILURE, at("b", 31, 39)], []))
    assert rows.gold == [["B-a", "I-a", "O", "O", "O", "B-b", "I-b"], ["I-b", "O", "O"]]
    assert rows.predicted == [["O"] * 7, ["O"] * 3]


def test_tags_that_were_given_count_in_place_of_entities() -> None:
    # I-a without B before it: by default an entity, strictly none.
    given = TagRows([["B-a", "O", "B-a"]], [["B-a", "O", "I-a"]])
    one = Pair((FAILURE,), (), DOCUMENT, tags=given)
    assert seqeval_default(one) == counts({"a": (2, 0, 0)})
    assert seqeval_strict(one) == counts({"a": (1, 0, 1)})


@pytest.mark.parametrize("odd", ["DISEASE", "E-a", "b-a", "?", ""])
def test_a_tag_outside_the_scheme_is_o_under_seqeval_strict(odd: str) -> None:
    one = Pair((), (), DOCUMENT, tags=TagRows([["B-a", "I-a", "B-a"]], [["B-a", odd, "B-a"]]))
    assert seqeval_strict(one) == counts({"a": (1, 1, 1)})


WORDS = segment("w", "Fever, fever and\nhigh  fever; high\nfever.")
#                     0      7     13   17    23    30    35

ON_WORDS = {
    # The same words under one label count once, wherever they stand.
    "found elsewhere": ([at("a", 17, 28)], [at("a", 30, 40)], {"a": (1, 0, 0)}),
    "found twice": ([at("a", 17, 28)], [at("a", 17, 28), at("a", 30, 40)], {"a": (1, 0, 0)}),
    "missed once of two": ([at("a", 17, 28), at("a", 30, 40)], [at("a", 17, 28)],
                           {"a": (1, 0, 0)}),
    # Case is part of the words, white space is not.
    "other case": ([at("a", 0, 5)], [at("a", 7, 12)], {"a": (0, 1, 1)}),
    "other label": ([at("a", 0, 5)], [at("b", 0, 5)], {"a": (0, 0, 1), "b": (0, 1, 0)}),
    # "high … fever" with its fragments joined by a space is "high fever".
    "discontinuous": ([at("a", 17, 21, 23, 28)], [at("a", 30, 40)], {"a": (1, 0, 0)}),
    "nothing": ([], [], {}),
}  # fmt: skip


@pytest.mark.parametrize("name", ON_WORDS)
def test_words_by_hand(name: str) -> None:
    gold, predicted, expected = ON_WORDS[name]
    assert document(pair(gold, predicted, WORDS)) == counts(expected)
