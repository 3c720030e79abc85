"""`check_strategy` passes a sound strategy, and finds each fault of one that is not."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from nerharness.plugin import Dialogue, Task
from nerharness.testing import check_strategy
from nerharness.types import Mention, Message, Prompt, Reading, Span, Unit

_numbers = count()


class Sound:
    """Asks once."""

    def solve(self, unit: Unit, task: Task, /) -> Dialogue:
        (completion,) = yield [self.prompt(unit, task)]
        return self.read(completion.text, unit, task)

    def prompt(self, unit: Unit, task: Task) -> Prompt:
        form, labels, level = task.format, task.labels, task.decoding.level
        asked = (Message("system", "Name signs."), Message("user", form.show(unit, labels)))
        return Prompt(asked, 20, form.constrain(unit, labels, level))

    def read(self, answer: str, unit: Unit, task: Task) -> Any:
        return task.format.parse(answer, unit, task.labels)


def asking(**changes: Any) -> dict[str, Any]:
    def prompt(self: Sound, unit: Unit, task: Task) -> Prompt:
        made = Sound.prompt(self, unit, task)
        given = {name: one(made) if callable(one) else one for name, one in changes.items()}
        return replace(made, **given)

    return {"prompt": prompt}


def reading(*mentions: Mention) -> dict[str, Any]:
    return {"read": lambda self, answer, unit, task: Reading(mentions)}


def endless(self: Any, unit: Unit, task: Task) -> Dialogue:
    while True:
        yield [Sound.prompt(self, unit, task)]


def one_prompt(self: Any, unit: Unit, task: Task) -> Any:
    yield Sound.prompt(self, unit, task)
    return Reading(())


def counting(self: Any, unit: Unit, task: Task) -> Prompt:
    made = Sound.prompt(self, unit, task)
    return replace(made, messages=(Message("user", f"{next(_numbers)} {unit.text}"),))


def shared(self: Any, unit: Unit, task: Task) -> Dialogue:
    self.unit = unit
    yield [Sound.prompt(self, unit, task)]
    return Reading((Mention(self.unit.text.split()[0], "sign"),))


def stubborn(self: Any, unit: Unit, task: Task) -> Any:
    try:
        yield [Sound.prompt(self, unit, task)]
    except GeneratorExit:
        yield [Sound.prompt(self, unit, task)]
    return Reading(())


def turned(roles: str) -> dict[str, Any]:
    names = {"s": "system", "u": "user", "a": "assistant"}
    return asking(
        messages=lambda p: tuple(Message(names[r], p.messages[-1].content) for r in roles)
    )  # type: ignore[arg-type]


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "returns a list": ({"read": lambda *_: []}, r"return a Reading at the end, not \[\]"),
    "yields no list": ({"solve": one_prompt}, "yield a turn's prompts as a list"),
    "yields nothing": (
        {"solve": lambda self, unit, task: iter_empty(self, unit, task)},
        "at least one Prompt",
    ),
    "has no end": ({"solve": endless}, "no end after"),
    "raises": ({"read": lambda self, answer, unit, task: int(answer)}, "ValueError: .*partner"),
    "an own label": (reading(Mention("rash", "river")), "'river' is no label"),
    "a label not asked for": (reading(Mention("rash", "disease")), "'disease' is no label"),
    "a far span": (reading(Mention("rash", "sign", Span(0, 999))), "ends behind the text"),
    "user twice": (turned("uu"), "by turns"),
    "system last": (turned("us"), "by turns"),
    "assistant last": (turned("ua"), "user last"),
    "no message": (asking(messages=()), "give messages"),
    "no room": (asking(max_tokens=0), "max_tokens is 0"),
    "another text": (asking(messages=(Message("user", "Well?"),)), "put the unit's text"),
    "never held": (asking(constraint=None), "give prompts the format's constraint"),
    "counts": ({"prompt": counting}, "keep no state between dialogues"),
    "shares": ({"solve": shared}, "keep what a dialogue knows in the generator"),
    "does not close": ({"solve": stubborn}, "ends without complaint"),
}


def iter_empty(self: Any, unit: Unit, task: Task) -> Any:
    yield []
    return Reading(())


def test_a_sound_strategy_passes() -> None:
    check_strategy(Sound())


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found(fault: str) -> None:
    changes, advice = FAULTS[fault]
    broken = type("Broken", (Sound,), changes)()
    with pytest.raises(AssertionError, match=r"Broken breaks \d+ rules? of Strategy") as found:
        check_strategy(broken)
    assert re.search(advice, str(found.value)), found.value
