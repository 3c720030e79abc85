"""Driving many dialogues in lock step, so that their prompts share the backend's batches."""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any

from nerharness.errors import NerharnessError, PluginError, RunError, Stopped
from nerharness.plugin import Backend, Dialogue
from nerharness.runs.soundness import sound, sound_turn, whole
from nerharness.types import Completion, Prompt, Reading

Stop = Callable[[], bool]
"""Whether to finish what is under way and begin nothing more."""

GenerateAbout = Callable[[Sequence[Prompt], Sequence[str]], Iterator[tuple[int, Completion]]]
"""A backend's `generate` that is also told the id of each prompt's document."""


def never() -> bool:
    """Never stop."""
    return False


@dataclass(slots=True)
class Talk:
    """A dialogue's course: its turns so far, and in the end a reading or an error."""

    turns: list[tuple[Prompt, Completion]] = field(default_factory=list)
    reading: Reading | None = None
    error: str | None = None


@dataclass(slots=True)
class _Waiting:
    """A dialogue whose prompts are with the backend."""

    dialogue: Dialogue
    prompts: Sequence[Prompt]
    completions: dict[int, Completion] = field(default_factory=dict)

    @property
    def open_slots(self) -> list[int]:
        """The places of the prompts that are not answered."""
        return [slot for slot in range(len(self.prompts)) if slot not in self.completions]


def converse(
    dialogues: Iterable[Dialogue],
    backend: Backend,
    *,
    documents: Sequence[str] | None = None,
    room: float = math.inf,
    stop: Stop = never,
) -> Iterator[tuple[int, Talk]]:
    """Hold all dialogues; yield `(index, talk)` as each comes to its end.

    A turn's prompts of all dialogues that wait go to the backend together. With one that `grows`,
    at most `room` dialogues are held at once, and what follows an answer, be it a turn or another
    dialogue, joins what is being answered. A completion with finish "error", or an exception out of
    a dialogue, ends that dialogue alone. `documents` has the id of each dialogue's document, at the
    latest when the dialogue is taken. Once `stop` is true, only dialogues about documents (by
    default each is about one) of which a prompt has been answered go on.
    """
    circle = _Circle(enumerate(dialogues), backend, documents, room)
    while True:
        if stop():
            stop = never
            circle.close()
        for index, talk in circle.open():
            if talk is not None:
                yield index, talk
        if not circle.waiting:
            return
        yield from circle.turn(stop)


@dataclass(slots=True)
class _Questions:
    """The prompts of a turn: whose they are, and about which documents."""

    documents: Sequence[str] | None
    asked: list[tuple[int, int]] = field(default_factory=list)
    """The dialogue of each prompt, and its place among those that this has asked together."""
    about: list[str] = field(default_factory=list)
    prompts: list[Prompt] = field(default_factory=list)

    def add(self, index: int, state: _Waiting) -> None:
        """Add what a dialogue waits for."""
        for slot in state.open_slots:
            self.asked.append((index, slot))
            if self.documents is not None:
                self.about.append(self.documents[index])
            self.prompts.append(state.prompts[slot])  # last: from now on it may be asked


@dataclass(slots=True)
class _Circle:
    """Dialogues that are held, and those that are to come."""

    coming: Iterator[tuple[int, Dialogue]]
    backend: Backend
    documents: Sequence[str] | None
    room: float
    waiting: dict[int, _Waiting] = field(default_factory=dict)
    talks: dict[int, Talk] = field(default_factory=dict)
    begun: set[object] = field(default_factory=set)
    """What the dialogues are about that have had an answer."""

    @property
    def grows(self) -> bool:
        """Whether the backend heeds prompts that come while it answers others."""
        return getattr(self.backend, "grows", False)

    def open(self) -> Iterator[tuple[int, Talk | None]]:
        """Begin dialogues while there is room; yield each, with its talk if it ends at once."""
        room = self.room if self.grows else math.inf
        while len(self.waiting) < room and (one := next(self.coming, None)):
            index, dialogue = one
            talk = Talk()
            prompts = _step(dialogue, None, talk)
            if prompts is not None:
                self.waiting[index] = _Waiting(dialogue, prompts)
                self.talks[index] = talk
            yield index, talk if prompts is None else None

    def close(self) -> None:
        """Leave the dialogues about what is not begun; those about one document come together."""
        self.coming = itertools.takewhile(lambda one: self._is_begun(one[0]), self.coming)
        for index in [index for index in self.waiting if not self._is_begun(index)]:
            if fault := _left(self.waiting.pop(index).dialogue):
                warnings.warn(f"a dialogue is left: {fault}", stacklevel=2)

    def turn(self, stop: Stop) -> Iterator[tuple[int, Talk]]:
        """Answer what waits, or, once `stop` is true, what is under way; yield what ends.

        Leaves in `waiting` the dialogues that go on.
        """
        questions = _Questions(self.documents)
        for index, state in self.waiting.items():
            questions.add(index, state)
        for place, completion in answers(self.backend, questions.prompts, stop, questions.about):
            index, slot = questions.asked[place]
            following = self._answer(index, slot, completion)
            if index not in self.waiting:
                yield index, self.talks.pop(index)
            if self.grows and not stop():
                if following is not None:
                    questions.add(index, following)
                yield from self._join(questions)

    def _join(self, questions: _Questions) -> Iterator[tuple[int, Talk]]:
        """Begin dialogues while there is room, and ask what they ask; yield what ends at once."""
        for index, talk in self.open():
            if talk is None:
                questions.add(index, self.waiting[index])
            else:
                yield index, talk

    def _answer(self, index: int, slot: int, completion: Completion) -> _Waiting | None:
        """Take an answer; return what its dialogue waits for if another turn follows."""
        self.begun.add(self._subject(index))
        state = self.waiting[index]
        state.completions[slot] = completion
        if state.open_slots:
            return None
        following = _advance(state, self.talks[index])
        if following is None:
            del self.waiting[index]
        else:
            self.waiting[index] = following
        return following

    def _is_begun(self, index: int) -> bool:
        return self._subject(index) in self.begun

    def _subject(self, index: int) -> object:
        return index if self.documents is None else self.documents[index]


