"""Checking a strategy: the dialogues that it holds about units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest

from nerharness.plugin import Decoding, Format, Hit, Indexed, Strategy, Task
from nerharness.plugin.host import Host, builtin_modules
from nerharness.testing.dialogues import PARTNERS, Held, hold, steps
from nerharness.testing.format import check_reading
from nerharness.testing.rules import require, shown, verify
from nerharness.testing.samples import EXAMPLES, LABELS, PASSAGES, QUESTION, whole
from nerharness.types import Message, Prompt, Unit

_DECODINGS = (
    Decoding(),
    Decoding("schema"),
    Decoding(confidence=True),
    Decoding(continuations=2),
)


@dataclass(frozen=True)
class _Subject:
    strategy: Strategy
    task: Task

    def tasks(self, decoding: Decoding) -> Iterator[Task]:
        task = self.task.varied(
            level=decoding.level,
            confidence=decoding.confidence,
            continuations=decoding.continuations,
        ).fresh()
        yield task
        yield task.only("sign")

    def held(self, task: Task, partner: str, unit: Unit | None = None) -> Held:
        return hold(self.strategy.solve(unit or whole(QUESTION), task), PARTNERS[partner])


class _InOrder:
    """Ranks texts in the order in which they were given."""

    def __init__(self, items: Sequence[Indexed]) -> None:
        self._size = len(items)

    def search(self, queries: Sequence[str], k: int, /) -> Sequence[Sequence[Hit]]:
        return [[Hit(index, 1.0) for index in range(min(k, self._size))] for _ in queries]


def check_strategy(strategy: Strategy, *, format: Format | None = None) -> None:
    """Raise `AssertionError` unless the strategy keeps the contract of `Strategy`.

    It is asked about a sentence in `format` (`json` unless given) and answered well, badly and not
    at all. One that wraps another is given as it is made: around another.
    """
    host = Host(builtin_modules())
    task = Task(
        LABELS,
        format or host.make("formats", "json"),
        examples=EXAMPLES,
        originals=[example.document for example in EXAMPLES],
        passages=PASSAGES,
        index=_InOrder,
        hints="both",
        formats=cache(lambda name: host.make("formats", name)),
    )
    verify(strategy, "Strategy", _RULES, _Subject(strategy, task))


def _ends_in_a_reading(subject: _Subject) -> None:
    """Whatever is answered, a dialogue comes to a reading with the labels of the task."""
    unit = whole(QUESTION)
    for partner in PARTNERS:
        for decoding in _DECODINGS:
            for task in subject.tasks(decoding):
                try:
                    held = subject.held(task, partner)
                    assert held.reading is not None
                    check_reading(held.reading, _ANY, unit, task.labels)
                except Exception as error:
                    kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
                    raise AssertionError(
                        f"{kind}{error}, with a partner that {partner}, at {shown(decoding)}"
                    ) from error


_ANY = " " * 100_000
"""As long as any answer: a reading of several has sources in each."""


def _asks_well(subject: _Subject) -> None:
    """A prompt has turns that alternate up to a question, and room for an answer."""
    for prompt in _prompts(subject, Decoding()):
        roles = [message.role for message in prompt.messages]
        require(
            all(isinstance(one, Message) for one in prompt.messages) and roles,
            f"give messages, not {shown(prompt.messages)}",
        )
        rest = roles[1:] if roles[0] == "system" else roles
        require(
            rest[::2] == ["user"] * len(rest[::2])
            and rest[1::2] == ["assistant"] * len(rest[1::2])
            and rest[-1:] == ["user"],
            f"let a system message, if there is one, come first, then user and assistant by turns, "
            f"user last; it is {shown(roles)}",
        )
        require(
            prompt.max_tokens is None or prompt.max_tokens > 0, f"max_tokens is {prompt.max_tokens}"
        )


def _asks_about_the_unit(subject: _Subject) -> None:
    """The first turn shows the unit's text, unless nothing is asked."""
    for partner in PARTNERS:
        turns = subject.held(subject.task.fresh(), partner).turns
        said = [turn.content for prompt in turns[0] for turn in prompt.messages] if turns else []
        require(
            not said or any(QUESTION.document.text.split()[-1][:-1] in text for text in said),
            f"put the unit's text into the prompt; it says {shown(said)}",
        )


def _holds_answers(subject: _Subject) -> None:
    """At level "schema" each prompt bears a constraint."""
    for prompt in _prompts(subject, Decoding("schema")):
        require(
            prompt.constraint is not None,
            "give prompts the format's constraint at `task.decoding.level`; none is on "
            f"{shown(prompt.messages[-1].content)}",
        )


def _asks_the_same_again(subject: _Subject) -> None:
    """The same unit has the same prompts, and leaves nothing behind."""
    for partner in PARTNERS:
        first, again = (subject.held(subject.task.fresh(), partner) for _ in range(2))
        require(
            first == again,
            "draw nothing at random but by a seed, and keep no state between dialogues; "
            f"it differed with a partner that {partner}",
        )


def _keeps_dialogues_apart(subject: _Subject) -> None:
    """Dialogues that are held side by side are those that are held one by one."""
    units = [whole(QUESTION), whole(EXAMPLES[0])]
    for partner in PARTNERS:
        alone = [subject.held(subject.task.fresh(), partner, unit) for unit in units]
        both = [
            steps(subject.strategy.solve(unit, subject.task.fresh()), PARTNERS[partner])
            for unit in units
        ]
        ends = list(zip_longest(*both))
        beside = [
            next(held for held in reversed(course) if held) for course in zip(*ends, strict=True)
        ]
        require(alone == beside, "keep what a dialogue knows in the generator, not in the strategy")


def _can_be_closed(subject: _Subject) -> None:
    """A dialogue that is closed after its first turn ends without complaint."""
    dialogue = subject.strategy.solve(whole(QUESTION), subject.task.fresh())
    next(dialogue, None)
    dialogue.close()


def _prompts(subject: _Subject, decoding: Decoding) -> Iterator[Prompt]:
    for partner in PARTNERS:
        for turn in subject.held(next(subject.tasks(decoding)), partner).turns:
            yield from turn


_RULES = (
    _ends_in_a_reading,
    _asks_well,
    _asks_about_the_unit,
    _holds_answers,
    _asks_the_same_again,
    _keeps_dialogues_apart,
    _can_be_closed,
)
