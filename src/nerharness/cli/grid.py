"""`nerharness grid`: many runs that differ in what a file lists, and one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nerharness.cli.flags import Flag, json_flag
from nerharness.cli.interrupts import orderly_termination
from nerharness.cli.output import say_json
from nerharness.cli.table import table_flag, write_table
from nerharness.errors import RunError, UsageError
from nerharness.plugin.host import Host, load_host

if TYPE_CHECKING:
    from rich.console import Console

    from nerharness.cli.grid_orders import Order
    from nerharness.cli.grid_runs import GridRuns
    from nerharness.runs.reached import Reached

_SEED = "seed"
_NAMED = 5
"""So many runs that are not begun are named."""
_PATH = click.Path(path_type=Path)


def command() -> click.Command:
    """Build the command."""
    host = load_host()
    return click.Command(
        "grid",
        params=[
            click.Argument(["file"], metavar="[GRID.toml]", type=_PATH, required=False),
            Flag(["--out"], type=_PATH, metavar="DIR",
                 help="folder of the run folders  [default: a new one in runs/]"),
            Flag(["--resume"], type=_PATH, metavar="DIR",
                 help="go on with this folder, by GRID.toml or its own copy"),
            Flag(["--retry-failed"], is_flag=True,
                 help="with --resume: ask failed documents again"),
            Flag(["--config"], type=_PATH, metavar="FILE",
                 help="flags for all runs (TOML), as eval takes it; GRID.toml wins"),
            Flag(["--plan"], is_flag=True, help="count prompts and tokens of each run, and stop"),
            Flag(["--max-cost"], type=float, metavar="X",
                 help="stop when all runs have spent so many US dollars"),
            Flag(["--protocol"], metavar="NAME", default="strict", show_default=True,
                 help="protocol of the tables"),
            Flag(["--mean-over"], metavar="KEY", default=_SEED, show_default=True,
                 help="average runs that differ in this key of GRID.toml alone"),
            table_flag(),
            json_flag(),
        ],
        callback=lambda **given: _grid(host, **given),
        help="Evaluate models, strategies, formats … beside each other. In GRID.toml each key is a "
        "flag of eval, and a list stands for a run with each of its values; [[runs]] begins a "
        "table of flags for some runs alone. Each run is made by eval, in a folder named by what "
        "is listed. --resume does what is missing, also with more in GRID.toml than "
        "before. docs/runs.md has examples.",
        context_settings={"max_content_width": 100},
    )  # fmt: skip


def _grid(
    host: Host, file: Path | None, out: Path | None, resume: Path | None, config: Path | None,
    max_cost: float | None, protocol: str, mean_over: str, table: Path | None, *,
    retry_failed: bool, plan: bool, as_json: bool,
) -> int:  # fmt: skip
    from nerharness.cli.grid_orders import orders_of
    from nerharness.runs.grid import read_grid
    from nerharness.scoring.protocols import check_protocol

    check_protocol(protocol)
    _check(out, resume, max_cost, retry=retry_failed)
    source = file or _copy(resume)
    orders = tuple(orders_of(read_grid(source), str(source), host, config))
    over = _over(mean_over, orders, str(source))
    if plan:
        _plan(orders, host, as_json=as_json)
        return 0
    from nerharness.cli.grid_runs import GridRuns
    from nerharness.report.screen import Screen

    path, notes = resume or out or _new_name(source), Screen(stderr=True)
    with notes.status("reading corpora …"):
        runs = GridRuns(path, orders, host, numbered=not (resume or out))
    with orderly_termination():
        code = runs.work(source.read_text(encoding="utf-8"), notes, max_cost, retry=retry_failed)
    _present(runs, protocol, over, table, as_json=as_json)
    _say_left(runs, notes)
    return code


def _check(out: Path | None, resume: Path | None, max_cost: float | None, *, retry: bool) -> None:
    if out and resume:
        raise click.UsageError("--out and --resume exclude each other")
    if retry and not resume:
        raise click.UsageError("--retry-failed needs --resume, the grid that they failed in")
    if max_cost is not None and not max_cost > 0:
        raise click.UsageError(f"--max-cost must be above 0, got {max_cost:g}")
    if out and out.exists() and (not out.is_dir() or any(out.iterdir())):
        hint = "choose another --out, or go on with that grid by --resume"
        raise RunError("not an empty folder", where=str(out), hint=hint)


def _over(key: str, orders: Sequence[Order], where: str) -> str:
    """Return the key to average over, with underscores; raises `UsageError` if no run has it."""
    found, has = key.replace("-", "_"), {name for one in orders for name in one.variant.settings}
    if found not in has and found != _SEED:
        raise UsageError(f"--mean-over {key}: no run has it", where=where)
    return found


def _copy(folder: Path | None) -> Path:
    from nerharness.runs.grid import FILE

    if folder is None:
        raise click.UsageError("name GRID.toml, or a folder to go on with by --resume")
    if not (folder / FILE).is_file():
        raise RunError(f"not a grid's folder: no {FILE} in it", where=str(folder))
    return folder / FILE


def _new_name(source: Path) -> Path:
    return Path("runs") / f"{datetime.now().strftime('%Y%m%d-%H%M%S')}-{source.stem}"


def _plan(orders: Sequence[Order], host: Host, *, as_json: bool) -> None:
    from nerharness.report.grid import plans_table
    from nerharness.report.screen import Screen
    from nerharness.runs.plan import Counters, Plan, make_plan

    plans: dict[str, Plan | None] = {}
    counters: Counters = {}
    with Screen(stderr=True).status("making prompts …"):
        for variant, _, spec in orders:
            plans[variant.name] = (
                None if spec.tagger else make_plan(spec, host, show=0, counters=counters)
            )
    if as_json:
        named = [{"name": name, "plan": p and p.to_json()} for name, p in plans.items()]
        say_json({"schema": 1, "runs": named})
    else:
        Screen().print(plans_table(plans))


def _present(
    runs: GridRuns, protocol: str, over: str, table: Path | None, *, as_json: bool
) -> None:
    from rich.console import Group

    from nerharness.report.grid import grid_tables
    from nerharness.report.screen import Screen
    from nerharness.runs.folder import RunFolder
    from nerharness.runs.reached import Reached, means

    reached = tuple(
        Reached.of(one.variant, RunFolder.open(runs.place(one))) for one in runs.whole()
    )
    rows = {row.name: row for row in reached}
    if rows:
        write_table(table, {name: row.scores.agreement for name, row in rows.items()}, protocol)
    if as_json:
        averages = [one.to_json() for one in means(reached, over, protocol)]
        listed = [_json(runs, one, rows) for one in runs.orders]
        say_json({"schema": 1, "runs": listed, "over": over, "means": averages})
    else:
        Screen().print(Group(*grid_tables(reached, protocol, over)))


def _json(runs: GridRuns, order: Order, rows: Mapping[str, Reached]) -> dict[str, Any]:
    row = rows.get(order.variant.name)
    return {
        "name": order.variant.name,
        "folder": str(runs.place(order)),
        "settings": dict(order.variant.settings),
        "scores": row and row.scores.to_json(),
    }


def _say_left(runs: GridRuns, notes: Console) -> None:
    """Say what is not in the tables, and how to go on."""
    partial = list(runs.partial())
    named = [one for one in partial if one[1].finished or len(partial) <= _NAMED]
    for order, standing in named:
        far = f"{standing.finished:,} of {standing.documents:,} documents"
        notes.print(f"unfinished  {order.variant.name}: {far}", soft_wrap=True)
    if rest := len(partial) - len(named):
        notes.print(f"unfinished  {rest:,} runs of which no document is finished")
    if runs.failed:
        way = f"nerharness grid --resume {runs.path} --retry-failed"
        notes.print(f"to ask failed documents again: {way}", soft_wrap=True)
    if partial:
        notes.print(f"go on with: nerharness grid --resume {runs.path}", soft_wrap=True)
    notes.print(f"grid folder  {runs.path}", soft_wrap=True)
