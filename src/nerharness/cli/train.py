"""`nerharness train`: a model of one's own, from a corpus."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nerharness.cli import merge
from nerharness.cli.cuts import say_cuts
from nerharness.cli.flags import Flag, SectionedCommand
from nerharness.cli.output import keep_stdout, say_json
from nerharness.cli.train_flags import OUTPUT, train_flags, train_spec
from nerharness.cli.train_progress import training_notes
from nerharness.plugin.host import Host, load_host
from nerharness.training.processes import is_first

if TYPE_CHECKING:
    from rich.console import Console

    from nerharness.runs.train_data import TrainSpec


class _TrainCommand(SectionedCommand, click.Group):
    """Trains, or hands over to a command of its own."""


def command() -> click.Command:
    """Build the command, with the flags of every installed plugin."""
    host = load_host()
    return _TrainCommand(
        "train",
        commands=[merge.command()],
        invoke_without_command=True,
        params=train_flags(host, _output_flags()),
        callback=lambda **given: _train(host, **given),
        help="Fine-tune a model on the train split of a corpus, keep the epoch with the best F1 on "
        "dev, and score it there. Then: nerharness eval --tagger encoder --model OUT, or "
        "nerharness eval --backend hf --adapter OUT (--model OUT after --method full), which asks "
        "as in training. nerharness train merge makes an adapter and its base one model.",
        skipped=host.skipped,
        context_settings={"max_content_width": 100},
    )


def _output_flags() -> list[click.Parameter]:
    def flag(name: str, help: str, **rest: Any) -> Flag:
        return Flag([f"--{name}"], section=OUTPUT, help=help, **rest)

    path = click.Path(path_type=Path)
    return [
        flag(
            "out",
            "folder of the model, or of the models of --sizes and --seeds",
            type=path,
            metavar="DIR",
        ),
        flag("resume", "go on with the training of that folder", is_flag=True),
        flag(
            "plan",
            "take a few steps that are not kept, and say what training would take: lessons, "
            "tokens, steps, memory, time; nothing is written, --out and --resume are passed over",
            is_flag=True,
        ),
        flag(
            "json",
            "print the scores on dev as JSON on stdout, all else on stderr",
            is_flag=True,
            callback=keep_stdout,
        ),
    ]


def _train(
    host: Host,
    *,
    out: Path | None,
    resume: bool,
    plan: bool,
    json: bool,
    sizes: tuple[str, ...],
    seeds: tuple[int, ...],
    **given: Any,
) -> int | None:
    if click.get_current_context().invoked_subcommand:
        return None
    from nerharness.report.screen import Screen

    notes = Screen(stderr=True, quiet=not is_first())
    spec = train_spec(given)
    if seeds and given["seed"] is not None:
        raise click.UsageError("--seeds stands in place of --seed")
    several = bool(sizes or seeds)
    if plan:
        return _plan(spec, host, notes, several=several, as_json=json)
    if out is None:
        raise click.UsageError("Missing option '--out'.")
    with _saying_how_to_go_on(out, notes):
        if several:
            value, shown = _train_sizes(spec, host, out, sizes, seeds, resume, notes)
        else:
            value, shown = _train_one(spec, host, out, resume, notes)
    if is_first():
        _show(value, shown, as_json=json)
    noun = "models" if several else "model"
    notes.print(f"{noun}  {out}", soft_wrap=True)
    return 0


@contextmanager
def _saying_how_to_go_on(out: Path, notes: Console) -> Iterator[None]:
    """Where training is interrupted and has begun to write its folder, say what goes on with it."""
    try:
        yield
    except KeyboardInterrupt:
        if out.is_dir() and any(out.iterdir()):
            way = f"the same flags, --out {out} among them, and --resume"
            notes.print(f"stopped; go on with: {way}", soft_wrap=True)
        raise


def _plan(spec: TrainSpec, host: Host, notes: Console, *, several: bool, as_json: bool) -> int:
    from nerharness.report.training import training_plan_text
    from nerharness.runs.training_plan import plan_training

    if several:
        hint = "give --limit in place of --sizes, and no --seeds"
        raise click.UsageError(f"--plan is about one training: {hint}")
    with notes.status("taking a few steps …"):
        found = plan_training(spec, host)
    _show(found.to_json(), training_plan_text(found), as_json=as_json)
    return 0


def _train_one(
    spec: TrainSpec, host: Host, out: Path, resume: bool, notes: Console
) -> tuple[dict[str, Any], Any]:
    from rich.console import Group

    from nerharness.report.agreement import agreement_tables
    from nerharness.runs.training import train

    with training_notes(notes) as note:
        tell = partial(say_cuts, notes=notes)
        done = train(spec, host, out, resume=resume, note=partial(note, ""), tell=tell)
    value = {"out": str(out), "steps": done.trained.steps, "dev": done.dev.to_json()}
    return value, Group("dev", *agreement_tables(done.dev, whole=False))


def _train_sizes(
    spec: TrainSpec,
    host: Host,
    out: Path,
    sizes: tuple[str, ...],
    seeds: tuple[int, ...],
    resume: bool,
    notes: Console,
) -> tuple[dict[str, Any], Any]:
    from nerharness.report.training import sizes_table
    from nerharness.runs.curve import curve_json
    from nerharness.runs.sizes import train_sizes

    with training_notes(notes) as note:
        tell = partial(say_cuts, notes=notes)
        found = train_sizes(spec, host, out, sizes, seeds, resume=resume, note=note, tell=tell)
    return {"out": str(out), **curve_json(found)}, sizes_table(found)


def _show(value: dict[str, Any], shown: Any, *, as_json: bool) -> None:
    from nerharness.report.screen import Screen

    if as_json:
        say_json(value)
    else:
        Screen().print(shown, soft_wrap=isinstance(shown, str))
