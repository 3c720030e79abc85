"""A run as planned: its prompts, and how much there is to read and to write. Asks no model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from nerharness.errors import NerharnessError, UsageError
from nerharness.plugin.host import Host
from nerharness.pricing import Price
from nerharness.runs.abilities import check_declared
from nerharness.runs.cuts import UnitCuts
from nerharness.runs.inputs import Inputs, read_inputs
from nerharness.runs.later_turns import later_turns
from nerharness.runs.prompting import Prompting, make_prompting
from nerharness.runs.spec import Spec
from nerharness.runs.units import unit_examples
from nerharness.templates import Templates
from nerharness.types import LabelSet, Prompt, Unit, Usage

BYTES_PER_TOKEN = 4
"""What English text has with most tokenizers, about."""

SCHEMA = 1

_SAMPLED = 200
"""So many train units tell how long answers are."""


class Opening(NamedTuple):
    """A unit and the prompts of the first turn about it."""

    unit: Unit
    prompts: Sequence[Prompt]


class UsedTemplate(NamedTuple):
    """A template that went into prompts; `replaced_by` is the user's file, if it is one."""

    name: str
    sha256: str
    replaced_by: str | None


class Cost(NamedTuple):
    """US dollars of the first turns, estimated; `most` if answers are as long as they may be."""

    expected: float
    most: float | None


class Later(NamedTuple):
    """What later turns would ask, by `tried` units of train whose first answers are right."""

    tried: int
    prompts: int
    prompt_tokens: int
    answer_tokens: int | None
    """If they are as long as they may be; `None` if they have no bound."""
    cost: float | None
    """US dollars with such answers; `None` where the price or a bound is not known."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would ask in the first turn about each unit, and an estimate of later turns."""

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
    expected_tokens: int
    """Of the answers, if they are as long as right ones about train texts, and their reasoning."""
    reasoning_tokens: int
    """Those of them that are room for reasoning: how much of it is used no one knows."""
    priced: bool
    """Whether answers of the backend have a price, known or not."""
    cost: Cost | None
    """`None` where the price is not known, or there is none."""
    estimated: str | None
    """Why the prompts' tokens are an estimate; `None` if they are counted."""
    templates: tuple[UsedTemplate, ...]
    labels: LabelSet
    cuts: UnitCuts
    """Gold that no answer can name."""
    shown: tuple[Opening, ...]
    train: bool
    """Whether there is a train split, by which later turns can be estimated."""
    later: Later | None
    """`None` where there are none, or no train."""

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
            "expected_tokens": self.expected_tokens,
            "reasoning_tokens": self.reasoning_tokens,
            "priced": self.priced,
            "cost": self.cost and self.cost._asdict(),
            "later": self.later and self.later._asdict(),
            "estimated": self.estimated,
            "templates": [template._asdict() for template in self.templates],
            "cut_by_units": self.cuts.to_json(),
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
        "reasoning_tokens": prompt.reasoning_tokens,
        "grammar": held.grammar if held else None,
        "sampling": {"temperature": drawn.temperature, "seed": drawn.seed} if drawn else None,
        "logprobs": prompt.logprobs,
    }


Counter = tuple[Callable[[Prompt], int], str | None]
"""What counts tokens, and, if it only estimates, why."""
Counters = dict[tuple[Any, ...], Counter]
"""By the backend's name and options."""


