"""The runs of a grid beside each other, as tables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType
from rich.table import Table
from rich.text import Text

from nerharness.report.agreement import interval_cell, name_cell, new_table
from nerharness.report.tables import cost_text
from nerharness.runs.plan import Plan
from nerharness.runs.reached import Mean, RateSpreads, Reached, means
from nerharness.runs.scores import Scores
from nerharness.scoring.figures import Averaging
from nerharness.scoring.protocols import ProtocolScores
from nerharness.scoring.spread import Spread

_Cell = Callable[[Scores], str]

_ACCOUNTS: Mapping[str, _Cell] = {
    "documents": lambda one: f"{one.documents['total']:,}",
    "failed": lambda one: str(one.documents["failed"] or ""),
    "ungrounded": lambda one: _share(one.mentions["ungrounded"], one.mentions["total"]),
    "unread": lambda one: _share(one.outputs.parse_failed, one.outputs.total),
    "truncated": lambda one: _share(one.outputs.truncated, one.outputs.total),
    "seconds": lambda one: f"{one.seconds:,.0f}",
    "cost": lambda one: cost_text(one.usage),
}
"""What is told of a run beside its scores."""


def grid_tables(
    rows: Sequence[Reached], protocol: str = "strict", over: str = "seed"
) -> Iterator[RenderableType]:
    """Yield the tables of runs, and of F1 by label, of each corpus; the best figures are bold.

    Runs that differ in the setting `over` alone are averaged in a table before these.
    """
    for documents in dict.fromkeys(row.documents for row in rows):
        group = [row for row in rows if row.documents == documents]
        about = group[0].about
        if averages := tuple(means(group, over, protocol)):
            yield _means(averages, f"{about}: {protocol} match, mean ± deviation over {over}")
        yield _runs(group, f"{about}: {protocol} match", protocol)
        yield _labels(group, f"{about}: F1 by {protocol} match", protocol)
        yield _table(group, f"{about}: documents and answers", _ACCOUNTS)


def _runs(rows: Sequence[Reached], title: str, protocol: str) -> _Wide:
    def of(scores: Scores) -> ProtocolScores:
        return scores.agreement.protocols[protocol]

    def interval(scores: Scores) -> str:
        return interval_cell(scores.agreement.intervals.get(protocol, {}), Averaging.MICRO)

    resampling = rows[0].scores.agreement.resampling
    rated: dict[str, _Cell] = {
        "P": lambda one: f"{of(one).micro.precision:.3f}",
        "R": lambda one: f"{of(one).micro.recall:.3f}",
        "F1": lambda one: f"{of(one).micro.f1:.3f}",
        f"{100 * resampling.level:g} %" if resampling else "": interval,
        "macro F1": lambda one: f"{of(one).macro.f1:.3f}",
    }
    return _table(rows, title, rated, best={"P", "R", "F1", "macro F1"})


def _means(averages: Sequence[Mean], title: str) -> _Wide:
    rates = [_rates(one.micro) for one in averages]
    columns = {"n": [str(len(one.runs)) for one in averages]}
    columns |= {name: [cells[name] for cells in rates] for name in rates[0]}
    columns["macro F1"] = [_spread(one.macro.f1) for one in averages]
    labels = dict.fromkeys(label for one in averages for label in one.labels)
    if len(labels) > 1:
        columns |= {
            name: [_spread(one.labels[name].f1) if name in one.labels else "" for one in averages]
            for name in labels
        }
    names = tuple(one.name for one in averages)
    return _Wide(title, names, columns, columns.keys() - {"n"})


def _rates(rates: RateSpreads) -> dict[str, str]:
    return {
        "P": _spread(rates.precision),
        "R": _spread(rates.recall),
        "F1": _spread(rates.f1),
    }


def _spread(spread: Spread) -> str:
    return " ± ".join(spread.shown)


def _labels(rows: Sequence[Reached], title: str, protocol: str) -> _Wide:
    labels = dict.fromkeys(
        label for row in rows for label in row.scores.agreement.protocols[protocol].labels
    )

    def cell(label: str) -> _Cell:
        def f1(scores: Scores) -> str:
            counts = scores.agreement.protocols[protocol].labels.get(label)
            return "" if counts is None else f"{counts.f1:.3f}"

        return f1

    columns = {label: cell(label) for label in labels}
    return _table(rows, title, columns, best=set(columns))


def _table(
    rows: Sequence[Reached], title: str, columns: Mapping[str, _Cell], best: Collection[str] = ()
) -> _Wide:
    """Return a table of the columns that have anything in them."""
    cells = {name: [cell(row.scores) for row in rows] for name, cell in columns.items()}
    shown = {name: column for name, column in cells.items() if any(column)}
    return _Wide(title, tuple(row.name for row in rows), shown, frozenset(best))


@dataclass(frozen=True, slots=True)
class _Wide:
    """A table that goes on below where its columns have no room beside each other."""

    title: str
    names: Sequence[str]
    columns: Mapping[str, Sequence[str]]
    best: Collection[str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Table]:
        names = min(max(len(name) for name in ("run", *self.names)), options.max_width // 2)
        for number, part in enumerate(self._parts(options.max_width - names - 4)):
            title = f"{self.title} (continued)" if number else self.title
            table = new_table(title, "run")
            table.columns[0].no_wrap, table.columns[0].overflow = False, "fold"
            table.columns[0].max_width = names
            for name in part:
                table.add_column(name_cell(name), justify="right", overflow="fold")
            for place, run in enumerate(self.names):
                table.add_row(name_cell(run), *(self._cell(name, place) for name in part))
            yield table

    def _parts(self, room: int) -> Iterator[list[str]]:
        """Yield the names of columns that have room beside each other."""
        part, left = list[str](), room
        for name, column in self.columns.items():
            width = max(len(name), *map(len, column)) + 2
            if part and width > left:
                yield part
                part, left = [], room
            part.append(name)
            left -= width
        yield part

    def _cell(self, name: str, place: int) -> Text:
        column = self.columns[name]
        is_best = name in self.best and column[place] == max(column)
        return Text(column[place], "bold" if is_best else "")


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else ""


def plans_table(plans: Mapping[str, Plan | None]) -> Table:
    """Return what each run would ask in its first turns; `None` stands for one without prompts."""
    columns = ("documents", "prompts", "tokens in", "out, at most", "cost")
    table = new_table("first turns, estimated", "run", *columns)
    for name, plan in plans.items():
        table.add_row(name_cell(name), *(_plan_cells(plan) if plan else ("", "none")))
    known = [plan for plan in plans.values() if plan]
    if len(known) > 1:
        table.add_section()
        costs = [plan.cost.expected for plan in known if plan.cost]
        prompts, tokens = (sum(p.prompts for p in known), sum(p.prompt_tokens for p in known))
        cost = f"${sum(costs):.4f}" if costs else ""
        if costs and any(plan.priced and not plan.cost for plan in known):
            cost += " and unknown"
        table.add_row("all", "", f"{prompts:,}", f"{tokens:,}", "", cost, style="bold")
    return table


def _plan_cells(plan: Plan) -> list[str]:
    numbers = [f"{number:,}" for number in (plan.documents, plan.prompts, plan.prompt_tokens)]
    most = "" if plan.answer_tokens is None else f"{plan.answer_tokens:,}"
    cost = f"${plan.cost.expected:.4f}" if plan.cost else "unknown" if plan.priced else ""
    return [*numbers, most, cost]
