"""Which entities lie whole in no unit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nerharness.runs.units import units
from nerharness.scoring.cuts import Cuts, cut_by
from nerharness.segment import segment
from nerharness.types import Entity, Span

ENTITIES = [Entity.at("X", start, end) for start in range(20) for end in range(start + 1, 21)]


@given(
    st.text("ab. ", min_size=20, max_size=20),
    st.sampled_from(["sentence", "document", "window:1", "window:3:1", "window:4:3"]),
)
def test_what_is_cut_is_what_no_unit_covers(text: str, kind: str) -> None:
    found = [one.span for one in units(segment("d", text), kind)]
    expected = [e for e in ENTITIES if not any(unit.covers(e.span) for unit in found)]
    assert cut_by(found, ENTITIES) == (expected if found else [])


def test_a_discontinuous_entity_is_cut_where_its_parts_lie_in_two_units() -> None:
    parts = Entity("X", (Span(0, 2), Span(8, 9)))
    assert cut_by([Span(0, 5), Span(6, 9)], [parts]) == [parts]
    assert cut_by([Span(0, 9)], [parts]) == []


def test_what_is_read_whole_is_not_cut_and_nothing_bounds_the_recall_of_nothing() -> None:
    assert Cuts.of([(ENTITIES, ())]) == (len(ENTITIES), 0)
    assert Cuts.of([]).recall == 1


def test_recall_is_at_most_the_share_that_is_left() -> None:
    some = [Entity.at("X", start, start + 4) for start in (0, 2, 5, 6)]
    counted = Cuts.of([(some, [Span(0, 4), Span(5, 10)])])
    assert counted.to_json() == {"gold": 4, "cut": 1, "recall": 0.75}
