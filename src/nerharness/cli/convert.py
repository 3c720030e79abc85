"""`nerharness convert`: a corpus from one format into another."""

from __future__ import annotations

from pathlib import Path

import click

from nerharness.cli.flags import Flag, json_flag
from nerharness.cli.interrupts import orderly_termination
from nerharness.cli.output import say_json

_PATH = click.Path(path_type=Path)


def command() -> click.Command:
    """Build the command."""
    return click.Command(
        "convert",
        params=[
            click.Argument(["corpus"], metavar="IN"),
            click.Argument(["out"], type=_PATH, metavar="OUT"),
            Flag(
                ["--to"],
                required=True,
                metavar="WRITER[:OPTION=VALUE]",
                help="format to write; nerharness ls writers lists them",
            ),
            Flag(
                ["--policy"],
                metavar="NAME",
                help="which of overlapping entities stays where tags are flat: longest, "
                "outermost, first-fragment, priority:LABEL,…  [default: longest]",
            ),
            Flag(
                ["--tokens"],
                metavar="NAME",
                help="tokens and sentences: default, raredis, spacy[:MODEL], model:NAME  "
                "[default: those of the corpus]",
            ),
            Flag(
                ["--labels"], type=_PATH, metavar="FILE", help="label set with definitions (TOML)"
            ),
            Flag(["--lossless"], is_flag=True, help="fail rather than lose anything"),
            json_flag(),
        ],
        callback=_convert,
        help="Read the corpus IN, as for eval NAME or PATH[:READER[:OPTION=VALUE]], and write it "
        "as the file or folder OUT, which must not be there yet. What the format cannot hold is "
        "counted. IN may be a run folder: its predictions are written, or its gold "
        "(RUN:run-folder:entities=gold).",
        context_settings={"max_content_width": 100},
    )


def _convert(
    corpus: str,
    out: Path,
    to: str,
    policy: str | None,
    tokens: str | None,
    labels: Path | None,
    lossless: bool,
    as_json: bool,
) -> int:
    from nerharness.plugin.host import load_host
    from nerharness.runs.conversion import convert
    from nerharness.segmenters import find_segmenter

    with orderly_termination():
        done = convert(
            load_host(),
            corpus,
            out,
            to,
            labels=labels,
            policy=policy,
            segmenter=find_segmenter(tokens) if tokens else None,
            lossless=lossless,
        )
    if as_json:
        say_json(done.to_json())
        return 0
    from nerharness.report.conversion import conversion_tables
    from nerharness.report.screen import Screen

    Screen().print(conversion_tables(done))
    return 0
