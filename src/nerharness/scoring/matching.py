"""The one-to-one matching of gold and predicted entities that is worth most.

Only entities that share a character can be matched. Which are matched depends on the two sets
alone, never on the order in which they are given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from nerharness.pairing import assign
from nerharness.scoring.graph import Edges, heaviest
from nerharness.scoring.overlap import clusters, overlaps, shared, size
from nerharness.types import Entity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Numbers: TypeAlias = "float | NDArray[np.float64]"
"""A number, or one for each of many pairs."""


class Likeness(NamedTuple):
    """What entities that share characters have in common: of a pair, or, as arrays, of many."""

    place: Numbers
    """1 if all fragments agree, otherwise 0."""
    label: Numbers
    """1 if the labels agree, otherwise 0."""
    dice: Numbers
    """The F1 of one entity's characters against the other's (Dice 1945)."""


Credit = Callable[[Likeness], Numbers]
"""What a pair of a gold and a predicted entity is worth, in [0, 1]; 0: not to be matched."""

_CREDITS = 1 << 20
_LIKENESSES = 1 << 16
"""Credits, and what decides between equals, are weighed as whole numbers of such parts."""
_FEW = 100
"""Pairs that are compared one by one: so few are faster so."""
_MOST = 1 << 61
"""No weight is much more, so that sums of three stay far from overflow."""


class Match(NamedTuple):
    """A matched pair and its credit."""

    gold: Entity
    predicted: Entity
    credit: float


def match(gold: Iterable[Entity], predicted: Iterable[Entity], credit: Credit) -> list[Match]:
    """Match one to one, so that the credits add up to as much as they can.

    Among equals the matching with more pairs of one label stays, then the one whose pairs are more
    alike by their characters, all pairs together.
    """
    golden, given = sorted(set(gold)), sorted(set(predicted))
    found: list[Match] = []
    for rows, columns in clusters(golden, given):
        ones, others = [golden[row] for row in rows], [given[column] for column in columns]
        few = len(rows) * len(columns) <= _FEW
        for row, column in (_of_few if few else _of_many)(ones, others, credit):
            one, other = ones[row], others[column]
            if (alike := _likeness(one, other)) and (worth := float(credit(alike))) > 0:
                found.append(Match(one, other, worth))
    return found


def _likeness(one: Entity, other: Entity) -> Likeness | None:
    """Return what two entities have in common, `None` without a character."""
    if not (common := shared(one, other)):
        return None
    place, label = one.fragments == other.fragments, one.label == other.label
    return Likeness(float(place), float(label), 2 * common / (size(one) + size(other)))


def _of_few(
    gold: Sequence[Entity], predicted: Sequence[Entity], credit: Credit
) -> Iterator[tuple[int, int]]:
    """Yield the places of the pairs that are worth most together, all pairs being looked at."""
    if len(gold) == len(predicted) == 1:
        yield 0, 0
        return
    most = min(len(gold), len(predicted))
    table = [[_weight(_likeness(one, other), credit, most) for other in predicted] for one in gold]
    for row, column in enumerate(assign(table)):
        if column is not None:
            yield row, column


def _weight(alike: Likeness | None, credit: Credit, most: int) -> int:
    if alike is None or (worth := float(credit(alike))) <= 0:
        return 0
    whole, label, likeness = _units(most)
    least = max(1, round(worth * _CREDITS)) * whole
    return least + round(float(alike.label)) * label + round(float(alike.dice) * likeness)


def _units(most: int) -> tuple[int, int, int]:
    """Return what a part of a credit, a label in common and a whole likeness weigh.

    No number of `most` likenesses outweighs a label, nor do those and `most` labels outweigh a part
    of a credit.
    """
    likeness = min(_LIKENESSES, max(1, _MOST // (_CREDITS * (most + 1) ** 2)))
    return (most + 1) ** 2 * likeness, (most + 1) * likeness, likeness


def _of_many(
    gold: Sequence[Entity], predicted: Sequence[Entity], credit: Credit
) -> Iterator[tuple[int, int]]:
    """Yield what `_of_few` does; only pairs that overlap are looked at, many at once."""
    import numpy as np

    rows, columns, characters = overlaps(gold, predicted)
    (sizes, labels), (others, names) = _features(gold, predicted)
    place = (sizes[rows] == characters) & (others[columns] == characters)
    same = labels[rows] == names[columns]
    dice = 2 * characters / (sizes[rows] + others[columns])
    alike = Likeness(place.astype(np.float64), same.astype(np.float64), dice)
    worth = np.broadcast_to(credit(alike), dice.shape)
    whole, label, likeness = _units(min(len(gold), len(predicted)))
    weights = np.maximum(1, np.rint(worth * _CREDITS)).astype(np.int64) * whole
    weights += same * label + np.rint(dice * likeness).astype(np.int64)
    wanted = worth > 0
    return heaviest(Edges(rows[wanted], columns[wanted], weights[wanted]))


def _features(*sides: Sequence[Entity]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield the size of each entity and a number for its label, of each side."""
    import numpy as np

    numbers: dict[str, int] = {}
    for side in sides:
        labels = [numbers.setdefault(entity.label, len(numbers)) for entity in side]
        yield np.array([size(entity) for entity in side]), np.array(labels)
