"""`nerharness score`: a run, or predictions from elsewhere, against gold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nerharness.cli.flags import Flag, json_flag
from nerharness.cli.output import say_json
from nerharness.cli.table import table_flag, write_table

if TYPE_CHECKING:
    from nerharness.runs.scores import Scores
    from nerharness.scoring.intervals import Resampling

_PATH = click.Path(path_type=Path)


def command() -> click.Command:
    """Build the command."""
    return click.Command(
        "score",
        params=[
            click.Argument(["gold"], metavar="GOLD|RUN"),
            click.Argument(["pred"], metavar="[PRED]", required=False),
            *gold_flags(),
            Flag(["--common"], is_flag=True, help="leave out documents that only one side has"),
            Flag(
                ["--protocol"],
                metavar="NAME",
                default="strict",
                show_default=True,
                help="protocol of the table by label",
            ),
            *resampling_flags(),
            table_flag(),
            json_flag(),
        ],
        callback=_score,
        help="Score the predictions PRED against the corpus GOLD, by all protocols; or rebuild the "
        "scores of the run folder RUN from its journal, without a model or corpus (by another "
        "--draws, --seed, --level or --policy they are only shown). GOLD is NAME or "
        "PATH[:READER[:OPTION=VALUE]], as for eval. PRED is such a corpus, a run folder, or a "
        "transcript: blocks of lines `token : TAG`, each after ######, one for each sentence.",
        context_settings={"max_content_width": 100},
    )


def gold_flags() -> list[Flag]:
    """Return the flags that say what of a gold corpus is scored, and how it is beside others."""
    return [
        Flag(["--split"], metavar="NAME", help="split of GOLD  [default: test, or the only one]"),
        Flag(["--labels"], type=_PATH, metavar="FILE", help="label set with definitions (TOML)"),
        Flag(
            ["--tokens"],
            metavar="NAME",
            help="tokens and sentences of GOLD: default, raredis, spacy[:MODEL], model:NAME  "
            "[default: those of the corpus]",
        ),
        Flag(
            ["--policy"],
            metavar="NAME",
            help="which of overlapping entities seqeval's protocols see: longest, outermost, "
            "first-fragment, priority:LABEL,…  [default: longest]",
        ),
        Flag(
            ["--align"],
            type=click.Choice(["sequence", "position"]),
            help="how the lines of a transcript are paired with tokens  [default: sequence]",
        ),
    ]


def resampling_flags(least: int = 0) -> list[Flag]:
    """Return the flags of intervals and tests, with at least so many draws."""
    return [
        Flag(
            ["--draws"],
            type=click.IntRange(least, 1_000_000),
            default=10_000,
            show_default=True,
            metavar="N",
            help="draws of documents for intervals" + ("" if least else "; 0: none"),
        ),
        Flag(["--seed"], type=click.IntRange(0, 2**64 - 1), default=0, show_default=True,
             metavar="N", help="seed of the draws"),
        Flag(
            ["--level"],
            type=click.FloatRange(0, 1, min_open=True, max_open=True),
            default=0.95,
            show_default=True,
            metavar="X",
            help="share of draws that an interval holds",
        ),
    ]  # fmt: skip


def resampling_of(draws: int, seed: int, level: float) -> Resampling | None:
    """Return what the flags ask for."""
    from nerharness.errors import UsageError
    from nerharness.scoring.intervals import Resampling

    try:
        return Resampling(draws, seed, level) if draws else None
    except ValueError as error:
        raise UsageError(str(error), where="--draws, --seed, --level") from None


def _score(
    gold: str, pred: str | None, protocol: str, draws: int, seed: int, level: float,
    table: Path | None, as_json: bool, **given: Any,
) -> int:  # fmt: skip
    from nerharness.scoring.protocols import check_protocol

    check_protocol(protocol)
    resampling = resampling_of(draws, seed, level)
    notes: Mapping[str, int] = {}
    if pred is None:
        _refuse_gold_flags(given)
        scores, notes = _rescored(Path(gold), resampling, given["policy"])
    else:
        scores, notes = _scored(gold, pred, resampling, **given)
    write_table(table, {pred or gold: scores.agreement}, protocol)
    if as_json:
        extra = {"notes": notes} if notes else {}
        say_json({**scores.to_json(), **extra})
        return 0
    from nerharness.report.agreement import note_lines
    from nerharness.report.screen import Screen
    from nerharness.report.tables import score_tables

    console = Screen()
    console.print(score_tables(scores, protocol))
    for line in note_lines(notes):
        console.print(line)
    return 0


def _refuse_gold_flags(given: Mapping[str, Any]) -> None:
    """Raise `UsageError` for a flag that says something about GOLD where there is none."""
    from nerharness.errors import UsageError

    flags = ("split", "labels", "tokens", "align", "common")
    if flag := next((name for name in flags if given[name]), None):
        raise UsageError(
            "is for GOLD and PRED; the scores of a run folder alone are about its own documents",
            where=f"--{flag}",
        )


def _rescored(
    run: Path, resampling: Resampling | None, policy: str | None
) -> tuple[Scores, Mapping[str, int]]:
    from nerharness.flatten import LONGEST, Policy
    from nerharness.report.screen import Screen
    from nerharness.runs.folder import RunFolder

    rule = Policy.parse(policy) if policy else LONGEST
    folder = RunFolder.open(run)
    scores = folder.score(folder.labels(), resampling, rule)
    if not folder.keeps(resampling, rule):
        left = f"shown only; {run / 'scores.json'} keeps the scores by the default settings"
        Screen(stderr=True).print(left, soft_wrap=True)
    return scores, folder.notes(scores.documents["total"])


def _scored(
    gold: str, predicted: str, resampling: Resampling | None, *, align: Any, common: bool,
    split: str | None, labels: Path | None, tokens: str | None, policy: str | None,
) -> tuple[Scores, Mapping[str, int]]:  # fmt: skip
    from nerharness.plugin.host import load_host
    from nerharness.runs.predictions import check_align, read_gold, read_predictions

    host = load_host()
    read = read_gold(host, gold, split, labels, tokens, policy)
    found = read_predictions(host, read, predicted, align=align, common=common)
    check_align(align, found.had_lines)
    return found.score(resampling), found.notes
