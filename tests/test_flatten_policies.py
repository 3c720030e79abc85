"""Flattening policies: case tables, and the token-painting of `first-fragment` by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerharness.errors import UsageError
from nerharness.flatten import Policy, flat_token_spans, flatten, flatten_to_tokens
from nerharness.segment import tokenize
from nerharness.types import Entity, Span

OUTER, INNER, CROSSING = Entity.at("A", 0, 10), Entity.at("B", 2, 6), Entity.at("C", 8, 20)


@pytest.mark.parametrize(
    ("policy", "kept", "nested", "crossing"),
    [
        ("longest", ["C", "B"], 0, 1),
        ("outermost", ["A"], 1, 1),
        ("priority:B", ["B", "C"], 1, 0),
        ("priority:A,B", ["A"], 1, 1),
        ("priority:C,B", ["C", "B"], 1, 0),
    ],
)
def test_each_policy_keeps_what_it_says(
    policy: str, kept: list[str], nested: int, crossing: int
) -> None:
    flat = flatten([OUTER, INNER, CROSSING], Policy.parse(policy))
    assert sorted(label for label, _ in flat.spans) == sorted(kept)
    assert flat.dropped == 3 - len(kept)
    assert (flat.nested, flat.crossing) == (nested, crossing)


def test_outermost_drops_what_lies_inside_an_entity_that_is_dropped_itself() -> None:
    chain = [Entity.at("A", 0, 4), Entity.at("B", 3, 12), Entity.at("C", 5, 8)]
    flat = flatten(chain, Policy("outermost"))
    assert flat.spans == (("A", Span(0, 4)),)
    assert (flat.nested, flat.crossing) == (1, 1)


TEXT = "severe muscle pain and weakness"
TOKENS = tokenize(TEXT)


def test_first_fragment_paints_labels_in_the_order_of_their_first_entity() -> None:
    entities = [Entity.at("SIGN", 0, 18), Entity.at("PART", 7, 13)]
    assert flat_token_spans(entities, TOKENS, Policy("first-fragment")) == [
        ("SIGN", 0, 1),
        ("PART", 1, 2),
        ("SIGN", 2, 3),
    ]
    turned = list(reversed(entities))
    assert flat_token_spans(turned, TOKENS, Policy("first-fragment")) == [("SIGN", 0, 3)]


def test_first_fragment_cuts_and_counts() -> None:
    entities = [Entity("SIGN", (Span(7, 13), Span(23, 31))), Entity.at("SIGN", 7, 18)]
    found = flatten_to_tokens(entities, TOKENS, Policy("first-fragment"))
    assert found.spans == [("SIGN", 1, 3)]
    assert found.flat.cut == 1


@pytest.mark.parametrize("text", ["", "shortest", "priority", "priority:", "longest:A", "Longest"])
def test_what_is_no_policy_is_an_error(text: str) -> None:
    with pytest.raises(UsageError, match="is no policy"):
        Policy.parse(text)


spans = st.tuples(st.integers(0, 30), st.integers(1, 9)).map(lambda p: Span(p[0], p[0] + p[1]))
entities = st.builds(lambda label, span: Entity(label, (span,)), st.sampled_from("ab"), spans)


@given(
    st.lists(entities, max_size=8),
    st.sampled_from(["longest", "outermost", "priority:b", "first-fragment"]),
)
def test_flat_spans_never_overlap_and_all_is_accounted_for(
    given: list[Entity], policy: str
) -> None:
    tokens = tokenize("ab cd efg h ijkl mno pq rstu vw xyz ab cd")
    found = flatten_to_tokens(given, tokens, Policy.parse(policy))
    assert all(a[2] <= b[1] for a, b in zip(found.spans, found.spans[1:], strict=False))
    if policy != "first-fragment":
        assert len(found.spans) + found.flat.dropped + found.outside == len(given)
