"""Windows of tokens, and what was found in windows that overlap."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerharness.errors import UsageError
from nerharness.runs.units import merge, units
from nerharness.segment import segment
from nerharness.types import Entity, Example, Span, Unit

DOCUMENT = segment("d", "one two three four five six seven")


def texts(kind: str) -> list[str]:
    return [unit.text for unit in units(DOCUMENT, kind)]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("window:3", ["one two three", "four five six", "seven"]),
        ("window:3:1", ["one two three", "three four five", "five six seven"]),
        ("window:4:2", ["one two three four", "three four five six", "five six seven"]),
        ("window:7", ["one two three four five six seven"]),
        ("window:100:99", ["one two three four five six seven"]),
    ],
)
def test_windows_count_tokens_and_overlap(kind: str, expected: list[str]) -> None:
    assert texts(kind) == expected


@pytest.mark.parametrize(
    "kind", ["window", "window:0", "window:3:3", "window:-1", "window:3:", "window:x", "word", ""]
)
def test_what_is_no_unit_is_an_error(kind: str) -> None:
    with pytest.raises(UsageError, match="is no unit"):
        units(DOCUMENT, kind)


@given(st.integers(1, 12), st.integers(0, 11), st.text("ab .", max_size=60))
def test_windows_cover_every_token_and_end(size: int, overlap: int, text: str) -> None:
    document = segment("d", text)
    found = units(document, f"window:{size}:{min(overlap, size - 1)}")
    covered = {token for unit in found for token in document.tokens if unit.span.covers(token)}
    assert covered == set(document.tokens)
    assert all(len(unit.tokens) <= size for unit in found)


def found(*per_unit: list[tuple[int, int]]) -> list[list[Entity]]:
    return [[Entity.at("X", *bounds) for bounds in one] for one in per_unit]


def windows(*bounds: tuple[int, int]) -> list[Unit]:
    document = segment("d", "x" * 100)
    return [Unit(document, Span(*pair)) for pair in bounds]


def spans(merged: tuple[Entity, ...]) -> list[tuple[int, int]]:
    return [(entity.span.start, entity.span.end) for entity in merged]


def test_an_entity_that_several_windows_find_is_one() -> None:
    assert spans(merge(windows((0, 50), (30, 80)), found([(35, 40)], [(35, 40)]))) == [(35, 40)]


def test_of_overlapping_finds_the_one_farther_from_its_edge_stays() -> None:
    both = windows((0, 50), (30, 80))
    assert spans(merge(both, found([(45, 50)], [(45, 55)]))) == [(45, 55)]
    assert spans(merge(both, found([(28, 36)], [(30, 36)]))) == [(28, 36)]
    assert spans(merge(both, found([(33, 36)], [(31, 40)]))) == [(33, 36)]  # the shorter


def test_the_ends_of_the_document_are_no_edges() -> None:
    assert spans(merge(windows((0, 50), (1, 80)), found([(0, 6)], [(1, 9)]))) == [(0, 6)]


def test_overlapping_finds_of_one_window_or_of_two_labels_all_stay() -> None:
    both = windows((0, 50), (30, 80))
    assert spans(merge(both, found([(32, 40), (35, 40)], []))) == [(32, 40), (35, 40)]
    others = [[Entity.at("X", 32, 40)], [Entity.at("Y", 33, 40)]]
    assert len(merge(both, others)) == 2


def test_what_lies_in_the_gap_of_a_find_does_not_overlap_it() -> None:
    both = windows((0, 50), (30, 80))
    parted = Entity("X", (Span(31, 35), Span(40, 44)))
    assert len(merge(both, [[parted], [Entity.at("X", 36, 39)]])) == 2
    assert len(merge(both, [[parted], [Entity.at("X", 39, 41)]])) == 1


def test_entities_of_units_that_do_not_overlap_are_all_there_in_order() -> None:
    example = Example(DOCUMENT, (Entity.at("X", 4, 7), Entity.at("X", 14, 18)))
    parts = units(DOCUMENT, "window:3")
    inside = [[e for e in example.entities if unit.span.covers(e.span)] for unit in parts]
    assert merge(parts, inside) == example.entities
