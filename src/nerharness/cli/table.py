"""`--table FILE`: scores as a file for a spreadsheet or a paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nerharness.cli.flags import Flag

if TYPE_CHECKING:
    from nerharness.scoring.agreement import Agreement
    from nerharness.scoring.comparison import Contrast


def table_flag() -> Flag:
    """Return the flag; a file of a kind that cannot be written is a usage error."""
    return Flag(
        ["--table"],
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        callback=_checked,
        help="also write a table: all figures to FILE.csv, a row for each run (by --protocol) to "
        "FILE.tex or FILE.md",
    )


def _checked(_: click.Context, __: click.Parameter, path: Path | None) -> Path | None:
    from nerharness.errors import UsageError
    from nerharness.report.sheet import KINDS

    if path is not None and path.suffix.lower() not in KINDS:
        raise UsageError(
            f"no such kind of table: {path.suffix or path.name!r}",
            where=f"--table {path}",
            hint=f"name a file that ends with {', '.join(KINDS)}",
        )
    return path


def write_table(
    path: Path | None,
    agreements: Mapping[str, Agreement],
    protocol: str,
    contrasts: Sequence[Contrast] = (),
) -> None:
    """Write the table of runs, by their names, if there is a path; `RunError` if it cannot be."""
    if path is None:
        return
    from nerharness.report.sheet import lines_of, sheet
    from nerharness.whole_files import write_whole

    resampling = next(iter(agreements.values())).resampling
    lines = list(lines_of(agreements, contrasts))
    level = resampling.level if resampling else None
    write_whole(path, sheet(path.suffix.lower(), lines, protocol, level))
