"""Checking a retriever: the rankings of its indexes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nerharness.plugin import Hit, Indexed, Retriever
from nerharness.runs.ranking import ranking_fault
from nerharness.testing.rules import require, shown, verify
from nerharness.testing.samples import EXAMPLES, ODD_TEXTS, PASSAGES

_ITEMS = tuple(
    Indexed(
        one.document.text,
        f"{one.document.id}#{number}",
        frozenset(entity.label for entity in one.entities),
    )
    for number, one in enumerate(EXAMPLES)
)
_KNOWN = tuple(Indexed(f"{one.title}: {one.text}", one.id or one.title) for one in PASSAGES)
_QUERIES = ("Gout came with redness.", "A rash.", *ODD_TEXTS, "", "xyzzy")


@dataclass(frozen=True)
class _Subject:
    retriever: Retriever
    near: bool

    def search(
        self, items: Sequence[Indexed], queries: Sequence[str], k: int
    ) -> list[list[tuple[int, float]]]:
        """Return the rankings; `AssertionError` for one amiss."""
        found = self.retriever.index(items).search(queries, k)
        require(
            len(found) == len(queries),
            f"return one ranking per query: {len(found)} for {len(queries)} queries",
        )
        for hits in found:
            _check(hits, min(k, len(items)), len(items))
        return [[(int(hit.index), float(hit.score)) for hit in hits] for hits in found]


def check_retriever(retriever: Retriever, *, near: bool = True) -> None:
    """Raise `AssertionError` unless the retriever keeps the contract of `Retriever` and `Index`.

    `near=False` is for one that does not rank by what the query says.
    """
    verify(retriever, "Retriever", _RULES, _Subject(retriever, near))


def _check(hits: Sequence[Hit], expected: int, size: int) -> None:
    fault = ranking_fault(hits, size)
    require(not fault, fault)
    require(
        len(hits) == expected,
        f"return k hits, or all where there are fewer; {expected} were due, {len(hits)} came",
    )
    scores = [hit.score for hit in hits]
    require(scores == sorted(scores, reverse=True), f"best first: {shown(scores)}")


def _ranks(subject: _Subject) -> None:
    """A search gives each query its k items, best first, for any k and any text."""
    for k in (1, 3, len(_ITEMS), len(_ITEMS) + 5):
        subject.search(_ITEMS, _QUERIES, k)


def _ranks_nothing_for_nobody(subject: _Subject) -> None:
    """No queries have no rankings."""
    require(subject.search(_ITEMS, [], 3) == [], "return an empty list")


def _indexes_one_item(subject: _Subject) -> None:
    """An index may have a single item, and items without words or labels."""
    for item in (_ITEMS[0], Indexed(""), Indexed(" \n")):
        subject.search([item], _QUERIES, 2)


def _ranks_the_same_again(subject: _Subject) -> None:
    """A ranking is the same again, and whatever else is asked with it."""
    together = subject.search(_ITEMS, _QUERIES, 3)
    for query, hits in zip(_QUERIES, together, strict=True):
        (alone,) = subject.search(_ITEMS, [query], 3)
        same = [place for place, _ in alone] == [place for place, _ in hits] and all(
            math.isclose(a, b, rel_tol=1e-3, abs_tol=1e-4)
            for (_, a), (_, b) in zip(alone, hits, strict=True)
        )
        require(same, f"{query!r} had {shown(hits)} among others, alone {shown(alone)}")


def _keeps_indexes_apart(subject: _Subject) -> None:
    """An index does not change when another is made."""
    first = subject.retriever.index(_ITEMS)
    before = first.search(_QUERIES[:2], 3)
    subject.retriever.index(_KNOWN).search(_QUERIES, 2)
    require(
        list(map(list, first.search(_QUERIES[:2], 3))) == list(map(list, before)),
        "keep what is indexed in the index, not in the retriever",
    )


def _finds_what_is_there(subject: _Subject) -> None:
    """The item that is the query itself comes first."""
    if not subject.near:
        return
    for place, item in enumerate(_ITEMS):
        ((best, _), *_) = subject.search(_ITEMS, [item.text], 3)[0]
        require(
            best == place,
            f"{item.text!r} found {_ITEMS[best].text!r} first (near=False is for a retriever that "
            "does not rank by nearness)",
        )


def _says_what_it_loaded(subject: _Subject) -> None:
    """`identity`, if there is one, maps texts to texts."""
    identity: Any = getattr(subject.retriever, "identity", {})
    require(
        isinstance(identity, Mapping)
        and all(isinstance(part, str) for pair in identity.items() for part in pair),
        f"return a mapping of str to str such as {{'model': …}}; it is {shown(identity)}",
    )


_RULES = (
    _ranks,
    _ranks_nothing_for_nobody,
    _indexes_one_item,
    _ranks_the_same_again,
    _keeps_indexes_apart,
    _finds_what_is_there,
    _says_what_it_loaded,
)
