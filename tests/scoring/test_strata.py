"""Strict match by length, familiarity and nesting, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scoring.kit import at, counts, pair

from nerharness.scoring.pair import Frequencies, Pair
from nerharness.scoring.strata import stratify
from nerharness.types import Entity

FAILURE, PAIN, FEVER = at("a", 0, 13), at("a", 18, 35), at("b", 40, 45)


def test_length_is_counted_in_tokens_of_all_fragments() -> None:
    # Gold: 2 tokens (found), 3 (missed), 1 (found), and 2 of two fragments (missed);
    # predicted besides: 10 tokens, on nothing that has them; and a space, which is no token.
    gold = [FAILURE, PAIN, FEVER, at("a", 0, 5, 31, 35)]
    predicted = [FAILURE, FEVER, at("a", 0, 46), at("a", 13, 14)]
    assert stratify([pair(gold, predicted)])["length"] == counts(
        {
            "no token": (0, 1, 0),
            "1 token": (1, 0, 0),
            "2 tokens": (1, 0, 1),
            "3 tokens": (0, 0, 1),
            "4 or more tokens": (0, 1, 0),
        }
    )


def test_length_needs_every_document() -> None:
    assert "length" not in stratify([pair([FEVER], []), pair([FEVER], [], None)])


@pytest.mark.parametrize(
    ("times", "stratum"),
    [
        (0, "unseen in train"), (1, "once"), (2, "2 to 9 times"), (9, "2 to 9 times"),
        (10, "10 times or more"), (1000, "10 times or more"),
    ],
)  # fmt: skip
def test_familiarity_is_that_of_the_gold_entity_or_of_a_spurious_one(
    times: int, stratum: str
) -> None:
    one = replace(pair([FAILURE, FEVER], [FAILURE, PAIN]), frequencies=Frequencies((5, 5), (5, 1)))
    two = Pair((FEVER,), (), frequencies=Frequencies((times,), ()))
    found = stratify([one, two])["frequency in train"]
    # The first: a hit and a missed one seen 5 times, a spurious one seen once. The second: missed.
    expected = {"once": (0, 1, 0), "2 to 9 times": (1, 0, 1)}
    tp, fp, fn = expected.get(stratum, (0, 0, 0))
    assert found == counts({**expected, stratum: (tp, fp, fn + 1)})


def test_familiarity_needs_frequencies_of_every_document() -> None:
    known = replace(pair([FEVER], []), frequencies=Frequencies((1,), ()))
    assert "frequency in train" not in stratify([known, pair([FEVER], [])])


NESTED = {
    "alone": ([FAILURE, PAIN], ["flat", "flat"]),
    "adjacent": ([at("a", 0, 5), at("a", 5, 13)], ["flat", "flat"]),
    "nested": ([FAILURE, at("b", 0, 5)], ["around another", "inside another"]),
    "one place": ([FAILURE, at("b", 0, 13)], ["inside another", "inside another"]),
    "crossing": ([at("a", 0, 13), at("a", 6, 17)], ["crossing another", "crossing another"]),
    # Inside one and around another: to be inside counts first.
    "threefold": (
        [at("a", 0, 17), at("a", 0, 13), at("a", 0, 5)],
        ["around another", "inside another", "inside another"],
    ),
    "discontinuous": (
        [at("a", 0, 5, 31, 35), at("a", 0, 17)], ["discontinuous", "crossing another"],
    ),
    # What stands in the gap of a discontinuous entity shares no character with it.
    "in a gap": ([at("a", 0, 5, 31, 35), at("a", 18, 24)], ["discontinuous", "flat"]),
    "twice": ([FAILURE, FAILURE], ["flat"]),
}  # fmt: skip


@pytest.mark.parametrize("name", NESTED)
def test_nesting_is_seen_among_entities_of_one_side(name: str) -> None:
    entities, kinds = NESTED[name]
    missed: dict[str, tuple[float, float, float]] = {}
    for kind in kinds:
        _, _, fn = missed.get(kind, (0, 0, 0))
        missed[kind] = (0, 0, fn + 1)
    assert stratify([pair(entities, [], None)])["nesting"] == counts(missed)
    spurious = {kind: (0, fn, 0) for kind, (_, _, fn) in missed.items()}
    assert stratify([pair([], entities, None)])["nesting"] == counts(spurious)


def test_strata_add_up_to_strict_match() -> None:
    gold: list[Entity] = [FAILURE, PAIN, at("b", 0, 5)]
    rows = stratify([pair(gold, [FAILURE, FEVER])])
    for strata in rows.values():
        assert sum(row.tp for row in strata.values()) == 1
        assert sum(row.fp for row in strata.values()) == 1
        assert sum(row.fn for row in strata.values()) == 2


def test_no_document_has_no_strata() -> None:
    assert stratify([]) == {}
