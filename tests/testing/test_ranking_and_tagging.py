"""`check_retriever` and `check_tagger` pass what is sound, and find each fault of what is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

import pytest
from testing import sound

from nerharness.plugin import Hit, Indexed
from nerharness.testing import check_retriever, check_tagger
from nerharness.types import Document, Entity

_numbers = count()


def ranking(change: Callable[[list[Hit]], Any]) -> dict[str, Any]:
    class Index(sound.Index):
        def search(self, queries: Sequence[str], k: int, /) -> Any:
            return [change(self.best(query)[:k]) for query in queries]

    return {"index": lambda self, items: Index(items)}


class Fallible(sound.Index):
    def search(self, queries: Sequence[str], k: int, /) -> Any:
        if "" in queries:
            raise ValueError("an empty query")
        return super().search(queries, k)


class Restless(sound.Index):
    def score(self, query: str, text: str) -> float:
        return super().score(query, text) + next(_numbers)


class Backwards(sound.Index):
    def score(self, query: str, text: str) -> float:
        return -super().score(query, text)


def remember(self: Any, items: Sequence[Indexed]) -> Any:
    self.known = getattr(self, "known", sound.Index(()))
    self.known.items = items
    return self.known


def picky(self: Any, items: Sequence[Indexed]) -> Any:
    if not items[0].text.strip():
        raise ValueError("no words")
    return sound.Index(items)


class Chatty(sound.Index):
    def search(self, queries: Sequence[str], k: int, /) -> Any:
        return super().search(queries or [""], k)


RETRIEVERS: dict[str, tuple[dict[str, Any], str]] = {
    "pairs": (
        ranking(lambda hits: [tuple(hit) for hit in []] + [(0, 1.0)] * len(hits)),
        "list of Hit",
    ),
    "one too few": (ranking(lambda hits: hits[1:]), "hits, or all where there are fewer"),
    "one twice": (ranking(lambda hits: hits[:1] * len(hits)), "each item at most once"),
    "out of range": (ranking(lambda hits: [Hit(h.index + 1, h.score) for h in hits]), "0 to"),
    "NaN": (ranking(lambda hits: [Hit(h.index, float("nan")) for h in hits]), "must be finite"),
    "worst first": (ranking(lambda hits: hits[::-1]), "best first"),
    "answers nobody": ({"index": lambda self, items: Chatty(items)}, "one ranking per query"),
    "fears no query": (
        {"index": lambda self, items: Fallible(items)},
        "ValueError: an empty query",
    ),
    "fears blanks": ({"index": picky}, "without words"),
    "is restless": ({"index": lambda self, items: Restless(items)}, "whatever else is asked"),
    "remembers": ({"index": remember}, "in the index, not in the retriever"),
    "is a number": ({"identity": {"size": 3}}, "return a mapping of str to str"),
    "ranks backwards": ({"index": lambda self, items: Backwards(items)}, "found .* first"),
}


def test_a_sound_retriever_passes() -> None:
    check_retriever(sound.Retriever())


def test_one_that_does_not_rank_by_nearness_passes_if_that_is_said() -> None:
    changes, _ = RETRIEVERS["ranks backwards"]
    check_retriever(type("Odd", (sound.Retriever,), changes)(), near=False)


@pytest.mark.parametrize("fault", RETRIEVERS)
def test_each_fault_of_a_retriever_is_found(fault: str) -> None:
    changes, advice = RETRIEVERS[fault]
    broken = type("Broken", (sound.Retriever,), changes)()
    with pytest.raises(AssertionError, match=r"Broken breaks \d+ rules? of Retriever") as found:
        check_retriever(broken)
    assert re.search(advice, str(found.value)), found.value


def found(*entities: Any) -> dict[str, Any]:
    return {"entities": lambda self, text: list(entities)}


def only_found(self: Any, documents: Sequence[Document]) -> Iterator[Any]:
    return (self.entities(one.text) for one in documents if self.entities(one.text))


def swapped(self: Any, documents: Sequence[Document]) -> Iterator[Any]:
    return (self.entities(one.text) for one in reversed(documents))


def last(self: Any, documents: Sequence[Document]) -> Iterator[Any]:
    for document in documents:
        before, self.before = getattr(self, "before", None), document
        yield self.entities(document.text if before != document else "")


def stuck(self: Any, documents: Sequence[Document]) -> Iterator[Any]:
    if getattr(self, "busy", False):
        raise RuntimeError("still busy")
    self.busy = True
    yield from ([] for _ in documents)
    self.busy = False


TAGGERS: dict[str, tuple[dict[str, Any], str]] = {
    "pairs": (found(("sign", 1)), "is no Entity"),
    "generators": ({"entities": lambda self, text: iter(())}, "list or tuple"),
    "nothing at all": ({"entities": lambda self, text: None}, "list or tuple"),
    "too far": (found(Entity.at("sign", 0, 9_999)), "ends behind the"),
    "own label": (
        {"entities": lambda self, text: [Entity.at("x", 0, 1)] if text else []},
        "none of",
    ),
    "twice": (
        {"entities": lambda self, text: [Entity.at("sign", 0, 1)] * 2 if text else []},
        "comes twice",
    ),
    "leaves out documents": ({"tag": only_found}, "one list of entities per document"),
    "answers nobody": (
        {"tag": lambda self, documents: iter([[]] * (len(documents) or 1))},
        "came for 0",
    ),
    "in another order": ({"tag": swapped}, "in the documents' order"),
    "keeps state": ({"tag": last}, "keep no state"),
    "reads what is no unit": ({"unit": lambda self: "sentence"}, "`unit` is 'sentence' or"),
    "is stuck": ({"tag": stuck}, "broken off leaves the tagger usable"),
}


def test_a_sound_tagger_passes() -> None:
    check_tagger(sound.Tagger(), labels=["sign"])


@pytest.mark.parametrize("fault", TAGGERS)
def test_each_fault_of_a_tagger_is_found(fault: str) -> None:
    changes, advice = TAGGERS[fault]
    broken = type("Broken", (sound.Tagger,), changes)()
    with pytest.raises(AssertionError, match=r"Broken breaks \d+ rules? of Tagger") as said:
        check_tagger(broken, labels=["sign"])
    assert re.search(advice, str(said.value)), said.value
