"""Driving many dialogues in lock step, so that their prompts share the backend's batches."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import get_args

from nerharness.errors import NerharnessError, PluginError, RunError, Stopped
from nerharness.plugin import Backend, Dialogue
from nerharness.types import Completion, Finish, Prompt, Reading

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
    dialogues: Sequence[Dialogue],
    backend: Backend,
    *,
    documents: Sequence[str] = (),
    stop: Stop = never,
) -> Iterator[tuple[int, Talk]]:
    """Hold all dialogues; yield `(index, talk)` as each comes to its end.

    A turn's prompts of all dialogues that wait go to the backend together. A completion with finish
    "error", or an exception out of a dialogue, ends that dialogue alone. `documents` has the id of
    each dialogue's document. Once `stop` is true, only dialogues about documents (by default each
    is about one) of which a prompt has been answered go on.
    """
    talks = [Talk() for _ in dialogues]
    waiting: dict[int, _Waiting] = {}
    for index, dialogue in enumerate(dialogues):
        prompts = _step(dialogue, None, talks[index])
        if prompts is None:
            yield index, talks[index]
        else:
            waiting[index] = _Waiting(dialogue, prompts)
    subjects: Sequence[object] = documents or range(len(dialogues))
    begun: set[object] = set()
    while waiting:
        if stop():
            stop = never
            for index in [index for index in waiting if subjects[index] not in begun]:
                waiting.pop(index).dialogue.close()
        for index in _turn(waiting, talks, backend, documents, stop):
            begun.add(subjects[index])
            if index not in waiting:
                yield index, talks[index]


def _turn(
    waiting: dict[int, _Waiting],
    talks: Sequence[Talk],
    backend: Backend,
    documents: Sequence[str],
    stop: Stop,
) -> Iterator[int]:
    """Answer what waits now, or, once `stop` is true, what is under way; yield whom with each.

    Leaves in `waiting` the dialogues that go on.
    """
    asked = [(index, slot) for index, state in waiting.items() for slot in state.open_slots]
    prompts = [waiting[index].prompts[slot] for index, slot in asked]
    about = [documents[index] for index, _ in asked] if documents else ()
    for place, completion in answers(backend, prompts, stop, about):
        index, slot = asked[place]
        state = waiting[index]
        state.completions[slot] = completion
        if not state.open_slots:
            following = _advance(state, talks[index])
            if following is None:
                del waiting[index]
            else:
                waiting[index] = following
        yield index


def _advance(state: _Waiting, talk: Talk) -> _Waiting | None:
    completions = [state.completions[slot] for slot in range(len(state.prompts))]
    talk.turns += zip(state.prompts, completions, strict=True)
    failed = next((c for c in completions if c.finish == "error"), None)
    if failed is not None:
        talk.error = failed.error or "the backend gave no reason"
        state.dialogue.close()
        return None
    prompts = _step(state.dialogue, completions, talk)
    return None if prompts is None else _Waiting(state.dialogue, prompts)


def _step(
    dialogue: Dialogue, completions: Sequence[Completion] | None, talk: Talk
) -> Sequence[Prompt] | None:
    """Return the next prompts; at the end set the talk's reading or error and return `None`."""
    try:
        prompts = next(dialogue) if completions is None else dialogue.send(completions)
    except StopIteration as end:
        if isinstance(end.value, Reading):
            talk.reading = end.value
        else:
            talk.error = f"the strategy returned {type(end.value).__name__}, not a Reading"
        return None
    except NerharnessError:
        raise
    except Exception as error:  # a stranger's strategy or format may raise anything
        talk.error = _whole(f"{type(error).__name__}: {error}")
        return None
    if prompts:
        return prompts
    dialogue.close()
    raise PluginError("a strategy yielded a turn without prompts")


def answers(
    backend: Backend, prompts: Sequence[Prompt], stop: Stop = never, about: Sequence[str] = ()
) -> Iterator[tuple[int, Completion]]:
    """Yield exactly one completion per prompt, whatever the backend does.

    `about` has the id of each prompt's document, for a backend that has a `generate_about`.

    When it raises, stops early or breaks its contract, the prompts without an answer are asked once
    more, one by one; those that fail again get a completion with finish "error". Once `stop` is
    true, a backend that has a `drain` is asked to begin no more, and what it leaves is left. A
    `RunError` or `Stopped` of the backend ends the run.
    """
    left = dict(enumerate(prompts))
    fault = "the backend gave no completion for this prompt"
    drained = False
    try:
        for index, completion in _generate(backend, prompts, about):
            yield _taken(index, completion, left)
            if not drained and stop() and (drain := getattr(backend, "drain", None)):
                drain()
                drained = True
    except (RunError, Stopped):
        raise
    except Exception as error:  # a backend may fail in any way; the run must go on
        fault = _whole(f"{type(error).__name__}: {error}")
        if isinstance(error, PluginError):
            warnings.warn(f"the backend breaks its contract: {error}", stacklevel=2)
    if drained:
        return
    if len(prompts) == 1 and left:
        yield 0, Completion("", "error", error=fault)
        return
    for index, prompt in left.items():
        for _, completion in answers(backend, [prompt], about=about[index : index + 1]):
            yield index, completion


def _generate(
    backend: Backend, prompts: Sequence[Prompt], about: Sequence[str]
) -> Iterator[tuple[int, Completion]]:
    generate: GenerateAbout | None = getattr(backend, "generate_about", None) if about else None
    return generate(prompts, about) if generate else backend.generate(prompts)


def _taken(index: int, completion: Completion, left: dict[int, Prompt]) -> tuple[int, Completion]:
    """Return the pair, its completion sound, with its prompt removed from those `left`."""
    completion = sound(completion)
    if left.pop(index, None) is None:
        raise PluginError(f"it answered prompt {index!r:.40} twice, or unasked")
    return index, completion


def sound(completion: Completion) -> Completion:
    """Return the completion without lone surrogates, which JSON may hold and no file can.

    `PluginError` for one that is none, and an error in place of one with a log-probability that is
    no number: then its text cannot be trusted, either.
    """
    if not isinstance(completion, Completion) or completion.finish not in get_args(Finish):
        raise PluginError(f"{completion!r:.200} is no completion")
    if any(math.isnan(token.logprob) for token in completion.tokens or ()):
        reason = "the backend gave a log-probability that is not a number (NaN)"
        return Completion("", "error", completion.usage, reason)
    error = None if completion.error is None else _whole(completion.error)
    return replace(completion, text=_whole(completion.text), error=error)


def _whole(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
