"""Holding several dialogues about one unit at once, as one."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence

from nerharness.plugin import Dialogue
from nerharness.types import Completion, Prompt, Reading


def side_by_side(
    dialogues: Iterable[Dialogue],
) -> Generator[Sequence[Prompt], Sequence[Completion], list[Reading]]:
    """Put the prompts of all dialogues that go on in one turn; return their readings, in order."""
    readings: dict[int, Reading] = {}
    waiting: dict[int, tuple[Dialogue, Sequence[Prompt]]] = {}

    def step(place: int, dialogue: Dialogue, said: Sequence[Completion] | None) -> None:
        try:
            prompts = next(dialogue) if said is None else dialogue.send(said)
            waiting[place] = (dialogue, prompts)
        except StopIteration as end:
            readings[place] = end.value

    for place, dialogue in enumerate(dialogues):
        step(place, dialogue, None)
    while waiting:
        asked, waiting = waiting, {}
        completions = iter((yield [one for _, prompts in asked.values() for one in prompts]))
        for place, (dialogue, prompts) in asked.items():
            step(place, dialogue, [next(completions) for _ in prompts])
    return [readings[place] for place in sorted(readings)]
