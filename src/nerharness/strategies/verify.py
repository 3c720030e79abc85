"""The `verify` strategy: a second turn that keeps or drops each mention."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from nerharness.errors import UsageError
from nerharness.plugin import Dialogue, Strategy, Task
from nerharness.reasoning import without_reasoning
from nerharness.strategies.chat import answered, whole
from nerharness.types import Constraint, Example, Mention, Message, Prompt, Reading, Unit

_VERDICT = re.compile(
    r"^\W*(?P<number>\d+)\W+(?P<verdict>keep|drop)\b", re.IGNORECASE | re.MULTILINE
)


class Verify:
    """Asks as `inner` asks, then whether each mention that was found is right.

    What the model does not judge is kept, and counted as the problem `unjudged`. Before the
    question `verify_shots` demonstrations are judged: their entities are right, and the last word
    of each that has more than one, if it is none itself, is wrong.
    """

    def __init__(self, inner: Strategy, /, *, verify_shots: int) -> None:
        if verify_shots < 0:
            raise UsageError(f"{verify_shots} is negative", where="--verify-shots")
        self._inner = inner
        self._shots = verify_shots

    def solve(self, unit: Unit, task: Task, /) -> Dialogue:
        """Hold the inner dialogue, then put one question about all of its mentions."""
        reading = yield from self._inner.solve(unit, task)
        distinct = list({(one.text, one.label): one for one in reading.mentions}.values())
        if not distinct:
            return reading
        prompt = self._question(unit, task, distinct)
        (completion,) = yield from answered([prompt], task.decoding.continuations)
        answer = without_reasoning(completion.text, unit, task.labels)
        verdicts = judged(answer, len(distinct))
        dropped = {
            (one.text, one.label)
            for number, one in enumerate(distinct, start=1)
            if verdicts.get(number) == "drop"
        }
        kept = tuple(one for one in reading.mentions if (one.text, one.label) not in dropped)
        return _noted(replace(reading, mentions=kept), unjudged=len(distinct) - len(verdicts))

    def _question(self, unit: Unit, task: Task, mentions: Sequence[Mention]) -> Prompt:
        render = task.wording.templates.render
        system = render("verify", labels=task.labels, guidelines=task.wording.guidelines)
        messages = [Message("system", system)]
        for example in reversed(task.demonstrations(unit, self._shots)):
            doubtful = judgeable(example, task.labels.names)
            if doubtful:
                shown = [mention for mention, _ in doubtful]
                asked = _asked(whole(example), task, shown)
                answer = "\n".join(
                    f"{number}: {'keep' if right else 'drop'}"
                    for number, (_, right) in enumerate(doubtful, start=1)
                )
                messages += [Message("user", asked), Message("assistant", answer)]
        asked = _asked(unit, task, mentions)
        constraint = None if task.decoding.level == "free" else _lines(len(mentions))
        limit = 8 + 8 * len(mentions)
        return Prompt((*messages, Message("user", asked)), limit, constraint)


def _asked(unit: Unit, task: Task, mentions: Sequence[Mention]) -> str:
    return task.wording.templates.render(
        "verify-question", text=unit.text, mentions=mentions, hints=task.hints(unit)
    )


def judged(answer: str, size: int) -> dict[int, str]:
    """Return the verdict, "keep" or "drop", by number from 1 to `size`; the first one counts."""
    verdicts: dict[int, str] = {}
    for found in _VERDICT.finditer(answer):
        number = int(found["number"][:9])
        if 1 <= number <= size:
            verdicts.setdefault(number, found["verdict"].lower())
    return verdicts


def judgeable(example: Example, labels: Iterable[str]) -> list[tuple[Mention, bool]]:
    """Return mentions of an example and whether they are right, each surface and label once."""
    text, wanted = example.document.text, set(labels)
    right = {(e.surface(text), e.label): True for e in example.entities if e.label in wanted}
    found = dict(right)
    for surface, label in right:
        last = surface.split()[-1]
        if not any(last == one for one, _ in right):
            found.setdefault((last, label), False)
    ordered = sorted(found.items(), key=lambda item: (text.find(item[0][0]), item[0]))
    return [(Mention(surface, label), fine) for (surface, label), fine in ordered]


def _lines(size: int) -> Constraint:
    lines = ' "\\n" '.join(f'"{number}: " VERDICT' for number in range(1, size + 1))
    return Constraint(f'start: {lines}\nVERDICT: "keep" | "drop"')


def _noted(reading: Reading, *, unjudged: int) -> Reading:
    if not unjudged:
        return reading
    problems = Counter(reading.problems)
    problems["unjudged"] += unjudged
    return replace(reading, status="repaired", problems=dict(problems))
