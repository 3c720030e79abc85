"""`nerharness score`: scores out of a journal."""

from __future__ import annotations

import json
from pathlib import Path

import click


def command() -> click.Command:
    """Build the command."""
    return click.Command(
        "score",
        params=[
            click.Argument(["run"], type=click.Path(path_type=Path)),
            click.Option(["--json", "as_json"], is_flag=True, help="print JSON on stdout"),
        ],
        callback=_score,
        help="Rebuild the scores of the folder RUN from its journal, without a model or corpus.",
    )


def _score(run: Path, as_json: bool) -> int:
    from nerharness.runs.folder import RunFolder

    folder = RunFolder.open(run)
    scores = folder.score(folder.labels())
    wanted = folder.description().get("corpus", {}).get("documents", 0)
    if (missing := wanted - scores.documents["total"]) > 0:
        click.echo(f"nerharness: warning: {missing} documents of the run are missing", err=True)
    if as_json:
        click.echo(json.dumps(scores.to_json(), ensure_ascii=False))
        return 0
    from rich.console import Console

    from nerharness.report.tables import score_tables

    Console(highlight=False).print(score_tables(scores))
    return 0
