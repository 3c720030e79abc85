"""Lessons: the prompts of an evaluation, each with the answer that would be right."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from nerharness.errors import UsageError
from nerharness.plugin import Task
from nerharness.runs.prompting import Prompting
from nerharness.runs.units import UnitKind, unit_examples, units
from nerharness.types import Completion, Example, Prompt, Reading, Unit

if TYPE_CHECKING:
    from nerharness.backends.chat_model import ChatModel
    from nerharness.training.lessons import Lesson

_AT_ONCE = 64
"""Units that are looked up together."""


class Solved(NamedTuple):
    """A prompt about a unit, with the right answer and the labels that are in it."""

    unit: Unit
    prompt: Prompt
    answer: str
    labels: frozenset[str]


def solved(
    prompting: Prompting, train: Iterable[Example], kind: UnitKind, *, negatives: float, seed: int
) -> Iterator[Solved]:
    """Yield each unit of train with each prompt about it and the right answer.

    Of the units without an entity a share of `negatives` is kept. `UsageError` for a strategy that
    asks for anything but answers in the task's format.
    """
    draw = random.Random(seed)
    kept = (
        (unit, part)
        for example in train
        for unit, part in zip(
            units(example.document, kind), unit_examples([example], kind), strict=True
        )
        if part.entities or draw.random() < negatives
    )
    while some := list(islice(kept, _AT_ONCE)):
        prompting.task.expect([unit for unit, _ in some])
        for unit, part in some:
            yield from _turns(prompting, unit, part)


def _turns(prompting: Prompting, unit: Unit, part: Example) -> Iterator[Solved]:
    """Yield the prompts about a unit with their answers, once the strategy has read them."""
    task = prompting.task.fresh()
    dialogue = prompting.strategy.solve(unit, task)
    prompts = next(dialogue, ())
    tasks = asked(task, len(prompts))
    if not tasks:
        raise _not_taught(f"it asks {len(prompts)} questions about a unit")
    answers = [task.format.demonstrate(part, one.labels) for one in tasks]
    expected = [
        task.format.parse(answer, unit, one.labels)
        for answer, one in zip(answers, tasks, strict=True)
    ]
    try:
        dialogue.send([Completion(answer, "stop") for answer in answers])
    except StopIteration as end:
        if _said(end.value) != _said(Reading.together(expected)):
            raise _not_taught("it does not read answers in this format as they are") from None
    else:
        raise _not_taught("it asks more than one turn")
    for prompt, answer, reading in zip(prompts, answers, expected, strict=True):
        labels = frozenset(mention.label for mention in reading.mentions)
        yield Solved(unit, prompt, answer, labels)


def asked(task: Task, questions: int) -> list[Task]:
    """Return what each question of a turn is about: all labels, or one each; else nothing."""
    if questions == 1 and not (task.format.one_label and len(task.labels) > 1):
        return [task]
    if questions == len(task.labels):
        return [task.only(name) for name in task.labels.names]
    return []


def _said(reading: Reading) -> list[tuple[str, str]]:
    return sorted((mention.label, mention.text) for mention in reading.mentions)


def _not_taught(why: str) -> UsageError:
    return UsageError(
        f"this strategy cannot be trained for: {why}",
        where="--strategy",
        hint="train with zero-shot, few-shot, rag or per-label; verify, vote and judge can then be "
        "put around it at evaluation",
    )


class Told(NamedTuple):
    """A lesson, the unit that it is about, and the labels that are to be found in it."""

    unit: Unit
    lesson: Lesson
    labels: frozenset[str]


def lessons(
    prompting: Prompting,
    train: Iterable[Example],
    kind: UnitKind,
    chat: ChatModel,
    *,
    negatives: float,
    seed: int,
) -> Iterator[Told]:
    """Yield the lessons of train as tokens."""
    from nerharness.training.lessons import Lesson

    for one in solved(prompting, train, kind, negatives=negatives, seed=seed):
        question = chat.encoding.encode(one.prompt)
        tokens = question + chat.encoding.encode_answer(one.answer, chat.ends)
        yield Told(one.unit, Lesson(tokens, len(question)), one.labels)


def repeated(told: Sequence[Told], seed: int) -> Iterator[Told]:
    """Yield each lesson as often as the rarest of its labels asks for.

    That is the square root of how much rarer its lessons are than those of the most frequent one
    (repeat factor sampling: Gupta and others 2019, arXiv:1908.03195, with that as threshold);
    between two whole numbers chance decides.
    """
    counts = Counter(label for one in told for label in one.labels)
    most = max(counts.values(), default=0)
    draw = random.Random(seed)
    for one in told:
        times = max(((most / counts[label]) ** 0.5 for label in one.labels), default=1.0)
        yield from [one] * int(times + draw.random())


def check_answerable(
    prompting: Prompting, dev: Iterable[Example], kind: UnitKind, chat: ChatModel
) -> None:
    """Raise `UsageError` if the model's context is too small for prompts about these documents."""
    asked, over = unanswerable(prompting, dev, kind, chat)
    if over:
        raise UsageError(
            f"{len(over):,} of {asked:,} prompts about dev can never be answered, the first about "
            f"{over[0]}",
            where="--unit",
            hint="choose smaller units, fewer --shots or smaller --max-tokens",
        )


def unanswerable(
    prompting: Prompting, dev: Iterable[Example], kind: UnitKind, chat: ChatModel
) -> tuple[int, list[str]]:
    """Return how many prompts are about these documents, and why some can never be answered."""
    every = (unit for example in dev for unit in units(example.document, kind))
    asked = 0
    over: list[str] = []
    while some := list(islice(every, _AT_ONCE)):
        prompting.task.expect(some)
        for unit in some:
            prompts = prompting.opening(unit)
            asked += len(prompts)
            over += (f"{_place(unit)}: {why}" for why in _refused(prompts, chat))
    return asked, over


def _refused(prompts: Iterable[Prompt], chat: ChatModel) -> Iterator[str]:
    """Yield what is wrong with each prompt that cannot be put."""
    for prompt in prompts:
        try:
            chat.sized(prompt)
        except ValueError as error:
            yield str(error)


def _place(unit: Unit) -> str:
    return f"characters {unit.span.start}-{unit.span.end} of document {unit.document.id!r}"


def fitting(told: Told, context: int) -> Lesson:
    """Return the lesson; `UsageError` if it is longer than the model's context."""
    unit, lesson, _ = told
    if len(lesson.tokens) > context:
        raise UsageError(
            f"the lesson about {_place(unit)} has {len(lesson.tokens):,} tokens, but the model's "
            f"context is {context:,}",
            where="--unit",
            hint="choose smaller units or fewer --shots",
        )
    return lesson
