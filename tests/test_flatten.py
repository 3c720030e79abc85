"""From nested and discontinuous entities to flat ones: the stated rule."""

from hypothesis import given
from hypothesis import strategies as st

from nerharness.flatten import flat_token_spans, flatten
from nerharness.segment import tokenize
from nerharness.types import Entity, Span


def test_the_longest_of_overlapping_entities_wins() -> None:
    inner, outer = Entity.at("disease", 9, 27), Entity.at("rare", 0, 27)
    flat = flatten([inner, outer])
    assert flat.spans == (("rare", Span(0, 27)),)
    assert (flat.cut, flat.dropped) == (0, 1)


def test_at_equal_length_the_first_then_the_label_that_sorts_first_wins() -> None:
    assert flatten([Entity.at("a", 2, 6), Entity.at("b", 0, 4)]).spans == (("b", Span(0, 4)),)
    assert flatten([Entity.at("b", 0, 4), Entity.at("a", 0, 4)]).spans == (("a", Span(0, 4)),)


def test_a_discontinuous_entity_is_cut_to_its_first_fragment() -> None:
    flat = flatten([Entity("sign", (Span(0, 6), Span(20, 27))), Entity.at("sign", 16, 27)])
    assert flat.spans == (("sign", Span(0, 6)), ("sign", Span(16, 27)))
    assert (flat.cut, flat.dropped) == (1, 0)


def test_an_entity_that_cuts_through_a_token_takes_the_whole_token() -> None:
    text = "hyperglycaemia of pregnancy"
    assert flat_token_spans([Entity.at("sign", 5, 17)], tokenize(text)) == [("sign", 0, 2)]


def test_two_entities_in_one_token_do_not_share_it() -> None:
    text = "headache fever"
    entities = [Entity.at("a", 0, 4), Entity.at("b", 4, 14)]
    assert flat_token_spans(entities, tokenize(text)) == [("a", 0, 1), ("b", 1, 2)]


spans = st.tuples(st.integers(0, 30), st.integers(1, 9)).map(lambda p: Span(p[0], p[0] + p[1]))
entities = st.builds(lambda label, span: Entity(label, (span,)), st.sampled_from("ab"), spans)


@given(st.lists(entities, max_size=8))
def test_flat_spans_never_overlap_and_everything_is_accounted_for(given: list[Entity]) -> None:
    flat = flatten(given)
    kept = [span for _, span in flat.spans]
    assert all(a.end <= b.start for a, b in zip(kept, kept[1:], strict=False))
    assert len(kept) + flat.dropped == len(given)
