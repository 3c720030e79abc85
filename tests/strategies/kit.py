"""What the tests of strategies share: a small task, and a partner for dialogues."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nerharness.formats.json_list import JsonList
from nerharness.plugin import Dialogue, Format, Hit, Task
from nerharness.segment import segment
from nerharness.types import (
    Completion,
    Entity,
    Example,
    Label,
    LabelSet,
    Passage,
    Prompt,
    Reading,
    Span,
    Unit,
)

LABELS = LabelSet((Label("disease", "an illness"), Label("sign", "seen by others")))


class InOrder:
    """Ranks texts in the order they were given, whatever the query; notes the queries."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.size = len(texts)
        self.queries: list[str] = []

    def retrieve(self, query: str, k: int, /) -> Sequence[Hit]:
        self.queries.append(query)
        return [Hit(index, 1.0) for index in range(min(k, self.size))]


def example(id: str, text: str, *entities: Entity) -> Example:
    return Example(segment(id, text), entities)


def unit(text: str, id: str = "own") -> Unit:
    return Unit(segment(id, text), Span(0, len(text)))


def task(
    *examples: Example,
    passages: Sequence[Passage] = (),
    form: Format | None = None,
    **rest: Any,
) -> Task:
    form = form or JsonList()
    return Task(LABELS, form, examples=examples, passages=passages, index=InOrder, **rest)


TRAIN = (
    example("a", "Fever came.", Entity.at("sign", 0, 5)),
    example("b", "Gout hurts.", Entity.at("disease", 0, 4)),
)


def hold(
    dialogue: Dialogue, answer: Callable[[Prompt], str | Completion]
) -> tuple[Reading, list[Prompt]]:
    """Hold a dialogue; return its reading and all prompts that were put."""
    asked: list[Prompt] = []
    said: Sequence[Completion] | None = None
    while True:
        try:
            prompts = next(dialogue) if said is None else dialogue.send(said)
        except StopIteration as end:
            assert isinstance(end.value, Reading)
            return end.value, asked
        asked += prompts
        answers = [answer(prompt) for prompt in prompts]
        said = [Completion(one, "stop") if isinstance(one, str) else one for one in answers]
