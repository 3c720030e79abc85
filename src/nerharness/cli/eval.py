"""`nerharness eval`: the main job."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nerharness.cli.as_trained import say_outside, say_training
from nerharness.cli.cuts import say_cuts
from nerharness.cli.eval_flags import output_flag, run_flags, spec_of, spec_over
from nerharness.cli.executor import EXECUTOR_FLAGS, executing, executor_flags
from nerharness.cli.flags import Flag, SectionedCommand
from nerharness.cli.interrupts import first_interrupt
from nerharness.cli.main import FAILED_DOCUMENTS
from nerharness.cli.output import keep_stdout, say_json
from nerharness.cli.progress import progress_bar
from nerharness.errors import RunError, Stopped, UsageError
from nerharness.escapes import one_line
from nerharness.plugin.host import Host, load_host
from nerharness.pricing import Budget
from nerharness.runs.spec import Spec

if TYPE_CHECKING:
    from rich.console import Console

    from nerharness.runs.evaluation import Evaluation
    from nerharness.runs.folder import RunFolder
    from nerharness.runs.scores import Scores

OUTPUT = frozenset({"out", "resume", "retry_failed", "cache", "max_cost", "show", "json", "quiet"})
"""The names of the flags that say nothing about the run itself."""

_LOADING = "loading corpus and model …"
_PATH = click.Path(path_type=Path)


def command() -> click.Command:
    """Build the command, with the flags of every installed plugin."""
    host = load_host()
    return SectionedCommand(
        "eval",
        params=list[click.Parameter](run_flags(host, [*executor_flags(), *_output_flags()])),
        callback=lambda **given: _evaluate(host, given),
        help="Label a corpus with a model or a baseline, and score it. Every flag can stand in "
        "--config and as NERHARNESS_… in the environment; the command line wins.",
        skipped=host.skipped,
        context_settings={"max_content_width": 100},
    )


def _output_flags() -> list[Flag]:
    return [
        output_flag("out", "run folder  [default: a new one in runs/]", type=_PATH, metavar="DIR"),
        output_flag("resume", "go on with this run folder", type=_PATH, metavar="DIR"),
        output_flag("retry-failed", "with --resume: ask failed documents again", is_flag=True),
        output_flag(
            "cache",
            "take answers from the cache, and keep new ones there for other runs (on)",
            type=click.Choice(["off", "read", "on"]),
            default="off",
            envvar="NERHARNESS_CACHE_MODE",
        ),
        output_flag(
            "max-cost",
            "stop when so many US dollars are spent, earlier sittings included",
            type=float,
            metavar="X",
        ),
        output_flag(
            "show",
            "documents to show with their entities",
            type=click.IntRange(min=0),
            metavar="N",
            default=3,
        ),
        output_flag(
            "json",
            "print the scores as JSON on stdout, all else on stderr",
            is_flag=True,
            callback=keep_stdout,
        ),
        output_flag("quiet", "print no documents and no tables", is_flag=True),
    ]


def asked_for(
    command: click.Command, words: Sequence[str], barred: frozenset[str] = frozenset()
) -> Spec:
    """Return the spec that the words after `nerharness eval` mean.

    A config file may not have the flags that are `barred`. Raises `click.ClickException` and the
    errors of `nerharness.errors`.
    """
    with command.make_context(str(command.name), list(words)) as context:
        if taken := sorted(barred & (context.default_map or {}).keys()):
            raise UsageError(f"{taken[0]}: not for a file of flags of many runs", where="--config")
        about_run = {n: v for n, v in context.params.items() if n not in OUTPUT | EXECUTOR_FLAGS}
        return spec_of(about_run)


def _evaluate(host: Host, given: dict[str, Any]) -> int:
    from nerharness.report.screen import Screen
    from nerharness.runs.evaluation import prepare
    from nerharness.runs.folder import RunFolder
    from nerharness.runs.spending import spent_before

    out, resume, show = given.pop("out"), given.pop("resume"), given.pop("show")
    as_json, cache, max_cost = given.pop("json"), given.pop("cache"), given.pop("max_cost")
    retry, quiet = given.pop("retry_failed"), given.pop("quiet")
    place = {name: given.pop(name) for name in EXECUTOR_FLAGS}
    _check_output(out, resume, max_cost, retry=retry)
    notes = Screen(stderr=True)
    if resume:
        folder = RunFolder.open(resume)
        spec = spec_over(Spec.of(folder.description()), given, host)
    else:
        spec = spec_of(given)
        folder = RunFolder(out or _new_name(spec), numbered=out is None)
    with folder, executing(place) as gather:
        make = partial(prepare, host=host, cache=cache, gather=gather)
        if resume:
            evaluation = _resumed(spec, make, folder, notes)
            max_cost = max_cost or folder.description().get("max_cost")
        else:
            evaluation = _begun(spec, make, folder, notes, max_cost)
        say_training(evaluation.inputs.spec, evaluation.inputs.corpus.labels, notes)
        _say_knowledge(evaluation, notes)
        say_cuts(evaluation.cuts, notes)
        budget = Budget(max_cost, spent_before(folder)) if max_cost else None
        evaluation.begin(folder.path, budget)
        _run(evaluation, folder, notes, retry=retry)
        say_outside(evaluation.observed, notes)
        scores = folder.score(evaluation.labels)
    if as_json:
        say_json(scores.to_json())
    console = notes if as_json or quiet else Screen()
    if not quiet:
        _present(console, evaluation, folder, scores, show)
    _say_end(console, folder)
    return FAILED_DOCUMENTS if scores.documents["failed"] else 0


def _check_output(
    out: Path | None, resume: Path | None, max_cost: float | None, *, retry: bool
) -> None:
    if max_cost is not None and not max_cost > 0:
        raise click.UsageError(f"--max-cost must be above 0, got {max_cost:g}")
    if out and resume:
        raise click.UsageError("--out and --resume exclude each other")
    if retry and not resume:
        raise click.UsageError("--retry-failed needs --resume, the run that they failed in")


def _begun(
    spec: Spec,
    prepare: Callable[..., Evaluation],
    folder: RunFolder,
    notes: Console,
    max_cost: float | None,
) -> Evaluation:
    """Prepare a new run, and make its folder."""
    folder.check_free()
    with notes.status(_LOADING):
        evaluation = prepare(spec)
    described = dict(evaluation.description)
    if max_cost is not None:
        evaluation.check_budget()
        described["max_cost"] = max_cost
    folder.fill(described)
    return evaluation


def _resumed(
    spec: Spec, prepare: Callable[..., Evaluation], folder: RunFolder, notes: Console
) -> Evaluation:
    """Prepare the run of a folder anew, and mend the folder."""
    from nerharness.runs.resume import Known, check_same

    before = folder.description()
    folder.claim()
    with notes.status(_LOADING):
        evaluation = prepare(
            spec,
            check=lambda now: check_same(before, now, str(folder.path)),
            known=Known.of(before),
        )
    folder.mend()
    return evaluation


def _new_name(spec: Spec) -> Path:
    method = [spec.tagger] if spec.tagger else [spec.backend, spec.strategy, spec.format]
    corpus = Path(spec.corpus.partition(":")[0]).stem or "corpus"
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    return Path("runs") / re.sub(r"[^\w.-]+", "-", "-".join([stamp, corpus, *method]))


def _say_knowledge(evaluation: Evaluation, notes: Console) -> None:
    known = evaluation.description.get("knowledge", {})
    if skipped := known.get("skipped"):
        left_out = ", ".join(f"{count:,} {kind}" for kind, count in skipped.items())
        notes.print(f"knowledge  {known['passages']:,} passages; left out: {left_out}")


def _run(evaluation: Evaluation, folder: RunFolder, notes: Console, *, retry: bool = False) -> None:
    errors = {record.id: record.error for record in folder.attempts()}  # the last one of each
    done = frozenset(id for id, error in errors.items() if not (retry and error))
    evaluation.recall(record for record in folder.records() if record.id in done)
    bar = _progress(notes, evaluation.noun, evaluation.steps(done))
    try:
        with bar as tick, first_interrupt() as stop:
            for record in evaluation.records(done=done, tick=tick, stop=stop):
                folder.append(record)
            if stop():
                raise KeyboardInterrupt
    except BaseException as error:
        if isinstance(error, (KeyboardInterrupt, Stopped)):
            way = _way_on(folder, retry=retry)
            notes.print(f"stopped; go on with: {way}", soft_wrap=True)
        with suppress(RunError):  # where the disk is full, that is said already
            folder.observe(evaluation.observed)
        raise
    folder.observe(evaluation.observed)


def _way_on(folder: RunFolder, *, retry: bool) -> str:
    return f"--resume {folder.path}" + (" --retry-failed" if retry else "")


@contextmanager
def _progress(notes: Console, noun: str, steps: int) -> Iterator[Any]:
    with progress_bar(notes) as progress:
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
    console.print(score_tables(scores, whole=False))


def _say_end(console: Console, folder: RunFolder) -> None:
    if failed := next((record for record in folder.records() if record.error), None):
        console.print(f"failed     {failed.id}: {one_line(str(failed.error))}", soft_wrap=True)
        way = _way_on(folder, retry=True)
        console.print(f"to ask failed documents again: {way}", soft_wrap=True)
    console.print(f"run folder  {folder.path}", soft_wrap=True)
