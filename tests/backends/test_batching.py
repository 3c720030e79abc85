"""Which prompts the decoder reads together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from backends.tiny import WORDS, ask, complete, make
from hypothesis import given
from hypothesis import strategies as st

from nerharness.backends.batching import common_prefix, grouped
from nerharness.plugin.host import Host

pytest.importorskip("torch")

A, B = [1, 2, 3, 4, 5, 6], [1, 7, 8, 9]


@pytest.mark.parametrize(
    ("prompts", "shared", "expected"),
    [
        ([], 0, []),
        ([[1, 2], [3], [4, 5, 6]], 0, [[1, 0, 2]]),
        ([[*A, 1], [*A, 2, 2], [*A, 3], B, [5]], 0, [[4, 3], [0, 2, 1]]),
        ([[*A, 1], [*A, 2], B], 0, [[2, 0, 1]]),
        ([[*A, 1, 1, 1], [*A, 2, 2, 2], [*A, 3, 3, 3]], 6, [[0, 1, 2]]),
        ([[*A, 1], B, [*A, 2], [*A, 3]], 0, [[1, 0, 2, 3]]),
    ],
    ids=["none", "by length", "a family", "two are none", "the shared", "apart"],
)
def test_prompts_are_read_with_those_they_share_most_with(
    prompts: list[list[int]], shared: int, expected: list[list[int]]
) -> None:
    assert [list(group.places) for group in grouped(prompts, shared)] == expected


def test_a_group_is_taken_in_portions_that_fit() -> None:
    (group,) = grouped([[1], [1, 2], [1, 2, 3], [1, 2, 3, 4]], 0)
    assert group.take(2, lambda _: True) == [0, 1]
    assert group.take(9, lambda places: len(places) < 2) == [2]
    assert group.take(9, lambda _: False) == [3], "one is always taken"
    assert not group.places


TOKENS = st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=6), max_size=12)


@given(TOKENS)
def test_each_prompt_is_in_one_group_and_begins_as_the_group_does(
    prompts: list[list[int]],
) -> None:
    shared = common_prefix(prompts) if len(prompts) > 1 else 0
    groups = list(grouped(prompts, shared))
    assert sorted(place for group in groups for place in group.places) == list(range(len(prompts)))
    for group in groups:
        first = prompts[group.places[0]][: group.shared]
        assert all(prompts[place][: group.shared] == first for place in group.places)
        assert len(first) == group.shared


@given(TOKENS.filter(lambda prompts: len(prompts) > 1))
def test_what_is_shared_is_the_longest_beginning_short_of_any_whole(
    prompts: list[list[int]],
) -> None:
    shared = common_prefix(prompts)
    shortest = min(map(len, prompts))
    assert all(prompt[:shared] == prompts[0][:shared] for prompt in prompts)
    assert shared < shortest
    assert shared == shortest - 1 or len({prompt[shared] for prompt in prompts}) > 1


SHARED = "what is this a text about gout fever pain rash of the skin what is this"
TEXTS = ("gout " * 18, "pain rash " * 9)


def test_the_questions_about_a_text_read_it_once(
    host: Host, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nerharness.backends.reader import Reader

    asked = [f"{SHARED} {text} {word}" for text in TEXTS for word in ("skin", "fever", "gout")]
    prompts = ask(*asked, "what about pain", limit=5)
    single = complete(make(host, model=str(folder), batch_size=1), prompts)
    read: list[tuple[int, int]] = []
    forward = Reader.forward

    def spy(self: Any, ids: Any, *rest: Any) -> Any:
        read.append(tuple(ids.shape))
        return forward(self, ids, *rest)

    monkeypatch.setattr(Reader, "forward", spy)
    assert complete(make(host, model=str(folder), batch_size=8), prompts) == single
    assert [rows for rows, width in read if width > 16] == [1, 1], "each text is read alone, once"


@pytest.mark.parametrize("begun", [1, 5, 11])
def test_what_is_left_of_a_window_gets_the_same_answers(
    host: Host, letters: Path, begun: int
) -> None:
    """In float32; only log-probabilities may differ in their last digits."""
    asked = ask(*(f"{word} {'of pain' * place}" for place, word in enumerate(WORDS[:12])))
    prompts = [replace(prompt, logprobs=True) for prompt in asked]
    whole = complete(make(host, model=str(letters)), prompts)
    assert all(answer.tokens for answer in whole)
    assert complete(make(host, model=str(letters)), prompts) == whole
    rest = complete(make(host, model=str(letters)), prompts[begun:])
    for left, before in zip(rest, whole[begun:], strict=True):
        assert replace(left, tokens=None) == replace(before, tokens=None)
        found, expected = ([t.logprob for t in one.tokens or ()] for one in (left, before))
        assert found == pytest.approx(expected, abs=1e-4)
