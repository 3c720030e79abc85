"""Documents with thousands of entities: many pairs at once give what all pairs one by one do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoring.kit import at, entities, entity, pair

from nerharness.pairing import assign
from nerharness.scoring import matching, strata
from nerharness.scoring.errors import faults
from nerharness.scoring.graph import Edges, heaviest
from nerharness.scoring.matching import Credit, match
from nerharness.scoring.overlap import clusters, dice, overlaps, shared, size
from nerharness.scoring.spans import exact, partial, partial_chars, type_
from nerharness.scoring.strata import stratify
from nerharness.types import Entity

CREDITS: dict[str, Credit] = {
    "exact": lambda one: one.place,
    "half": lambda one: 0.5 + 0.5 * one.place,
    "typed": lambda one: one.label,
    "dice": lambda one: one.dice,
    "any": lambda _: 1.0,
}

crowds = st.lists(entity, max_size=14)


def worth(gold: list[Entity], predicted: list[Entity], credit: Credit) -> tuple[float, ...]:
    """Return the credits, labels in common, and likenesses of a matching."""
    found = match(gold, predicted, credit)
    labels = sum(one.gold.label == one.predicted.label for one in found)
    alike = sum(dice(one.gold, one.predicted) for one in found)
    return sum(one.credit for one in found), labels, alike


@pytest.mark.parametrize("credit", CREDITS.values(), ids=CREDITS)
@given(gold=crowds, predicted=crowds)
def test_many_at_once_are_matched_as_well_as_few(
    credit: Credit, gold: list[Entity], predicted: list[Entity]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "_FEW", 0)
        many = worth(gold, predicted, credit)
        patch.setattr(matching, "_FEW", 10_000)
        few = worth(gold, predicted, credit)
    assert many == pytest.approx(few, abs=1e-3)


tables = st.lists(st.lists(st.integers(0, 5), min_size=7, max_size=7), min_size=1, max_size=7)
# Weights that are few make many ties; weights in powers of two make edges that outweigh two others.
uneven = tables.map(lambda rows: [[4**one if one else 0 for one in row] for row in rows])


@given(tables | uneven)
def test_the_heaviest_matching_of_edges_is_that_of_the_table(table: list[list[int]]) -> None:
    rows, columns = np.nonzero(table)
    edges = Edges(rows, columns, np.array(table, dtype=np.int64)[rows, columns])
    found = list(heaviest(edges))
    assert len({row for row, _ in found}) == len({column for _, column in found}) == len(found)
    assert all(table[row][column] for row, column in found)
    best = assign(table)
    most = sum(table[row][column] for row, column in enumerate(best) if column is not None)
    assert sum(table[row][column] for row, column in found) == most


@given(entities, entities)
def test_overlaps_are_all_pairs_that_share_characters(
    first: list[Entity], second: list[Entity]
) -> None:
    rows, columns, characters = (one.tolist() for one in overlaps(first, second))
    found = {(row, column): n for row, column, n in zip(rows, columns, characters, strict=True)}
    assert len(found) == len(rows)
    expected = {
        (row, column): shared(one, other)
        for row, one in enumerate(first)
        for column, other in enumerate(second)
        if shared(one, other)
    }
    assert found == expected
    home = {(side, place): n for n, some in enumerate(clusters(first, second))
            for side, places in enumerate(some) for place in places}  # fmt: skip
    assert all(home[0, row] == home[1, column] for row, column in expected)


@given(st.lists(entity, max_size=12))
def test_what_an_entity_is_to_others_is_what_it_is_to_each(gold: list[Entity]) -> None:
    ranks = ("inside another", "around another", "crossing another", "flat")

    def kind(one: Entity) -> str:
        found = {3}
        for other in set(gold) - {one}:
            if common := shared(one, other):
                found.add(0 if common == size(one) else 1 if common == size(other) else 2)
        return "discontinuous" if len(one.fragments) > 1 else ranks[min(found)]

    kinds = [kind(one) for one in set(gold)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strata, "_AT_ONCE", 2)
        rows = stratify([pair(gold, gold)]).get("nesting", {})
    assert {name: row.tp for name, row in rows.items()} == {
        name: kinds.count(name) for name in {*kinds}
    }


WORDS = 10_000
SMALL = [at("a", 3 * place, 3 * place + 2) for place in range(WORDS)]
WHOLE = at("a", 0, 3 * WORDS)


def test_one_entity_over_ten_thousand() -> None:
    for gold, predicted in (([WHOLE], SMALL), (SMALL, [WHOLE])):
        one = pair(gold, predicted, None)
        assert exact(one)["a"].tp == 0
        assert type_(one)["a"].tp == 1
        assert partial(one)["a"].tp == 0.5
        assert partial_chars(one)["a"].tp == pytest.approx(4 / (3 * WORDS + 2))
    causes = [one.cause for one in faults(pair([WHOLE], SMALL, None))]
    assert causes.count("shorter") == 1
    assert causes.count("duplicate") == WORDS - 1


def test_ten_thousand_right_ones_under_one_that_is_spurious() -> None:
    for one in (pair(SMALL, [*SMALL, WHOLE], None), pair([*SMALL, WHOLE], SMALL, None)):
        for protocol in (exact, partial, partial_chars, type_):
            assert protocol(one)["a"].tp == pytest.approx(WORDS)
            assert protocol(one)["a"].fp + protocol(one)["a"].fn == pytest.approx(1)


def test_ten_thousand_that_are_the_same() -> None:
    one = pair([at("a", 0, 2)], [at("a", 0, 2)] * WORDS, None)
    assert partial(one)["a"].tp == 1
    assert stratify([one])["nesting"]["flat"].tp == 1
    many = [at(f"label {place}", 0, 2) for place in range(WORDS)]
    found = partial(pair([many[7]], many, None))
    assert found["label 7"].tp == 1
    assert sum(counts.fp for counts in found.values()) == WORDS - 1


def test_hundreds_that_all_overlap() -> None:
    gold = [at("a", place, 2000 + place) for place in range(400)]
    predicted = [at("a", place, 2001 + place) for place in range(400)]
    one = pair(gold, predicted, None)
    assert type_(one)["a"].tp == 400
    assert partial(one)["a"].tp == 200
    assert partial_chars(one)["a"].tp == pytest.approx(400 * 4000 / 4001)
    assert [fault.cause for fault in faults(one)] == ["longer"] * 400


def test_weights_of_a_hundred_thousand_entities_do_not_overflow() -> None:
    for most in (1, 100, 8_000, 100_000, 1_000_000):
        whole, label, likeness = matching._units(most)
        assert whole * (1 << 20) + label + likeness < 1 << 62
        assert most * likeness < label
        assert most * (label + likeness) < whole
