"""Values refuse what they cannot mean."""

import pytest

from nerharness.types import Document, Entity, Example, Label, LabelSet, Span, Unit


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 3), (4, 2)])
def test_a_span_is_never_empty_or_negative(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="span needs"):
        Span(start, end)


def test_fragments_are_ordered_and_apart() -> None:
    with pytest.raises(ValueError, match="overlap or are unordered"):
        Entity("a", (Span(5, 9), Span(0, 3)))
    with pytest.raises(ValueError, match="overlap or are unordered"):
        Entity("a", (Span(0, 4), Span(3, 6)))


def test_an_entity_needs_label_and_fragment() -> None:
    with pytest.raises(ValueError, match="label"):
        Entity("", (Span(0, 1),))
    with pytest.raises(ValueError, match="fragment"):
        Entity("a", ())


def test_an_example_refuses_entities_outside_its_text() -> None:
    document = Document("d", "short", (), ())
    with pytest.raises(ValueError, match="outside the 5 characters"):
        Example(document, (Entity.at("a", 3, 6),))


def test_a_token_has_just_one_tag() -> None:
    document = Document("d", "a b", (Span(0, 1), Span(2, 3)), (Span(0, 3),))
    assert Example(document, (), tags=(("O", "O"),)) == Example(document, ())
    with pytest.raises(ValueError, match="'d': a token needs just one tag"):
        Example(document, (), tags=(("O",),))


def test_surface_joins_fragments() -> None:
    entity = Entity("sign", (Span(0, 6), Span(20, 27)))
    assert entity.surface("muscle weakness and wasting") == "muscle wasting"


@pytest.mark.parametrize(
    ("written", "meant"),
    [("rare disease", "rare_disease"), ("RareDisease", "rare_disease"), ("SIGN", "sign")],
)
def test_labels_are_recognised_as_models_write_them(written: str, meant: str) -> None:
    labels = LabelSet((Label("rare_disease"), Label("sign")))
    assert labels.resolve(written) == meant
    assert labels.resolve("disease") is None


def test_labels_that_only_differ_in_case_are_refused() -> None:
    with pytest.raises(ValueError, match="too alike"):
        LabelSet((Label("Sign"), Label("sign")))
    with pytest.raises(ValueError, match="twice"):
        LabelSet((Label("sign"), Label("sign")))


def test_a_whole_label_set_has_what_is_left_out_once_and_nothing_alike() -> None:
    labels = LabelSet((Label("sign"),), frozenset({"Sign", "other", "Other", "drug"}))
    first, *rest = labels.whole.names
    assert (first, sorted(rest)) == ("sign", ["Other", "drug"])


def test_a_units_tokens_are_in_its_own_offsets() -> None:
    document = Document("d", "ab cd. ef", (Span(0, 2), Span(3, 5), Span(5, 6), Span(7, 9)), ())
    unit = Unit(document, Span(3, 9))
    assert unit.text == "cd. ef"
    assert [unit.text[t.start : t.end] for t in unit.tokens] == ["cd", ".", "ef"]


def test_a_units_tokens_are_those_wholly_inside() -> None:
    tokens = (Span(0, 2), Span(3, 5), Span(5, 6), Span(8, 10))
    document = Document("d", "0123456789", tokens, ())
    spans = [Span(start, end) for start in range(10) for end in range(start + 1, 11)]
    for span in spans:
        inside = [token for token in tokens if span.covers(token)]
        found = [token.shift(span.start) for token in Unit(document, span).tokens]
        assert found == inside


def test_fragments_that_touch_are_joined_and_no_others() -> None:
    parts = (Span(0, 3), Span(3, 6), Span(7, 8), Span(8, 9))
    assert Entity("a", parts).joined() == Entity("a", (Span(0, 6), Span(7, 9)))
    apart = Entity("a", (Span(0, 3), Span(4, 6)))
    assert apart.joined() is apart
