"""What a strategy asks after its first turn, as far as that can be known without a model."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from nerharness.errors import NerharnessError, PluginError
from nerharness.plugin import Task
from nerharness.runs.lessons import asked
from nerharness.runs.prompting import Prompting
from nerharness.runs.units import UnitKind, unit_examples, units
from nerharness.types import Completion, Example, Prompt, Unit

TRIED = 50
"""So many units of train, drawn at random, tell what later turns ask."""

_TURNS = 9
"""Turns after the first that are gone through, at most."""


def later_turns(
    prompting: Prompting, train: Sequence[Example], kind: UnitKind
) -> tuple[int, list[Prompt]]:
    """Return how many units of train were tried, and the prompts of all later turns about them.

    The first turn is answered right, and later ones with nothing. Raises the errors of
    `nerharness.errors`.
    """
    some = _drawn(train, kind)
    prompting.task.expect([unit for unit, _ in some])
    try:
        return len(some), [prompt for one in some for prompt in _following(prompting, *one)]
    except NerharnessError:
        raise
    except Exception as error:  # a stranger's strategy or format may raise anything
        raise PluginError(f"{type(error).__name__}: {error}", where="--strategy") from error


def _drawn(train: Sequence[Example], kind: UnitKind) -> list[tuple[Unit, Example]]:
    draw = random.Random(0)
    pairs = [
        pair
        for example in draw.sample(train, min(TRIED, len(train)))
        for pair in zip(units(example.document, kind), unit_examples([example], kind), strict=True)
    ]
    return draw.sample(pairs, min(TRIED, len(pairs)))


def _following(prompting: Prompting, unit: Unit, part: Example) -> Iterator[Prompt]:
    task = prompting.task.fresh()
    dialogue = prompting.strategy.solve(unit, task)
    try:
        answers = _right(task, part, next(dialogue))
        for _ in range(_TURNS):
            prompts = dialogue.send([Completion(answer, "stop") for answer in answers])
            yield from prompts
            answers = [""] * len(prompts)
    except StopIteration:
        return
    dialogue.close()


def _right(task: Task, part: Example, prompts: Sequence[Prompt]) -> list[str]:
    """Return right answers in the task's format; the same question may come several times."""
    distinct = list(dict.fromkeys(prompt.messages for prompt in prompts))
    tasks = asked(task, len(distinct)) or [task] * len(distinct)
    right = {
        messages: task.format.demonstrate(part, one.labels)
        for messages, one in zip(distinct, tasks, strict=True)
    }
    return [right[prompt.messages] for prompt in prompts]
