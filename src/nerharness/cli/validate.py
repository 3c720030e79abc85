"""`nerharness validate`: what is wrong with a corpus."""

from __future__ import annotations

from pathlib import Path

import click

from nerharness.cli.flags import Flag, json_flag
from nerharness.cli.interrupts import orderly_termination
from nerharness.cli.main import USAGE
from nerharness.cli.output import say_json

_PATH = click.Path(path_type=Path)


def command() -> click.Command:
    """Build the command."""
    return click.Command(
        "validate",
        params=[
            click.Argument(["corpus"], metavar="CORPUS"),
            Flag(
                ["--labels"], type=_PATH, metavar="FILE", help="label set with definitions (TOML)"
            ),
            Flag(
                ["--leaks/--no-leaks"],
                default=True,
                help="look for near-copies between splits  [default: yes]",
            ),
            Flag(
                ["--unit"],
                metavar="sentence|window:N[:OVERLAP]|document",
                default="sentence",
                show_default=True,
                help="count the entities that such units cut",
            ),
            Flag(
                ["--fix"],
                type=_PATH,
                metavar="OUT",
                help="write a repaired copy, and what was done as OUT.fixes.jsonl",
            ),
            Flag(
                ["--to"],
                metavar="WRITER[:OPTION=VALUE]",
                help="format of the copy  [default: that of the corpus]",
            ),
            Flag(
                ["--show"],
                type=click.IntRange(min=0),
                metavar="N",
                default=50,
                show_default=True,
                help="findings to show",
            ),
            json_flag(),
        ],
        callback=_validate,
        help="Look for offsets outside the text, words that are not the mention, empty spans and "
        "white space at edges, unknown labels, wrong tags, duplicates, near-copies between splits "
        "and texts that are not in NFC. CORPUS is NAME or PATH[:READER[:OPTION=VALUE]], as for "
        "eval; of a run folder, the predictions are read. The exit code is 2 when something is "
        "wrong, or with --fix, when something is left as it was, or left out.",
        context_settings={"max_content_width": 100},
    )


def _validate(
    corpus: str,
    labels: Path | None,
    leaks: bool,
    unit: str,
    fix: Path | None,
    to: str | None,
    show: int,
    as_json: bool,
) -> int:
    from nerharness.findings import Finding
    from nerharness.plugin.host import load_host
    from nerharness.runs.validation import finding_record, validate

    shown: list[Finding] = []

    def note(finding: Finding) -> None:
        if len(shown) < show:
            shown.append(finding)

    with orderly_termination():
        done = validate(
            load_host(),
            corpus,
            note,
            labels=labels,
            leaks=leaks,
            unit=unit,
            fix=fix,
            to=to,
        )
    if as_json:
        records = [finding_record(finding) for finding in shown]
        say_json({**done.to_json(), "shown": records})
    else:
        from nerharness.report.screen import Screen
        from nerharness.report.validation import print_validation

        print_validation(Screen(), done, shown)
    left = done.unrepaired + done.lost if fix else done.kinds.total()
    return USAGE if left else 0
