"""What a run knows of a document, without some of it."""

from __future__ import annotations

from nerharness.runs.record import Record
from nerharness.scoring.pair import Frequencies
from nerharness.segment import segment
from nerharness.types import Entity, Example

GOLD = (Entity.at("sign", 0, 5),)
PREDICTED = (Entity.at("sign", 0, 5), Entity.at("denied", 7, 11), Entity.at("sign", 7, 11))
EXAMPLE = Example(segment("d", "Fever. Rash."), GOLD)


def test_what_is_left_out_takes_what_is_known_of_it_along() -> None:
    known = Frequencies((1,), (1, 2, 3))
    record = Record.of(EXAMPLE, PREDICTED, confidences=(0.9, None, 0.7), frequencies=known)
    bare = record.without({"denied"})
    assert bare.entities == PREDICTED[::2]
    assert bare.confidences == (0.9, 0.7)
    assert bare.frequencies == Frequencies((1,), (1, 3))
    assert (bare.gold, bare.text) == (record.gold, record.text)


def test_what_is_not_known_stays_so() -> None:
    bare = Record.of(EXAMPLE, PREDICTED).without({"denied"})
    assert (bare.entities, bare.confidences, bare.frequencies) == (PREDICTED[::2], (), None)
