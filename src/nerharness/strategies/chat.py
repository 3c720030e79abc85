"""One prompt about one unit: the instruction, solved examples as earlier turns, the question."""

from __future__ import annotations

from collections.abc import Sequence

from nerharness.plugin import Dialogue, Task
from nerharness.types import Example, Message, Passage, Prompt, Span, Unit


def ask_once(
    unit: Unit,
    task: Task,
    *,
    examples: Sequence[Example] = (),
    passages: Sequence[Passage] = (),
) -> Dialogue:
    """Put one prompt and read its answer; `examples`, best first, are shown in reverse."""
    prompt = render(unit, task, examples=examples, passages=passages)
    (completion,) = yield (prompt,)
    return task.format.parse(completion.text, unit, task.labels)


def render(
    unit: Unit,
    task: Task,
    *,
    examples: Sequence[Example] = (),
    passages: Sequence[Passage] = (),
) -> Prompt:
    """Build the prompt; what all units share comes first, so that its computation can be shared.

    Passages stand before the examples, so that the question has the very shape of theirs.
    """
    form = task.format
    known = "".join(f"\n- {passage.title}: {passage.gloss}" for passage in passages)
    background = f"\n\nBackground:{known}" if passages else ""
    messages = [Message("system", form.instruct(task.labels) + background)]
    for example in reversed(examples):
        messages.append(Message("user", form.ask(whole(example))))
        messages.append(Message("assistant", form.demonstrate(example)))
    messages.append(Message("user", form.ask(unit)))
    return Prompt(tuple(messages), form.limit(unit, task.labels))


def whole(example: Example) -> Unit:
    """Return the unit that covers the example's whole document."""
    return Unit(example.document, Span(0, len(example.document.text)))
