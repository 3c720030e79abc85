"""`nerharness train merge`: an adapter and its base as one model."""

from __future__ import annotations

from pathlib import Path

import click

from nerharness.cli.flags import Flag, SectionedCommand
from nerharness.cli.output import say

_PATH = click.Path(path_type=Path)


def command() -> click.Command:
    """Build the command."""
    return SectionedCommand(
        "merge",
        params=[
            Flag(["--adapter"], type=_PATH, required=True, metavar="DIR", help="the adapter"),
            Flag(["--out"], type=_PATH, required=True, metavar="DIR", help="folder of the model"),
            Flag(
                ["--model"],
                metavar="TEXT",
                help="base model  [default: what the adapter was trained on]",
            ),
        ],
        callback=_merge,
        help="Write an adapter and its base model as one model. Then: nerharness eval --model OUT, "
        "which asks as in training.",
    )


def _merge(adapter: Path, out: Path, model: str | None) -> int:
    from nerharness.runs.merging import merge

    merge(adapter, model, out)
    say(f"model  {out}", err=True)
    return 0