def make_plan(spec: Spec, host: Host, *, show: int, counters: Counters | None = None) -> Plan:
    """Make the first prompts about every unit; the plan shows those of the first `show` units.

    Raises the errors of `nerharness.errors`. The retriever is used as in a run; no backend is made.
    What counts tokens is taken from `counters`, or kept there for other plans.
    """
    if spec.tagger is not None:
        raise UsageError("a tagger is not prompted: there is nothing to plan", where="--tagger")
    inputs = read_inputs(spec, host)
    prompting = make_prompting(inputs, host)
    first = next(inputs.units(), None)
    opening = prompting.opening(first) if first else ()
    check_declared(spec, host, prompting.task.decoding, opening)
    openings = [Opening(unit, prompting.opening(unit)) for unit in inputs.units()]
    counters = {} if counters is None else counters
    key = spec.backend, tuple(sorted(inputs.options["backends"].items()))
    if key not in counters:
        counters[key] = _counter(inputs, host)
    count, estimated = counters[key]
    prompts = [prompt for opening in openings for prompt in opening.prompts]
    tokens = [count(prompt) for prompt in prompts]
    limits = _limits(prompts, inputs.options["backends"].get("max_tokens"))
    likely = _usual_answer(inputs, prompting)
    expected = [
        _expected(prompt, likely, limit) for prompt, limit in zip(prompts, limits, strict=True)
    ]
    return Plan(
        documents=len(inputs.selection.examples),
        units=len(openings),
        prompts=len(prompts),
        characters=sum(_characters(prompt) for prompt in prompts),
        prompt_tokens=sum(tokens),
        longest_prompt=max(tokens, default=0),
        answer_tokens=_total(limits),
        expected_tokens=sum(expected),
        reasoning_tokens=sum(prompt.reasoning_tokens for prompt in prompts),
        priced=host.find("backends", spec.backend).price is not None,
        cost=_cost(inputs, host, list(zip(tokens, expected, limits, strict=True))),
        estimated=estimated,
        templates=_used(prompting),
        labels=inputs.corpus.labels,
        cuts=UnitCuts.of(inputs.splits, spec.unit),
        shown=tuple(islice(openings, show)),
        train=bool(inputs.train),
        later=_later(inputs, prompting, host, count, len(openings)),
    )


def _counter(inputs: Inputs, host: Host) -> Counter:
    """Return what counts tokens, and, if it only estimates, why."""
    name, options = inputs.spec.backend, inputs.options["backends"]
    title = host.title("backends", name)
    try:
        counter = host.find("backends", name).make_counter(title, options=options)
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


def _limits(prompts: Sequence[Prompt], bound: object) -> list[int | None]:
    """Return each answer's limit; `bound` is the backend's, by convention an option."""
    if isinstance(bound, int):
        return [prompt.limit(bound) for prompt in prompts]
    return [prompt.max_tokens for prompt in prompts]


def _expected(prompt: Prompt, likely: int, limit: int | None) -> int:
    """Return how many tokens are written if the answer is likely, its reasoning the longest."""
    size = likely + prompt.reasoning_tokens
    return size if limit is None else min(size, limit)


def _total(limits: Sequence[int | None]) -> int | None:
    known = [limit for limit in limits if limit is not None]
    return sum(known) if len(known) == len(limits) else None


def _usual_answer(inputs: Inputs, prompting: Prompting) -> int:
    """Return how many tokens the right answers about the first train units have on average."""
    task = prompting.task
    examples = list(islice(unit_examples(inputs.train, inputs.spec.unit), _SAMPLED))
    sizes = [len(task.format.demonstrate(one, task.labels).encode()) for one in examples]
    return -(-sum(sizes) // (len(sizes) * BYTES_PER_TOKEN)) if sizes else 0


def _cost(inputs: Inputs, host: Host, sizes: Sequence[tuple[int, int, int | None]]) -> Cost | None:
    """Return what prompts cost whose tokens, expected and greatest answers are given."""
    price: Price | None = host.find_price(inputs.spec.backend, inputs.options["backends"])
    if price is None:
        return None
    expected = sum(price.cost(Usage(read, written)) for read, written, _ in sizes)
    bounded = [(read, most) for read, _, most in sizes if most is not None]
    most = sum(price.cost(Usage(*one)) for one in bounded) if len(bounded) == len(sizes) else None
    return Cost(expected, most)


def _later(
    inputs: Inputs, prompting: Prompting, host: Host, count: Callable[[Prompt], int], units: int
) -> Later | None:
    """Return what later turns about so many units would ask."""
    tried, prompts = later_turns(prompting, inputs.train, inputs.spec.unit)
    if not prompts:
        return None
    tokens = [count(prompt) for prompt in prompts]
    limits = _limits(prompts, inputs.options["backends"].get("max_tokens"))
    most = _total(limits)
    sizes = [(read, 0, limit) for read, limit in zip(tokens, limits, strict=True)]
    cost = _cost(inputs, host, sizes)
    share = units / tried
    return Later(
        tried,
        round(len(prompts) * share),
        round(sum(tokens) * share),
        None if most is None else round(most * share),
        None if cost is None or cost.most is None else cost.most * share,
    )


def _used(prompting: Prompting) -> tuple[UsedTemplate, ...]:
    templates: Templates = prompting.task.wording.templates
    found = []
    for name, digest in templates.used.items():
        file = templates.file(name)
        found.append(UsedTemplate(name, digest, None if file is None else str(file)))
    return tuple(found)
