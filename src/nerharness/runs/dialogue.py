"""Driving many dialogues in lock step, so that their prompts share the backend's batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from nerharness.errors import NerharnessError, PluginError
from nerharness.plugin import Backend, Dialogue
from nerharness.types import Completion, Prompt, Reading


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


def converse(dialogues: Sequence[Dialogue], backend: Backend) -> Iterator[tuple[int, Talk]]:
    """Hold all dialogues; yield `(index, talk)` as each comes to its end.

    A turn's prompts of all dialogues that wait go to the backend together. A completion with finish
    "error", or an exception out of a dialogue, ends that dialogue alone.
    """
    talks = [Talk() for _ in dialogues]
    waiting: dict[int, _Waiting] = {}
    for index, dialogue in enumerate(dialogues):
        prompts = _step(dialogue, None, talks[index])
        if prompts is None:
            yield index, talks[index]
        else:
            waiting[index] = _Waiting(dialogue, prompts)
    while waiting:
        yield from _turn(waiting, talks, backend)


def _turn(
    waiting: dict[int, _Waiting], talks: Sequence[Talk], backend: Backend
) -> Iterator[tuple[int, Talk]]:
    """Answer everything that waits now; leave in `waiting` the dialogues that go on."""
    asked = [(i, slot) for i, state in waiting.items() for slot in range(len(state.prompts))]
    prompts = [waiting[index].prompts[slot] for index, slot in asked]
    for place, completion in answers(backend, prompts):
        index, slot = asked[place]
        state, talk = waiting[index], talks[index]
        state.completions[slot] = completion
        talk.turns.append((state.prompts[slot], completion))
        if len(state.completions) < len(state.prompts):
            continue
        following = _advance(state, talk)
        if following is None:
            del waiting[index]
            yield index, talk
        else:
            waiting[index] = following


def _advance(state: _Waiting, talk: Talk) -> _Waiting | None:
    completions = [state.completions[slot] for slot in range(len(state.prompts))]
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


def answers(backend: Backend, prompts: Sequence[Prompt]) -> Iterator[tuple[int, Completion]]:
    """Yield exactly one completion per prompt, whatever the backend does.

    When it raises or stops early, the prompts without an answer are asked once more, one by one;
    those that fail again get a completion with finish "error".
    """
    left = dict(enumerate(prompts))
    fault = "the backend gave no completion for this prompt"
    try:
        for index, completion in backend.generate(prompts):
            if left.pop(index, None) is None:
                raise PluginError(f"the backend answered prompt {index} twice, or unasked")
            yield index, _sound(completion)
    except PluginError:
        raise
    except Exception as error:  # a backend may fail in any way; the run must go on
        fault = _whole(f"{type(error).__name__}: {error}")
    if len(prompts) == 1 and left:
        yield 0, Completion("", "error", error=fault)
        return
    for index, prompt in left.items():
        for _, completion in answers(backend, [prompt]):
            yield index, completion


def _sound(completion: Completion) -> Completion:
    """Replace lone surrogates, which a server's JSON may hold and no file can."""
    error = None if completion.error is None else _whole(completion.error)
    return replace(completion, text=_whole(completion.text), error=error)


def _whole(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
