"""`nerharness report`: a run, or several, as one page of HTML."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nerharness.cli.flags import Flag
from nerharness.cli.output import say
from nerharness.cli.score import resampling_flags, resampling_of

if TYPE_CHECKING:
    from nerharness.scoring.comparison import Comparison
    from nerharness.scoring.intervals import Resampling

_PATH = click.Path(path_type=Path)


def command() -> click.Command:
    """Build the command."""
    return click.Command(
        "report",
        params=[
            click.Argument(["runs"], metavar="RUN [RUN …]", nargs=-1, required=True, type=_PATH),
            click.Option(
                ["-o", "--out"],
                type=_PATH,
                metavar="FILE",
                help="page to write; must be given for several runs  [default: RUN/report.html]",
            ),
            Flag(
                ["--documents"],
                type=click.IntRange(min=0),
                default=200,
                show_default=True,
                metavar="N",
                help="the most documents to show, those with the most errors first; 0: none",
            ),
            Flag(["--no-text"], is_flag=True, help="figures only: no text, mention, id or path"),
            Flag(["--transcripts"], is_flag=True, help="with the prompts and answers of documents"),
            Flag(
                ["--against"],
                type=_PATH,
                metavar="RUN",
                help="of several runs, compare each with this one alone",
            ),
            Flag(["--common"], is_flag=True, help="of several runs, what all have in common"),
            Flag(
                ["--protocol"],
                metavar="NAME",
                default="strict",
                show_default=True,
                help="protocol of the figures by label",
            ),
            *resampling_flags(),
        ],
        callback=_report,
        help="Write a page of HTML that opens without a network: the scores of a run with their "
        "intervals, the causes of its errors, and its documents with gold and predicted entities "
        "in the text; or runs over the same documents, their differences, and the documents that "
        "changed most. All is computed from the journals of the run folders.",
        context_settings={"max_content_width": 100},
    )


def _report(
    runs: tuple[Path, ...], out: Path | None, documents: int, no_text: bool, transcripts: bool,
    against: Path | None, common: bool, protocol: str, draws: int, seed: int, level: float,
) -> None:  # fmt: skip
    from nerharness.errors import UsageError
    from nerharness.report.comparison_page import comparison_page
    from nerharness.report.page import Content
    from nerharness.report.page_file import check_place, is_protected, write_page
    from nerharness.report.run_page import run_page
    from nerharness.runs.comparison import with_first
    from nerharness.runs.folder import RunFolder
    from nerharness.scoring.protocols import check_protocol

    check_protocol(protocol)
    resampling = resampling_of(draws, seed, level)
    if against is not None:
        runs = tuple(map(Path, with_first(str(against), [str(run) for run in runs])))
    folders = [RunFolder.open(run.expanduser()) for run in runs]
    if out is None and len(runs) > 1:
        raise UsageError("must be given for several runs", where="-o")
    if common and len(runs) == 1:
        raise UsageError("is for several runs", where="--common")
    if transcripts and (no_text or not documents or len(runs) > 1):
        raise UsageError("is for the page of one run with its texts", where="--transcripts")
    protected = is_protected(folder.path for folder in folders)
    content = Content(protocol, documents, not no_text, transcripts, protected)
    place = out or folders[0].path / "report.html"
    check_place(place, content)
    if len(folders) == 1:
        page = run_page(folders[0], content, resampling)
    else:
        page = comparison_page(
            _compared(runs, resampling, common=common, with_first=against is not None),
            [folder.description() for folder in folders],
            content,
        )
    write_page(place, page, content)
    say(place)


def _compared(
    runs: tuple[Path, ...], resampling: Resampling | None, *, common: bool, with_first: bool
) -> Comparison:
    from nerharness.errors import UsageError
    from nerharness.runs.comparison import read_runs
    from nerharness.scoring.comparison import Comparison

    if resampling is None:
        raise UsageError("several runs are compared by draws", where="--draws 0")
    read = read_runs([str(run) for run in runs])
    return Comparison.of(read, resampling, common=common, with_first=with_first)
