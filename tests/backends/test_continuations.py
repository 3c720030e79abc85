"""A real model's answer in parts is its answer in one."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from backends.tiny import ask, complete

from nerharness.strategies.chat import answered
from nerharness.types import Completion, Constraint, Prompt

pytest.importorskip("llguidance")


def asked(backend: Any, prompts: Sequence[Prompt], continuations: int) -> list[Completion]:
    """Hold the dialogue with the backend."""
    talk: Generator[Sequence[Prompt], Sequence[Completion], list[Completion]]
    talk = answered(prompts, continuations)
    turn = next(talk)
    while True:
        try:
            turn = talk.send(complete(backend, turn))
        except StopIteration as end:
            found: list[Completion] = end.value
            return found


@pytest.mark.parametrize("weighed", [True, False])
@pytest.mark.parametrize("limit", [5, 6, 11])
def test_an_answer_in_parts_is_the_answer_in_one(spelling: Any, limit: int, weighed: bool) -> None:
    """Also where a part ends within a character."""
    bound = Constraint('start: /[p-z]{4}/ "🫠 é" /[p-z]{6}/ "患者"')
    prompts = [
        replace(one, constraint=bound, logprobs=weighed) for one in ask("gout", "a fever", limit=64)
    ]
    whole = complete(spelling, prompts)
    assert {one.finish for one in whole} == {"stop"}
    parts = asked(spelling, [replace(one, max_tokens=limit) for one in prompts], 40)
    assert [one.text for one in parts] == [one.text for one in whole]
    assert {one.finish for one in parts} == {"stop"}
    if weighed:
        for one, other in zip(parts, whole, strict=True):
            assert one.tokens is not None
            assert other.tokens is not None
            assert "".join(token.text for token in one.tokens) == other.text
