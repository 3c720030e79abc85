"""Room for reasoning: every answer has it, whatever strategy asks, and nothing else changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from strategies.kit import task, unit

from nerharness.errors import PluginError, UsageError
from nerharness.plugin import Decoding, Dialogue, Task
from nerharness.runs.abilities import check_abilities
from nerharness.runs.reasoning_room import ReasoningRoom
from nerharness.types import Completion, Message, Prompt, Reading, Unit

ASKED = (Message("user", "gout"),)
BACKENDS = {"hf": {"grammar", "prefix"}, "openai": {"schema"}, "replay": {"grammar", "schema"}}


@pytest.mark.parametrize(
    ("prompt", "most", "limit"),
    [
        (Prompt(ASKED), 100, 100),
        (Prompt(ASKED, 30), 100, 30),
        (Prompt(ASKED, 300), 100, 100),
        (Prompt(ASKED, reasoning_tokens=50), 100, 150),
        (Prompt(ASKED, 30 + 50, reasoning_tokens=50), 100, 80),
        (Prompt(ASKED, 300 + 50, reasoning_tokens=50), 100, 150),
    ],
)
def test_what_may_be_written_is_the_least_for_the_answer_and_the_room(
    prompt: Prompt, most: int, limit: int
) -> None:
    assert prompt.limit(most) == limit


class Asking:
    """Yields the turns, and tells what it was sent; whether it was closed early."""

    def __init__(self, *turns: Any) -> None:
        self.turns = turns
        self.sent: list[Sequence[Completion]] = []
        self.closed = False

    def solve(self, unit: Unit, task: Task, /) -> Dialogue:
        """Hold the dialogue."""
        try:
            for turn in self.turns:
                self.sent.append((yield turn))
        except GeneratorExit:
            self.closed = True
            raise
        return Reading((), "repaired", {"turns": len(self.sent)})


def hold(inner: Asking) -> Dialogue:
    return ReasoningRoom(inner, 50, title="strategy 'asking'").solve(unit("Gout."), task())


def test_each_answer_has_the_room_and_one_that_is_begun_has_not() -> None:
    begun = Prompt(ASKED, 20, prefix="[")
    inner = Asking((Prompt(ASKED, 20), Prompt(ASKED)), [begun, Prompt(ASKED, 7)])
    dialogue = hold(inner)
    first = [Completion("a", "stop"), Completion("b", "stop")]
    assert next(dialogue) == [
        Prompt(ASKED, 70, reasoning_tokens=50),
        Prompt(ASKED, None, reasoning_tokens=50),
    ]
    assert dialogue.send(first) == [begun, Prompt(ASKED, 57, reasoning_tokens=50)]
    with pytest.raises(StopIteration) as end:
        dialogue.send(first[::-1])
    assert end.value.value.problems == {"turns": 2}
    assert inner.sent == [first, first[::-1]]


def test_a_turn_that_is_none_is_the_strategys_fault() -> None:
    with pytest.raises(PluginError, match="a turn without prompts") as caught:
        next(hold(Asking([])))
    assert caught.value.where == "strategy 'asking'"


def test_a_dialogue_that_is_left_is_closed() -> None:
    inner = Asking([Prompt(ASKED)])
    dialogue = hold(inner)
    next(dialogue)
    dialogue.close()
    assert inner.closed


@pytest.mark.filterwarnings("ignore:backend")
@pytest.mark.parametrize("room", [0, 50])
@pytest.mark.parametrize("level", ["free", "schema"])
@pytest.mark.parametrize("name", BACKENDS)
def test_no_thought_comes_before_what_a_grammar_holds_from_its_first_token(
    name: str, level: Any, room: int
) -> None:
    able: Any = frozenset(BACKENDS[name])
    opening = [Prompt(ASKED, reasoning_tokens=room)]
    if (name, level, room) == ("hf", "schema", 50):
        with pytest.raises(UsageError, match="backend 'hf' holds answers to a grammar") as caught:
            check_abilities(name, able, Decoding(level), opening)
        assert caught.value.where == "--reasoning-tokens"
    else:
        check_abilities(name, able, Decoding(level), opening)
