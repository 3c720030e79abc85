"""Questions about one unit: the instruction, solved examples as earlier turns, the question."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace

from nerharness.plugin import Dialogue, Task
from nerharness.reasoning import without_reasoning
from nerharness.strategies.confidence import weighed
from nerharness.types import Completion, Example, Message, Passage, Prompt, Reading, Span, Unit


def ask_once(
    unit: Unit,
    task: Task,
    *,
    examples: Sequence[Example] = (),
    passages: Sequence[Passage] = (),
) -> Dialogue:
    """Put one question (one per label, if the format wants that) and read what is answered.

    `examples`, best first, are shown in reverse.
    """
    one_by_one = task.format.one_label
    parts = [task.only(name) for name in task.labels.names] if one_by_one else [task]
    prompts = [render(unit, part, examples=examples, passages=passages) for part in parts]
    completions = yield from answered(prompts, task.decoding.continuations)
    readings = [
        read(completion, unit, part) for completion, part in zip(completions, parts, strict=True)
    ]
    return Reading.together(readings)


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
    form, labels, decoding = task.format, task.labels, task.decoding
    system = task.wording.templates.render(
        "system",
        instruction=task.wording.templates.render(form.template.name, labels=labels),
        guidelines=task.wording.guidelines,
        passages=passages,
    )
    messages = [Message("system", system)]
    for example in reversed(examples):
        messages.append(Message("user", question(whole(example), task)))
        messages.append(Message("assistant", form.demonstrate(example, labels)))
    messages.append(Message("user", question(unit, task)))
    return Prompt(
        tuple(messages),
        form.limit(unit, labels),
        form.constrain(unit, labels, decoding.level),
        sampling=decoding.sampling,
        logprobs=decoding.confidence,
        ending=_ending(unit, task) if decoding.level == "free" else None,
    )


def _ending(unit: Unit, task: Task) -> str | None:
    """Return the grammar of whole answers: what a model writes behind one is not about the unit."""
    whole = task.format.constrain(unit, task.labels, "schema")
    return whole.grammar if whole else None


def question(unit: Unit, task: Task) -> str:
    """Return the turn that asks about the unit."""
    text = task.format.show(unit, task.labels)
    return task.wording.templates.render("question", text=text, hints=task.hints(unit))


def read(completion: Completion, unit: Unit, task: Task) -> Reading:
    """Read an answer but for its reasoning; its mentions are weighed if its tokens are known.

    Where the answer was cut, a mention whose words are its very end may be half of one: it is
    dropped, and counted as `cut`.
    """
    answer = without_reasoning(completion.text, unit, task.labels)
    reading = task.format.parse(answer, unit, task.labels)
    if completion.finish == "length":
        reading = _without_end(reading, answer)
    return reading if completion.tokens is None else weighed(reading, completion.tokens)


def _without_end(reading: Reading, answer: str) -> Reading:
    kept = tuple(
        one
        for one in reading.mentions
        if one.source is None or one.source.end < len(answer) or not answer.endswith(one.text)
    )
    if cut := len(reading.mentions) - len(kept):
        problems = {**reading.problems, "cut": reading.problems.get("cut", 0) + cut}
        return Reading(kept, "repaired", problems)
    return reading


def answered(
    prompts: Sequence[Prompt], continuations: int = 0
) -> Generator[Sequence[Prompt], Sequence[Completion], list[Completion]]:
    """Put prompts, and go on with answers that are cut off, up to `continuations` times each."""
    completions = list((yield prompts))
    for _ in range(continuations):
        cut = [place for place, one in enumerate(completions) if one.finish == "length"]
        if not cut:
            break
        rest = yield [replace(prompts[place], prefix=completions[place].text) for place in cut]
        for place, more in zip(cut, rest, strict=True):
            completions[place] = _joined(completions[place], more)
    return completions


def _joined(first: Completion, more: Completion) -> Completion:
    tokens = None if first.tokens is None else first.tokens + (more.tokens or ())
    usage = first.usage + more.usage
    return Completion(first.text + more.text, more.finish, usage, tokens=tokens)


def whole(example: Example) -> Unit:
    """Return the unit that covers the example's whole document."""
    return Unit(example.document, Span(0, len(example.document.text)))
