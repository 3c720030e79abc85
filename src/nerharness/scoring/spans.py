"""Protocols that compare entities by where they stand.

An entity is its label and all its fragments: nested and discontinuous entities count as what they
are. The same entity given twice counts once.
"""

from __future__ import annotations

from nerharness.scoring.counting import LabelCounts, count_matches, count_sets
from nerharness.scoring.matching import Credit, match
from nerharness.scoring.pair import Pair
from nerharness.types import Entity


def strict(pair: Pair) -> LabelCounts:
    """Count an entity as found when label and every fragment agree."""
    return count_sets(set(pair.gold), set(pair.predicted), lambda entity: entity.label)


def exact(pair: Pair) -> LabelCounts:
    """Count an entity as found when every fragment agrees, whatever the label."""
    return _by(pair, lambda one: one.place)


def partial(pair: Pair) -> LabelCounts:
    """Give a whole credit where every fragment agrees, and half of one where two overlap.

    Labels are not looked at: MUC-5's partial credit (Chinchor and Sundheim 1993), as SemEval-2013
    task 9 has it.
    """
    return _by(pair, lambda one: 0.5 + 0.5 * one.place)


def partial_chars(pair: Pair) -> LabelCounts:
    """Give the F1 of the characters of two entities that overlap as credit, whatever the label."""
    return _by(pair, lambda one: one.dice)


def type_(pair: Pair) -> LabelCounts:
    """Count an entity as found when one of its label overlaps it (SemEval-2013's "type")."""
    return _by(pair, lambda one: one.label)


def document(pair: Pair) -> LabelCounts:
    """Compare the sets of the entities' words per label, wherever they stand.

    Words are taken as written, but for white space, a run of which is one space.
    """
    return count_sets(_strings(pair, pair.gold), _strings(pair, pair.predicted), lambda one: one[0])


def _by(pair: Pair, credit: Credit) -> LabelCounts:
    return count_matches(pair.gold, pair.predicted, match(pair.gold, pair.predicted, credit))


def _strings(pair: Pair, entities: tuple[Entity, ...]) -> set[tuple[str, str]]:
    text = pair.document.text if pair.document else ""
    return {(entity.label, " ".join(entity.surface(text).split())) for entity in entities}
