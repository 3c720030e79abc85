"""A plan as text: prompts, templates, sizes."""

from __future__ import annotations

from collections.abc import Iterator

from nerharness.report.prompts import prompt_text
from nerharness.runs.plan import BYTES_PER_TOKEN, Opening, Plan


def plan_text(plan: Plan) -> str:
    """Return the shown prompts, the templates used, and the sizes."""
    blocks = [block for opening in plan.shown for block in _openings(opening)]
    parts = ["\n".join(part(plan)) for part in (_templates, _sizes, _later)]
    return "\n\n".join([*blocks, *filter(None, parts)])


def _openings(opening: Opening) -> Iterator[str]:
    unit, total = opening.unit, len(opening.prompts)
    for number, prompt in enumerate(opening.prompts, start=1):
        part = f", prompt {number} of {total}" if total > 1 else ""
        place = f"{unit.document.id} [{unit.span.start}, {unit.span.end}){part}"
        yield f"── {place} ──\n{prompt_text(prompt)}"


def _templates(plan: Plan) -> Iterator[str]:
    yield "templates of these prompts (SHA-256)"
    width = max((len(template.name) for template in plan.templates), default=0)
    for name, digest, file in plan.templates:
        yield f"  {name:{width}}  {digest[:12]}  {f'yours: {file}' if file else 'built in'}"


def _sizes(plan: Plan) -> Iterator[str]:
    yield "the first turn of the whole run"
    yield f"  documents      {plan.documents:,}"
    yield f"  units          {plan.units:,}"
    yield f"  prompts        {plan.prompts:,}"
    yield f"  characters     {plan.characters:,}"
    about = "" if plan.estimated is None else "about "
    longest = f"the longest prompt {plan.longest_prompt:,}"
    yield f"  prompt tokens  {about}{plan.prompt_tokens:,} ({longest})"
    bound = "no bound" if plan.answer_tokens is None else f"at most {plan.answer_tokens:,}"
    expected = f", about {plan.expected_tokens:,} if they are as long as in train"
    if plan.reasoning_tokens:
        expected += f", with {plan.reasoning_tokens:,} for reasoning"
    yield f"  answer tokens  {bound}{expected if plan.expected_tokens else ''}"
    if plan.cost is not None:
        most = "" if plan.cost.most is None else f", at most ${plan.cost.most:.4f}"
        yield f"  cost           about ${plan.cost.expected:.4f}{most}"
    elif plan.priced:
        yield "  cost           unknown; give --price-in and --price-out"
    if line := plan.cuts.line:
        yield f"  {line}"
    if plan.estimated is not None:
        yield f"  prompt tokens are estimated, {BYTES_PER_TOKEN} bytes each: {plan.estimated}"


def _later(plan: Plan) -> Iterator[str]:
    if plan.later is None:
        if not plan.train:
            yield "later turns, if there are any, are not counted: there is no train to estimate by"
        return
    tried, prompts, tokens, answers, cost = plan.later
    yield f"later turns, estimated by {tried} units of train whose first answers are right"
    yield f"  prompts        about {prompts:,}"
    yield f"  prompt tokens  about {tokens:,}"
    yield f"  answer tokens  {'no bound' if answers is None else f'at most about {answers:,}'}"
    if cost is not None:
        yield f"  cost           at most about ${cost:.4f}"
