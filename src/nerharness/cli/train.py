"""`nerharness train`: a model of one's own, from a corpus."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nerharness.cli import merge
from nerharness.cli.flags import Flag, SectionedCommand
from nerharness.cli.progress import progress_bar
from nerharness.cli.train_flags import OUTPUT, train_flags, train_spec
from nerharness.plugin.host import Host, load_host

if TYPE_CHECKING:
    from rich.console import Console

    from nerharness.training.settings import Progress


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
        "nerharness eval --backend hf --adapter OUT (--model OUT after --method full). "
        "nerharness train merge makes an adapter and its base one model.",
        context_settings={"max_content_width": 100},
    )


def _output_flags() -> list[click.Parameter]:
    def flag(name: str, help: str, **rest: Any) -> Flag:
        return Flag([f"--{name}"], section=OUTPUT, help=help, **rest)

    path = click.Path(path_type=Path)
    return [
        flag("out", "folder of the model", type=path, metavar="DIR"),
        flag("resume", "go on with the training of that folder", is_flag=True),
        flag("json", "print the scores on dev as JSON on stdout, all else on stderr", is_flag=True),
    ]


def _train(host: Host, *, out: Path | None, resume: bool, json: bool, **given: Any) -> int | None:
    if click.get_current_context().invoked_subcommand:
        return None
    if out is None:
        raise click.UsageError("Missing option '--out'.")
    from rich.console import Console

    from nerharness.runs.training import train

    spec = train_spec(given)
    notes = Console(stderr=True, highlight=False)
    with _progress(notes) as note:
        done = train(spec, host, out, resume=resume, note=note)
    _show(done, out, as_json=json)
    notes.print(f"model  {out}", soft_wrap=True, markup=False)
    return 0


def _show(done: Any, out: Path, *, as_json: bool) -> None:
    from rich.console import Console, Group

    from nerharness.report.agreement import agreement_tables

    if as_json:
        value = {"out": str(out), "steps": done.trained.steps, "dev": done.dev.to_json()}
        click.echo(json.dumps(value, ensure_ascii=False))
    else:
        Console(highlight=False).print("dev", Group(*agreement_tables(done.dev, whole=False)))


@contextmanager
def _progress(notes: Console) -> Iterator[Callable[[Progress], None]]:
    with progress_bar(notes, "loss") as bar:
        task = bar.add_task("steps", total=None, loss="")

        def note(now: Progress) -> None:
            bar.update(task, completed=now.step, total=now.steps)
            if now.loss is not None:
                bar.update(task, loss=f"loss {now.loss:.3f}")
            if now.f1 is not None:
                scores = f"F1 on dev {now.f1:.3f}, macro {now.macro_f1:.3f}"
                bar.console.print(f"epoch {now.epoch:g}: {scores}")

        yield note
