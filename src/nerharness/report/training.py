"""Trainings as text: what one will take, and a few-shot curve as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from nerharness.report.agreement import new_table
from nerharness.runs.curve import Size, lacking_lines, tabled
from nerharness.runs.training_plan import TrainingPlan


def sizes_table(sizes: Sequence[Size]) -> RenderableType:
    """Return a row for each size, or of several seeds for each mean, and what documents lack."""
    (names, rows), *_ = tabled(sizes)
    table = new_table("F1 on dev, strict match", *names)
    for row in rows:
        table.add_row(*row)
    return Group(table, *(Text(line, style="yellow") for line in lacking_lines(sizes)))


def training_plan_text(plan: TrainingPlan) -> str:
    """Return the plan's lines."""
    return "\n".join(_lines(plan))


def _lines(plan: TrainingPlan) -> Iterator[str]:
    trial, memory, sizes = plan.trial, plan.trial.memory, plan.trial.sizes
    rows = "windows of sentences" if plan.method == "encoder" else "lessons"
    parts = (*plan.documents.items(), *plan.mixed.items())
    documents = ", ".join(f"{count:,} of {name}" for name, count in parts)
    yield f"{plan.method} on {plan.model}, on {trial.device}"
    yield f"  documents    {documents}"
    yield f"  {rows:11}  {sizes.rows:,}"
    yield (
        f"  tokens       {sizes.total:,}; of one: shortest {sizes.shortest:,}, "
        f"median {sizes.median:,}, longest {sizes.longest:,}"
    )
    yield f"  too long     {_over(plan)}"
    yield f"  steps        {trial.steps:,} in {plan.epochs:g} epochs"
    share = trial.trainable / max(1, trial.parameters)
    yield f"  parameters   {trial.trainable:,} trained of {trial.parameters:,} ({share:.1%})"
    sides = zip(memory._fields, memory, strict=True)
    listed = ", ".join(f"{name} {size_text(size)}" for name, size in sides)
    yield f"  memory       {_peak(plan)}counted {size_text(memory.total)}: {listed}"
    yield (
        f"  time         about {time_text(plan.seconds)}: {trial.step_seconds:.2f} s a step, "
        f"{trial.dev.each:.1f} s for dev after each epoch, {trial.dev.final:.1f} s at the end"
    )
    if line := plan.cuts.line:
        yield f"  {line}"
    yield f"  {trial.timed} steps were timed here and not kept"


def _peak(plan: TrainingPlan) -> str:
    return f"{size_text(plan.trial.peak)} at most in the steps here; " if plan.trial.peak else ""


def _over(plan: TrainingPlan) -> str:
    over = plan.trial.sizes.over
    if plan.method == "encoder":
        return f"{over:,} windows more than sentences, which the model cannot hold whole"
    counts = {"lessons": over, "prompts about dev": plan.trial.unanswerable}
    found = [f"{count:,} {name}" for name, count in counts.items() if count]
    return f"{' and '.join(found)}, which training would refuse" if found else "none"


def size_text(size: int) -> str:
    """Return a number of bytes in MB or GB."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:,.0f} MB"


def time_text(seconds: float) -> str:
    """Return a time in the unit that one would say it in."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
