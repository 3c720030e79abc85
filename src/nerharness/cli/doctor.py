"""`nerharness doctor`: what is installed, what is missing and how to get it, what is broken."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout

import click

from nerharness.cli.huge_pages import gains
from nerharness.cli.output import keep_stdout, say_json

BROKEN = 2
"""The exit code where something that is there does not work; missing extras alone are no fault."""


def command() -> click.Command:
    """Build the command."""
    # Not `json_flag`: its module needs the Rust core, which may not load.
    as_json = click.Option(
        ["--json", "as_json"], is_flag=True, callback=keep_stdout, help="print JSON on stdout"
    )
    return click.Command(
        "doctor",
        params=[as_json],
        callback=_examine,
        help="Say what is installed and within its bounds, what is missing and the pip command "
        "for it, what the processor and GPU offer, where models would be loaded from, which keys "
        "are set (by name), where folders are and whether they can be written, which plugins "
        "failed, and which NERHARNESS_… variables nothing reads. Asks no network, loads no model, "
        "changes nothing. The exit code is 2 when something is broken; what is only missing is no "
        "failure.",
        context_settings={"max_content_width": 100},
    )


def _examine(as_json: bool) -> int:
    from nerharness.runs.installation.inspection import inspect

    with redirect_stdout(sys.stderr):  # libraries print what they like as they are imported
        found = inspect(settings=lambda: set(_variables(_group())), huge_pages=_huge_pages)
    if as_json:
        say_json(found.to_json())
    else:
        from nerharness.report.installation import print_installation
        from nerharness.report.screen import Screen

        print_installation(Screen(), found)
    return BROKEN if found.problems else 0


def _huge_pages() -> bool:
    return gains(["eval"], os.environ)


def _group() -> click.Command:
    return click.get_current_context().find_root().command


def _variables(command: click.Command) -> Iterator[str]:
    """Yield the environment variables that the flags of a command, and of those below it, read."""
    for parameter in command.params:
        named = parameter.envvar or ()
        yield from (named,) if isinstance(named, str) else named
    if isinstance(command, click.Group):
        context = click.get_current_context()
        for name in command.list_commands(context):
            if found := command.get_command(context, name):
                yield from _variables(found)
