"""`nerharness plan`: what `eval` would ask, without asking."""

from __future__ import annotations

from typing import Any

import click

from nerharness.cli.as_trained import say_training
from nerharness.cli.eval_flags import output_flag, run_flags, spec_of
from nerharness.cli.executor import EXECUTOR_FLAGS
from nerharness.cli.flags import Flag, SectionedCommand
from nerharness.cli.output import keep_stdout, say, say_json
from nerharness.plugin.host import Host, load_host


def command() -> click.Command:
    """Build the command, with the flags of every installed plugin."""
    host = load_host()
    made = SectionedCommand(
        "plan",
        params=list[click.Parameter](run_flags(host, _output_flags())),
        callback=lambda **given: _plan(host, given),
        help="Show the prompts that eval would send with the same flags, and count documents, "
        "prompts and tokens. No model that answers is loaded, and no run folder is written; the "
        "retriever works as in a run: dense loads its encoder, and keeps its index in the cache.",
        skipped=host.skipped,
        context_settings={"max_content_width": 100},
    )
    made.passed_over = EXECUTOR_FLAGS | {"out", "resume", "cache", "max_cost"}
    return made


def _output_flags() -> list[Flag]:
    return [
        output_flag(
            "show",
            "units whose prompts are shown",
            type=click.IntRange(min=0),
            metavar="N",
            default=1,
        ),
        output_flag("json", "print the plan as JSON on stdout", is_flag=True, callback=keep_stdout),
    ]


def _plan(host: Host, given: dict[str, Any]) -> None:
    from nerharness.report.plan import plan_text
    from nerharness.report.screen import Screen
    from nerharness.runs.plan import make_plan

    show, as_json = given.pop("show"), given.pop("json")
    spec, notes = spec_of(given), Screen(stderr=True)
    with notes.status("making prompts …"):
        plan = make_plan(spec, host, show=show)
    say_training(spec, plan.labels, notes)
    if as_json:
        say_json(plan.to_json())
    else:
        say(plan_text(plan))
