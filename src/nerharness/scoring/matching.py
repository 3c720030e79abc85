"""The one-to-one matching of gold and predicted entities that is worth most.

Only entities that share a character can be matched. Which are matched depends on the two sets
alone, never on the order in which they are given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from nerharness.pairing import assign
from nerharness.types import Entity

Credit = Callable[[Entity, Entity], float]
"""What a pair of a gold and a predicted entity is worth, in [0, 1]; 0: not to be matched."""

_CREDITS = 1 << 20
_LIKENESSES = 1 << 16
"""Credits, and what decides between equals, are weighed as whole numbers of such parts."""


class Match(NamedTuple):
    """A matched pair and its credit."""

    gold: Entity
    predicted: Entity
    credit: float


def match(gold: Iterable[Entity], predicted: Iterable[Entity], credit: Credit) -> list[Match]:
    """Match one to one, so that the credits add up to as much as they can.

    Among equals the matching with more pairs of one label stays, then the one whose pairs are more
    alike by `dice`, all pairs together.
    """
    golden, given = sorted(set(gold)), sorted(set(predicted))
    found: list[Match] = []
    for rows, columns in _groups(golden, given):
        ones, others = [golden[row] for row in rows], [given[column] for column in columns]
        single = len(rows) == len(columns) == 1
        for one, other in zip(ones, others, strict=True) if single else _best(ones, others, credit):
            if (worth := credit(one, other)) > 0:
                found.append(Match(one, other, worth))
    return found


def shared(one: Entity, other: Entity) -> int:
    """Return the number of characters that both entities cover."""
    return sum(
        max(0, min(a.end, b.end) - max(a.start, b.start))
        for a in one.fragments
        for b in other.fragments
    )


def size(entity: Entity) -> int:
    """Return the number of characters that an entity covers."""
    return sum(map(len, entity.fragments))


def dice(one: Entity, other: Entity) -> float:
    """Return the F1 of one entity's characters against the other's (Dice 1945), in [0, 1]."""
    return 2 * shared(one, other) / (size(one) + size(other))


def _best(
    gold: Sequence[Entity], predicted: Sequence[Entity], credit: Credit
) -> Iterator[tuple[Entity, Entity]]:
    most = min(len(gold), len(predicted))
    weights = [[_weight(one, other, credit, most) for other in predicted] for one in gold]
    for one, column in zip(gold, assign(weights), strict=True):
        if column is not None:
            yield one, predicted[column]


def _weight(one: Entity, other: Entity, credit: Credit, most: int) -> int:
    """Return the weight of a pair: no number of `most` likenesses outweighs a label in common.

    Nor do those and `most` labels outweigh a part of a credit.
    """
    worth = credit(one, other) if shared(one, other) else 0
    if worth <= 0:
        return 0
    alike = round(dice(one, other) * _LIKENESSES)
    same = (one.label == other.label) * (most + 1) * _LIKENESSES
    return max(1, round(worth * _CREDITS)) * (most + 1) ** 2 * _LIKENESSES + same + alike


def _groups(gold: list[Entity], predicted: list[Entity]) -> Iterator[tuple[list[int], list[int]]]:
    """Yield the indexes of entities that hang together by overlaps, where both sides have any."""
    homes: dict[tuple[bool, int], set[tuple[bool, int]]] = {}
    for row, column in _overlaps(gold, predicted):
        one, other = (False, row), (True, column)
        first, second = homes.setdefault(one, {one}), homes.setdefault(other, {other})
        if first is not second:
            first |= second
            for member in second:
                homes[member] = first
    seen: set[int] = set()
    for group in homes.values():
        if id(group) not in seen:
            seen.add(id(group))
            yield (
                sorted(index for side, index in group if not side),
                sorted(index for side, index in group if side),
            )


def _overlaps(gold: list[Entity], predicted: list[Entity]) -> Iterator[tuple[int, int]]:
    """Yield the indexes of a gold and a predicted entity for each two that share a character."""
    sides = (gold, predicted)
    order = sorted(
        (entity.span.start, side, index)
        for side, entities in enumerate(sides)
        for index, entity in enumerate(entities)
    )
    open_ones: tuple[list[int], list[int]] = ([], [])
    for start, side, index in order:
        rivals = open_ones[1 - side]
        rivals[:] = [one for one in rivals if sides[1 - side][one].span.end > start]
        for other in rivals:
            if shared(sides[side][index], sides[1 - side][other]):
                yield (index, other) if side == 0 else (other, index)
        open_ones[side].append(index)
