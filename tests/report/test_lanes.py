"""Lanes: entities that share characters run side by side, and every character has its lines."""

from __future__ import annotations

import random

import pytest
from report.kit import entity

from nerharness.report.lanes import draw
from nerharness.types import Entity


def covered(
    size: int, gold: list[Entity], predicted: list[Entity]
) -> dict[int, set[tuple[str, Entity]]]:
    """Return which entities have a line at each character, and check that lanes hold one each."""
    found: dict[int, set[tuple[str, Entity]]] = {}
    at = 0
    for piece in draw(size, gold, predicted).pieces:
        assert piece.start == at
        bars = [*piece.covered, *piece.bridged]
        lanes = [(bar.side, bar.lane) for bar in bars]
        assert len(lanes) == len(set(lanes))
        assert (piece.start == piece.end) == bool(piece.ending)
        for place in range(piece.start, piece.end):
            found[place] = {(bar.side, bar.entity) for bar in piece.covered}
            for bar in piece.bridged:
                assert bar.entity.span.start < place < bar.entity.span.end
        at = piece.end
    assert at == size
    return found


def expected(
    size: int, gold: list[Entity], predicted: list[Entity]
) -> dict[int, set[tuple[str, Entity]]]:
    sides = [("gold", gold), ("predicted", predicted)]
    return {
        place: {
            (side, one)
            for side, entities in sides
            for one in entities
            if any(part.start <= place < part.end for part in one.fragments)
        }
        for place in range(size)
    }


@pytest.mark.parametrize(
    ("gold", "lanes"),
    [
        ([], 0),
        ([entity("a", 0, 3), entity("a", 3, 6)], 1),
        ([entity("a", 3, 5), entity("a", 0, 3), entity("a", 5, 9)], 1),
        ([entity("a", 0, 6), entity("a", 2, 4)], 2),
        ([entity("a", 0, 4), entity("b", 0, 4)], 2),
        ([entity("a", 0, 4), entity("a", 3, 8), entity("a", 7, 10)], 2),
        ([entity("a", 0, 2, 6, 8), entity("b", 3, 5)], 2),
        ([entity("a", 0, 3), entity("a", 0, 3)], 1),
    ],
)
def test_as_many_lanes_as_lie_over_each_other(gold: list[Entity], lanes: int) -> None:
    assert draw(10, gold, []).lanes == draw(10, [], gold).lanes == lanes


def test_an_entity_inside_another_is_next_to_the_text() -> None:
    outer, inner = entity("a", 0, 9), entity("b", 3, 5)
    lanes = {
        bar.entity: bar.lane
        for piece in draw(9, [outer, inner], []).pieces
        for bar in piece.covered
    }
    assert lanes == {inner: 0, outer: 1}


def test_every_character_has_the_lines_of_what_covers_it() -> None:
    chance = random.Random(3)
    for _ in range(300):
        size = chance.randrange(1, 25)

        def some(size: int = size) -> list[Entity]:
            made = []
            for _ in range(chance.randrange(6)):
                cuts = sorted(
                    chance.sample(range(size + 1), min(size + 1, 2 * chance.choice((1, 1, 2))))
                )
                if len(cuts) % 2 == 0 and cuts:
                    made.append(entity(chance.choice("ab"), *cuts))
            return made

        gold, predicted = some(), some()
        assert covered(size, gold, predicted) == expected(size, gold, predicted)


def test_each_entity_ends_once_where_its_last_fragment_does() -> None:
    gold = [entity("a", 0, 2, 4, 6), entity("b", 1, 6), entity("c", 6, 8)]
    ends = [
        (piece.start, bar.entity.label)
        for piece in draw(8, gold, []).pieces
        for bar in piece.ending
    ]
    assert sorted(ends) == [(6, "a"), (6, "b"), (8, "c")]
