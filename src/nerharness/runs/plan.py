"""A run as planned: its prompts, and how much there is to read and to write. Asks no model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from nerharness.errors import NerharnessError, UsageError
from nerharness.plugin.host import Host
from nerharness.runs.inputs import Inputs, read_inputs
from nerharness.runs.prompting import Prompting, make_prompting
from nerharness.runs.spec import Spec
from nerharness.templates import Templates
from nerharness.types import Prompt, Unit

BYTES_PER_TOKEN = 4
"""What English text has with most tokenizers, about."""

SCHEMA = 1


class Opening(NamedTuple):
    """A unit and the prompts of the first turn about it."""

    unit: Unit
    prompts: Sequence[Prompt]


class UsedTemplate(NamedTuple):
    """A template that went into prompts; `replaced_by` is the user's file, if it is one."""

    name: str
    sha256: str
    replaced_by: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would ask in the first turn about each unit; later turns depend on answers."""

    documents: int
    units: int
    prompts: int
    characters: int
    """Of the messages, without the marks that a chat template puts around them."""
    prompt_tokens: int
    longest_prompt: int
    """The tokens of the longest prompt."""
    answer_tokens: int | None
    """An upper bound; `None` if the answers have none."""
    estimated: str | None
    """Why the prompts' tokens are an estimate; `None` if they are counted."""
    templates: tuple[UsedTemplate, ...]
    shown: tuple[Opening, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON values."""
        counts = {
            name: getattr(self, name)
            for name in ("documents", "units", "prompts", "characters", "prompt_tokens")
        }
        return {
            "schema": SCHEMA,
            **counts,
            "longest_prompt": self.longest_prompt,
            "answer_tokens": self.answer_tokens,
            "estimated": self.estimated,
            "templates": [template._asdict() for template in self.templates],
            "shown": [_opening_json(*opening) for opening in self.shown],
        }


def _opening_json(unit: Unit, prompts: Sequence[Prompt]) -> dict[str, Any]:
    return {
        "document": unit.document.id,
        "start": unit.span.start,
        "end": unit.span.end,
        "prompts": [_prompt_json(prompt) for prompt in prompts],
    }


def _prompt_json(prompt: Prompt) -> dict[str, Any]:
    held, drawn = prompt.constraint, prompt.sampling
    return {
        "messages": [message._asdict() for message in prompt.messages],
        "prefix": prompt.prefix,
        "max_tokens": prompt.max_tokens,
        "grammar": held.grammar if held else None,
        "sampling": {"temperature": drawn.temperature, "seed": drawn.seed} if drawn else None,
        "logprobs": prompt.logprobs,
    }


def make_plan(spec: Spec, host: Host, *, show: int) -> Plan:
    """Make the first prompts about every unit; the plan shows those of the first `show` units.

    Raises the errors of `nerharness.errors`. The retriever is used as in a run; no backend is made.
    """
    if spec.tagger is not None:
        raise UsageError("a tagger is not prompted: there is nothing to plan", where="--tagger")
    inputs = read_inputs(spec, host)
    prompting = make_prompting(inputs, host)
    openings = [Opening(unit, prompting.opening(unit)) for unit in inputs.units()]
    count, estimated = _counter(inputs, host)
    prompts = [prompt for opening in openings for prompt in opening.prompts]
    tokens = [count(prompt) for prompt in prompts]
    return Plan(
        documents=len(inputs.selection.examples),
        units=len(openings),
        prompts=len(prompts),
        characters=sum(_characters(prompt) for prompt in prompts),
        prompt_tokens=sum(tokens),
        longest_prompt=max(tokens, default=0),
        answer_tokens=_answer_tokens(prompts, inputs.options["backends"].get("max_tokens")),
        estimated=estimated,
        templates=_used(prompting),
        shown=tuple(islice(openings, show)),
    )


def _counter(inputs: Inputs, host: Host) -> tuple[Callable[[Prompt], int], str | None]:
    """Return what counts tokens, and, if it only estimates, why."""
    name, options = inputs.spec.backend, inputs.options["backends"]
    try:
        counter = host.find("backends", name).make_counter(f"backend {name!r}", options=options)
    except NerharnessError as error:
        return _estimate, str(error)
    if counter is None:
        return _estimate, f"backend {name!r} cannot count without its model"
    return counter.count, None


def _estimate(prompt: Prompt) -> int:
    size = sum(len(content.encode()) for _, content in prompt.messages) + len(prompt.prefix)
    return -(-size // BYTES_PER_TOKEN)


def _characters(prompt: Prompt) -> int:
    return sum(len(content) for _, content in prompt.messages) + len(prompt.prefix)


def _answer_tokens(prompts: Sequence[Prompt], bound: object) -> int | None:
    """Return the sum of the prompts' limits; `bound` is the backend's, by convention an option."""
    total = 0
    for prompt in prompts:
        limits = [one for one in (prompt.max_tokens, bound) if isinstance(one, int)]
        if not limits:
            return None
        total += min(limits)
    return total


def _used(prompting: Prompting) -> tuple[UsedTemplate, ...]:
    templates: Templates = prompting.task.wording.templates
    found = []
    for name, digest in templates.used.items():
        file = templates.file(name)
        found.append(UsedTemplate(name, digest, None if file is None else str(file)))
    return tuple(found)
