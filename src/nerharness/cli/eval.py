"""`nerharness eval`: the main job."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from nerharness.cli.eval_flags import own_flags
from nerharness.cli.flags import SectionedCommand, plugin_flags
from nerharness.cli.main import FAILED_DOCUMENTS
from nerharness.plugin.host import Host, Kind, load_host
from nerharness.runs.spec import Spec

if TYPE_CHECKING:
    from rich.console import Console

    from nerharness.runs.evaluation import Evaluation
    from nerharness.runs.folder import RunFolder
    from nerharness.runs.scores import Scores

_KINDS: tuple[Kind, ...] = ("backends", "strategies", "formats", "retrievers", "taggers")


def command() -> click.Command:
    """Build the command, with the flags of every installed plugin."""
    host = load_host()
    own = own_flags()
    flags = plugin_flags(host, _KINDS, [flag.name for flag in own if flag.name])
    return SectionedCommand(
        "eval",
        params=[*own, *flags],
        callback=lambda **given: _evaluate(host, given),
        help="Label a corpus with a model or a baseline, and score it. Every flag can stand in "
        "--config and as NERHARNESS_… in the environment; the command line wins.",
        context_settings={"max_content_width": 100},
    )


def _evaluate(host: Host, given: dict[str, Any]) -> int:
    from rich.console import Console

    from nerharness.runs.evaluation import prepare
    from nerharness.runs.folder import RunFolder
    from nerharness.runs.resume import check_same

    out, resume, show = given.pop("out"), given.pop("resume"), given.pop("show")
    as_json = given.pop("json")
    if out and resume:
        raise click.UsageError("--out and --resume exclude each other")
    spec = _spec(given)
    folder = RunFolder.open(resume) if resume else RunFolder(out or _new_name(spec))
    before = folder.description() if resume else None
    if before is None:
        folder.check_free()
    elif not _chosen(given):
        spec = Spec.of(before)
    notes = Console(stderr=True, highlight=False)
    with notes.status("loading corpus and model …"):
        evaluation = prepare(spec, host)
    if before is not None:
        check_same(before, evaluation.description, str(folder.path))
        folder.mend()
    else:
        RunFolder.create(folder.path, evaluation.description)
    _say_knowledge(evaluation, notes)
    _run(evaluation, folder, notes)
    scores = folder.score(evaluation.labels)
    if as_json:
        click.echo(json.dumps(scores.to_json(), ensure_ascii=False))
    console = notes if as_json else Console(highlight=False)
    _present(console, evaluation, folder, scores, show)
    return FAILED_DOCUMENTS if scores.documents["failed"] else 0


def _chosen(given: dict[str, Any]) -> bool:
    """Tell whether any of the flags was given, wherever, and is not at its default."""
    source = click.get_current_context().get_parameter_source
    return any(source(name) is not ParameterSource.DEFAULT for name in given)


def _spec(given: dict[str, Any]) -> Spec:
    own = {field.name for field in fields(Spec)} - {"options"}
    named = {name: value for name, value in given.items() if name in own}
    return Spec(**named, options={name: v for name, v in given.items() if name not in own})


def _new_name(spec: Spec) -> Path:
    method = [spec.tagger] if spec.tagger else [spec.backend, spec.strategy, spec.format]
    corpus = Path(spec.corpus.partition(":")[0]).stem or "corpus"
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    name = re.sub(r"[^\w.-]+", "-", "-".join([stamp, corpus, *method]))
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    return next(path for path in map(Path("runs").joinpath, names) if not path.exists())


def _say_knowledge(evaluation: Evaluation, notes: Console) -> None:
    known = evaluation.description.get("knowledge", {})
    if skipped := known.get("skipped"):
        left_out = ", ".join(f"{count:,} {kind}" for kind, count in skipped.items())
        notes.print(f"knowledge  {known['passages']:,} passages; left out: {left_out}")


def _run(evaluation: Evaluation, folder: RunFolder, notes: Console) -> None:
    done = frozenset(record.id for record in folder.records())
    with _progress(notes, evaluation.noun, evaluation.steps(done)) as tick:
        try:
            for record in evaluation.records(done=done, tick=tick):
                folder.append(record)
        except KeyboardInterrupt:
            notes.print(
                f"stopped; go on with: --resume {folder.path}", soft_wrap=True, markup=False
            )
            raise


@contextmanager
def _progress(notes: Console, noun: str, steps: int) -> Iterator[Any]:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=notes) as progress:
        task = progress.add_task(noun, total=steps)
        yield lambda more: progress.advance(task, more)


def _present(
    console: Console, evaluation: Evaluation, folder: RunFolder, scores: Scores, show: int
) -> None:
    from nerharness.report.highlight import compare, label_styles, legend
    from nerharness.report.tables import score_tables

    styles = label_styles(evaluation.labels)
    shown = [record for record in folder.records() if record.gold or record.entities][:show]
    if shown:
        console.print(legend(styles))
    for record in shown:
        console.print(compare(record, styles))
    console.print(score_tables(scores))
    console.print(f"run folder  {folder.path}", soft_wrap=True, markup=False)
