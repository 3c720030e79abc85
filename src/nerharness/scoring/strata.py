"""Strict match by kinds of entities: how long they are, how familiar from train, how nested."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from nerharness.align import to_tokens
from nerharness.metrics import Counts
from nerharness.scoring.overlap import overlaps, size
from nerharness.scoring.pair import Pair
from nerharness.types import Entity

Strata = dict[str, dict[str, Counts]]
"""Counts by dimension and stratum."""

_Sort = Callable[[Pair], tuple[list[str], list[str]]]
"""Returns the stratum of each gold and of each predicted entity."""

LENGTHS = ("no token", "1 token", "2 tokens", "3 tokens", "4 or more tokens")
FREQUENCIES = {0: "unseen in train", 1: "once", 2: "2 to 9 times", 10: "10 times or more"}
NESTINGS = ("flat", "inside another", "around another", "crossing another", "discontinuous")

_AT_ONCE = 256
"""Entities that are compared with all others of a document at a time: it bounds the memory."""

_RANKED = (*NESTINGS[1:4], NESTINGS[0])
"""To lie inside another counts before all else that an entity is to others."""


def stratify(pairs: Sequence[Pair]) -> Strata:
    """Count strict match by dimension and stratum; those that never occur are left out.

    A hit and a missed entity count for the stratum of the gold entity, a spurious one for that of
    the predicted one. Length needs documents, familiarity frequencies of all pairs.
    """
    strata: Strata = {}
    if pairs and all(pair.document is not None for pair in pairs):
        strata["length"] = _count(pairs, _lengths, LENGTHS)
    if pairs and all(pair.frequencies is not None for pair in pairs):
        strata["frequency in train"] = _count(pairs, _frequencies, FREQUENCIES.values())
    strata["nesting"] = _count(pairs, _nestings, NESTINGS)
    return {name: rows for name, rows in strata.items() if rows}


def _count(pairs: Sequence[Pair], sort: _Sort, order: Iterable[str]) -> dict[str, Counts]:
    rows = {name: Counts() for name in order}
    for pair in pairs:
        names, others = sort(pair)
        gold = dict(zip(pair.gold, names, strict=True))
        predicted = dict(zip(pair.predicted, others, strict=True))
        for entity, name in gold.items():
            hit = entity in predicted
            rows[name] += Counts(tp=hit, fn=not hit)
        for entity, name in predicted.items():
            rows[name] += Counts(fp=entity not in gold)
    return {name: counts for name, counts in rows.items() if counts.support or counts.fp}


def _lengths(pair: Pair) -> tuple[list[str], list[str]]:
    tokens = [(token.start, token.end) for token in pair.document.tokens] if pair.document else []
    return _sizes(pair.gold, tokens), _sizes(pair.predicted, tokens)


def _sizes(entities: Sequence[Entity], tokens: Sequence[tuple[int, int]]) -> list[str]:
    parts = [(place, part) for place, entity in enumerate(entities) for part in entity.fragments]
    ranges = to_tokens(tokens, [(part.start, part.end) for _, part in parts])
    sizes = [0] * len(entities)
    for (place, _), found in zip(parts, ranges, strict=True):
        sizes[place] += found[1] - found[0] if found else 0
    return [LENGTHS[min(number, 4)] for number in sizes]


def _frequencies(pair: Pair) -> tuple[list[str], list[str]]:
    if pair.frequencies is None:
        raise ValueError("no frequencies")
    return _ranges(pair.frequencies.gold), _ranges(pair.frequencies.predicted)


def _ranges(counts: Sequence[int]) -> list[str]:
    floors = list(FREQUENCIES)
    return [FREQUENCIES[floors[bisect_right(floors, count) - 1]] for count in counts]


def _nestings(pair: Pair) -> tuple[list[str], list[str]]:
    return _nested(pair.gold), _nested(pair.predicted)


def _nested(entities: Sequence[Entity]) -> list[str]:
    distinct = sorted(set(entities), key=lambda entity: entity.span.start)
    apart = all(one.span.end <= other.span.start for one, other in pairwise(distinct))
    names = {} if apart else dict(zip(distinct, _relations(distinct), strict=True))
    return [
        NESTINGS[4] if len(entity.fragments) > 1 else names.get(entity, NESTINGS[0])
        for entity in entities
    ]


def _relations(entities: Sequence[Entity]) -> list[str]:
    """Return what each entity is to others with which it shares characters."""
    import numpy as np

    ranks = np.full(len(entities), len(_RANKED) - 1)
    sizes = np.array([size(entity) for entity in entities])
    for begin in range(0, len(entities), _AT_ONCE):
        rows, columns, common = overlaps(entities[begin : begin + _AT_ONCE], entities)
        rows += begin
        inside, around = common == sizes[rows], common == sizes[columns]
        relations = np.where(inside, 0, np.where(around, 1, 2))
        others = rows != columns
        np.minimum.at(ranks, rows[others], relations[others])
    return [_RANKED[rank] for rank in ranks.tolist()]
