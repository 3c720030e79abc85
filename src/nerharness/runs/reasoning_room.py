"""Room for what a model thinks before it answers, whatever strategy asks it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

from nerharness.plugin import Dialogue, Strategy, Task
from nerharness.runs.soundness import sound_turn
from nerharness.types import Prompt, Reading, Unit


class ReasoningRoom:
    """Asks as `inner` asks, each answer with so many tokens more; errors name `title`.

    Whoever goes on with an answer that is begun is past thinking, or has had room for it: a prompt
    with a prefix is left as it is.
    """

    def __init__(self, inner: Strategy, tokens: int, *, title: str) -> None:
        self._inner = inner
        self._tokens = tokens
        self._title = title

    def solve(self, unit: Unit, task: Task, /) -> Dialogue:
        """Hold the inner dialogue."""
        with closing(self._inner.solve(unit, task)) as dialogue:
            try:
                prompts = next(dialogue)
                while True:
                    sound = sound_turn(prompts, title=self._title)
                    prompts = dialogue.send((yield list(map(self._with_room, sound))))
            except StopIteration as end:
                reading: Reading = end.value
                return reading

    def _with_room(self, prompt: Prompt) -> Prompt:
        if prompt.prefix:
            return prompt
        most = None if prompt.max_tokens is None else prompt.max_tokens + self._tokens
        return replace(prompt, max_tokens=most, reasoning_tokens=self._tokens)
