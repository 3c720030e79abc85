"""The `paper` strategy: the shape of prompt that the RareDis study put (arXiv:2407.00731).

The instruction stands in the system turn; the tokens of a text stand one on a line under
"### Input:", and the answer under "### Output:". The study showed five fixed sentences of train,
which `--retriever fixed` chooses. It had no hints; those that a run asks for come first.
"""

from __future__ import annotations

from dataclasses import replace

from nerharness.errors import UsageError
from nerharness.grammar import after
from nerharness.plugin import Dialogue, Task
from nerharness.reasoning import without_reasoning
from nerharness.strategies.chat import answered, read, whole
from nerharness.types import Constraint, Message, Prompt, Unit
from nerharness.white_space import on_a_line, trimmed

_FORMAT = "formats/bio"
_OUTPUT = "### Output:\n"


class Paper:
    """Asks for a tag per token as the study did, after `paper_shots` solved examples in order."""

    def __init__(self, *, paper_shots: int) -> None:
        if paper_shots < 0:
            raise UsageError(f"{paper_shots} is negative", where="--paper-shots")
        self._shots = paper_shots

    def solve(self, unit: Unit, task: Task, /) -> Dialogue:
        """Ask once; raises `UsageError` for a format with another kind of answer."""
        form, labels, decoding = task.format, task.labels, task.decoding
        if form.template.name != _FORMAT:
            raise UsageError("its answers are those of --format bio", where="--strategy paper")
        wording = task.wording
        system = wording.templates.render("paper", labels=labels, guidelines=wording.guidelines)
        messages = [Message("system", system)]
        for example in task.demonstrations(unit, self._shots):
            answer = form.demonstrate(example, labels)
            messages.append(Message("user", _asked(whole(example), task)))
            messages.append(Message("assistant", _OUTPUT + answer))
        held = form.constrain(unit, labels, decoding.level)
        prompt = Prompt(
            (*messages, Message("user", _asked(unit, task))),
            form.limit(unit, labels),
            held and Constraint(after(_OUTPUT, held.grammar)),
            sampling=decoding.sampling,
            logprobs=decoding.confidence,
        )
        (completion,) = yield from answered([prompt], decoding.continuations)
        # Blanked, not cut, so that places in the answer stay what they are.
        said = without_reasoning(completion.text, unit, labels)
        lines = said.replace(_OUTPUT.strip(), " " * len(_OUTPUT.strip()), 1)
        return read(replace(completion, text=lines), unit, task)


def _asked(unit: Unit, task: Task) -> str:
    spans = trimmed(unit.text, unit.tokens)
    tokens = [on_a_line(unit.text[span.start : span.end]) for span in spans]
    return task.wording.templates.render("paper-question", tokens=tokens, hints=task.hints(unit))
