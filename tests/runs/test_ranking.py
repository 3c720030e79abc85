"""What a retriever finds is held to the contract; what can be taken is made plain."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from nerharness.errors import PluginError
from nerharness.plugin import Hit, Indexed
from nerharness.runs.ranking import SoundIndex

ITEMS = [Indexed("a rash"), Indexed("a fever")]


class Retriever:
    """Answers a search as it is told."""

    def __init__(self, answer: Callable[[Sequence[str]], Any]) -> None:
        self.answer = answer

    def index(self, items: Sequence[Indexed], /) -> Any:
        return self

    def search(self, queries: Sequence[str], k: int, /) -> Any:
        return self.answer(queries)


def search(answer: Callable[[Sequence[str]], Any]) -> list[list[Hit]]:
    index = SoundIndex(Retriever(answer), ITEMS, "retriever 'mine'")
    return index.search(["gout", "rash"], 2)


@pytest.mark.parametrize("kind", [list, tuple, iter], ids=["list", "tuple", "generator"])
def test_numbers_of_numpy_are_plain_numbers(kind: Callable[[Any], Any]) -> None:
    hits = [Hit(np.int64(1), np.float32(0.5)), Hit(np.int32(0), np.float64(0.25))]  # type: ignore[arg-type]
    rankings = search(lambda queries: kind([kind(hits) for _ in queries]))
    assert rankings == [[Hit(1, 0.5), Hit(0, 0.25)]] * 2
    assert json.dumps([[hit.index, hit.score] for hit in rankings[0]]) == "[[1, 0.5], [0, 0.25]]"


FAULTS: dict[str, tuple[Callable[[Sequence[str]], Any], str]] = {
    "nothing": (lambda queries: None, "rankings came as None"),
    "one too few": (lambda queries: [[]], "1 rankings came for 2 queries"),
    "no ranking": (lambda queries: [None, None], "a ranking came as None"),
    "pairs": (lambda queries: [[(0, 1.0)]] * 2, "list of Hit"),
    "from behind": (lambda queries: [[Hit(-1, 1.0)]] * 2, "0 to 1: Hit(index=-1"),
    "beyond": (lambda queries: [[Hit(2, 1.0)]] * 2, "0 to 1: Hit(index=2"),
    "between": (lambda queries: [[Hit(0.0, 1.0)]] * 2, "0 to 1: Hit(index=0.0"),  # type: ignore[arg-type]
    "twice": (lambda queries: [[Hit(0, 1.0), Hit(0, 1.0)]] * 2, "at most once"),
    "NaN": (lambda queries: [[Hit(0, float("nan"))]] * 2, "scores must be finite"),
    "words": (lambda queries: [[Hit(0, "near")]] * 2, "scores must be finite"),  # type: ignore[arg-type]
    "an error": (lambda queries: 1 / 0, "cannot search: ZeroDivisionError"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_error_names_the_retriever_and_the_fault(fault: str) -> None:
    answer, reason = FAULTS[fault]
    with pytest.raises(PluginError) as caught:
        search(answer)
    assert str(caught.value).startswith("retriever 'mine': ")
    assert reason in str(caught.value)
