"""`nerharness compare`: runs over the same documents, with tests of their differences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from nerharness.cli.flags import Flag, json_flag
from nerharness.cli.main import THRESHOLD
from nerharness.cli.output import say, say_json
from nerharness.cli.score import gold_flags, resampling_flags
from nerharness.cli.table import table_flag, write_table


def command() -> click.Command:
    """Build the command."""
    return click.Command(
        "compare",
        params=[
            click.Argument(["runs"], metavar="RUN RUN …", nargs=-1, required=True),
            Flag(
                ["--gold"],
                metavar="GOLD",
                help="corpus that all are scored against; then RUN may also be a corpus or a "
                "transcript, as for score",
            ),
            *gold_flags(),
            Flag(
                ["--against"],
                metavar="RUN",
                help="compare each with this run alone, not with each other",
            ),
            Flag(
                ["--common"],
                is_flag=True,
                help="compare what all runs have in common, and say what is left out",
            ),
            Flag(
                ["--protocol"],
                metavar="NAME",
                default="strict",
                show_default=True,
                help="protocol of the tables by label",
            ),
            Flag(
                ["--fail-if"],
                multiple=True,
                metavar="CONDITION",
                help='exit with 3 if a later run minus the first is so: "micro.strict.f1 < -0.01"',
            ),
            Flag(
                ["--show"],
                type=click.IntRange(min=0),
                default=10,
                show_default=True,
                metavar="N",
                help="documents to show of those that changed most",
            ),
            *resampling_flags(least=1),
            table_flag(),
            json_flag(),
        ],
        callback=_compare,
        help="Compare runs over the same documents: differences with intervals, p-values of a "
        "paired permutation test and a paired bootstrap, corrected where there are many, and the "
        "documents that changed most. RUN is a run folder.",
        context_settings={"max_content_width": 100},
    )


def _compare(
    runs: tuple[str, ...], against: str | None, fail_if: tuple[str, ...], protocol: str, show: int,
    common: bool, draws: int, seed: int, level: float, table: Path | None, as_json: bool,
    **given: Any,
) -> int:  # fmt: skip
    from nerharness.runs.comparison import with_first
    from nerharness.scoring.comparison import Comparison
    from nerharness.scoring.intervals import Resampling
    from nerharness.scoring.protocols import check_protocol
    from nerharness.scoring.threshold import Condition

    check_protocol(protocol)
    conditions = [Condition.parse(text) for text in fail_if]
    read = _read(runs if against is None else with_first(against, runs), common, **given)
    comparison = Comparison.of(
        read, Resampling(draws, seed, level), common=common, with_first=against is not None
    )
    firsts = [one for one in comparison.contrasts if one.first == comparison.names[0]]
    runs_by_name = dict(zip(comparison.names, comparison.agreements, strict=True))
    write_table(table, runs_by_name, protocol, comparison.contrasts)
    failed = [(c, one) for c in conditions for one in firsts if c.holds(one)]
    if as_json:
        crossed = [{"condition": c.text, "second": one.second} for c, one in failed]
        value = {"schema": 1, **comparison.to_json(), "failed": crossed}
        say_json(value)
    else:
        from rich.console import Group

        from nerharness.report.comparison import comparison_tables
        from nerharness.report.screen import Screen

        Screen().print(Group(*comparison_tables(comparison, protocol, show)))
    for condition, one in failed:
        say(f"nerharness: {one.second} minus {one.first}: {condition.text}", err=True)
    return THRESHOLD if failed else 0


def _read(
    runs: Sequence[str], common: bool, *, gold: str | None, split: str | None,
    labels: Path | None, tokens: str | None, policy: str | None, align: Any,
) -> list[Any]:  # fmt: skip
    from nerharness.runs.comparison import read_runs, read_runs_beside

    if gold is None:
        about = {"split": split, "labels": labels, "tokens": tokens, "policy": policy,
                 "align": align}  # fmt: skip
        if lacking := next((flag for flag, value in about.items() if value is not None), None):
            raise click.UsageError(f"--{lacking} needs --gold")
        return read_runs(runs)
    from nerharness.plugin.host import load_host
    from nerharness.runs.predictions import read_gold

    host = load_host()
    beside = read_gold(host, gold, split, labels, tokens, policy)
    return read_runs_beside(host, beside, runs, align=align, common=common)