def _advance(state: _Waiting, talk: Talk) -> _Waiting | None:
    completions = [state.completions[slot] for slot in range(len(state.prompts))]
    talk.turns += zip(state.prompts, completions, strict=True)
    failed = next((c for c in completions if c.finish == "error"), None)
    if failed is not None:
        _fail(talk, failed.error or "the backend gave no reason", state.dialogue)
        return None
    prompts = _step(state.dialogue, completions, talk)
    return None if prompts is None else _Waiting(state.dialogue, prompts)


def _step(
    dialogue: Dialogue, completions: Sequence[Completion] | None, talk: Talk
) -> Sequence[Prompt] | None:
    """Return the next prompts; at the end set the talk's reading or error and return `None`."""
    try:
        return sound_turn(next(dialogue) if completions is None else dialogue.send(completions))
    except StopIteration as end:
        if isinstance(end.value, Reading):
            talk.reading = end.value
        else:
            talk.error = f"the strategy returned {type(end.value).__name__}, not a Reading"
        return None
    except Exception as error:  # a stranger's strategy or format may raise anything
        if isinstance(error, NerharnessError) and not isinstance(error, PluginError):
            raise
        _fail(talk, whole(f"{type(error).__name__}: {error}"), dialogue)
        return None


def _fail(talk: Talk, error: str, dialogue: Dialogue) -> None:
    """End the talk with this error, and with what goes wrong as its dialogue is left."""
    fault = _left(dialogue)
    talk.error = f"{error}; {fault}" if fault else error


def _left(dialogue: Dialogue) -> str:
    """Close a dialogue; return what it raises at that, if anything."""
    try:
        dialogue.close()
    except Exception as error:  # a stranger's generator may do anything when it is closed
        return whole(f"closing it raised {type(error).__name__}: {error}")
    return ""


def answers(
    backend: Backend, prompts: Sequence[Prompt], stop: Stop = never, about: Sequence[str] = ()
) -> Iterator[tuple[int, Completion]]:
    """Yield exactly one completion per prompt, whatever the backend does.

    `about` has the id of each prompt's document, for a backend that has a `generate_about`. If the
    backend `grows`, both may grow between two completions: what it does not come to is left.

    When it raises, stops early or breaks its contract, the prompts without an answer are asked once
    more, one by one; those that fail again get a completion with finish "error". Once `stop` is
    true, a backend that has a `drain` is asked to begin no more, and what it leaves is left; one
    that takes a `stop` looks itself. A `RunError` or `Stopped` of the backend ends the run.
    """
    first = len(prompts)
    looks = takes(backend, "stop")
    answered: set[int] = set()
    fault = "the backend gave no completion for this prompt"
    drained = False
    try:
        for index, completion in _generate(backend, prompts, about, stop):
            yield _taken(index, completion, range(len(prompts)), answered)
            if not drained and stop() and (drain := getattr(backend, "drain", None)):
                drain()
                drained = True
    except (RunError, Stopped):
        raise
    except Exception as error:  # a backend may fail in any way; the run must go on
        fault = whole(f"{type(error).__name__}: {error}")
        if isinstance(error, PluginError):
            warnings.warn(f"the backend breaks its contract: {error}", stacklevel=2)
    if drained or (stop() and looks):
        return
    for index in [index for index in range(first) if index not in answered]:
        if first == 1:
            yield 0, Completion("", "error", error=fault)
            return
        for _, completion in answers(backend, [prompts[index]], about=about[index : index + 1]):
            yield index, completion


def _generate(
    backend: Backend, prompts: Sequence[Prompt], about: Sequence[str], stop: Stop
) -> Iterator[tuple[int, Completion]]:
    generate: GenerateAbout | None = getattr(backend, "generate_about", None) if about else None
    with _told(backend, stop):
        yield from generate(prompts, about) if generate else backend.generate(prompts)


@contextmanager
def _told(backend: Any, stop: Stop) -> Iterator[None]:
    """Have a backend that takes a `stop` look at this one while it is asked."""
    if not takes(backend, "stop"):
        yield
        return
    backend.stop = stop
    try:
        yield
    finally:
        backend.stop = None


def takes(backend: object, name: str) -> bool:
    """Tell whether the backend is to be given what the attribute is for: it is there, and `None`.

    Whatever else a backend calls by that name is its own.
    """
    return getattr(backend, name, True) is None


def _taken(
    index: int, completion: Completion, asked: range, answered: set[int]
) -> tuple[int, Completion]:
    """Return the pair, its completion sound, its prompt one of those `asked` and now `answered`."""
    completion = sound(completion)
    if not isinstance(index, Integral) or index not in asked or index in answered:
        raise PluginError(f"it answered prompt {index!r:.40} twice, or unasked")
    answered.add(index)
    return int(index), completion
