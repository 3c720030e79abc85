"""Holding the dialogues of a strategy with partners that answer well, badly or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nerharness.plugin import Dialogue
from nerharness.testing.rules import require, shown
from nerharness.types import Completion, Prompt, Reading, Token

Partner = Callable[[Prompt], Completion]

_TURNS = 60
"""More turns than any dialogue takes."""


@dataclass
class Held:
    """What became of a dialogue: all prompts that it put, turn by turn, and its reading."""

    turns: list[tuple[Prompt, ...]] = field(default_factory=list)
    reading: Reading | None = None


def steps(dialogue: Dialogue, partner: Partner) -> Iterator[Held]:
    """Hold the dialogue; yield after each turn, and at the end with the reading."""
    held = Held()
    said: list[Completion] | None = None
    while held.reading is None:
        try:
            prompts = next(dialogue) if said is None else dialogue.send(said)
        except StopIteration as end:
            require(
                isinstance(end.value, Reading),
                f"return a Reading at the end, not {shown(end.value)}",
            )
            held.reading = end.value
        else:
            held.turns.append(_turn(prompts))
            require(len(held.turns) <= _TURNS, f"no end after {_TURNS} turns")
            said = [partner(prompt) for prompt in prompts]
        yield held


def _turn(prompts: Sequence[Prompt]) -> tuple[Prompt, ...]:
    require(
        isinstance(prompts, Sequence) and prompts and all(isinstance(p, Prompt) for p in prompts),
        f"yield a turn's prompts as a list with at least one Prompt, not {shown(prompts)}",
    )
    return tuple(prompts)


def hold(dialogue: Dialogue, partner: Partner) -> Held:
    """Hold the dialogue to its end."""
    *_, held = steps(dialogue, partner)
    return held


def _said(text: str, prompt: Prompt, *, cut: bool = False) -> Completion:
    tokens = tuple(Token(char, -0.1) for char in text) if prompt.logprobs else None
    return Completion(text, "length" if cut else "stop", tokens=tokens)


def _lists(prompt: Prompt) -> Completion:
    items = [{"text": "rash", "label": "sign"}, {"text": "Measles", "label": "disease"}]
    return _said(json.dumps(items), prompt)


PARTNERS: Mapping[str, Partner] = {
    "lists": _lists,
    "keeps": lambda prompt: _said("1: keep\n2: drop\n3: keep", prompt),
    "yes": lambda prompt: _said("Yes", prompt),
    "silent": lambda prompt: _said("", prompt),
    "babbles": lambda prompt: _said('Sure! {"sign": [[null, "x\\ud83d"]} <sign> | 9: drop', prompt),
    "echoes": lambda prompt: _said(prompt.messages[-1].content, prompt),
    "is cut": lambda prompt: _said('[{"text": "ra', prompt, cut=True),
    "refuses": lambda _: Completion("", "filtered"),
}
