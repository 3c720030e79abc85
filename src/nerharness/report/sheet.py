"""Scores as a file for a spreadsheet or a paper: CSV, LaTeX or Markdown.

docs/scoring.md describes the columns.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from nerharness.escapes import one_line
from nerharness.metrics import Average, Counts
from nerharness.report.comparison import short_names
from nerharness.scoring.agreement import Agreement
from nerharness.scoring.comparison import Contrast
from nerharness.scoring.figures import Averaging, Row
from nerharness.scoring.intervals import Interval
from nerharness.scoring.significance import Difference

KINDS = (".csv", ".tex", ".md")
"""What can be written, by the file's suffix."""

COLUMNS = (
    *("run", "protocol", "kind", "row", "precision", "recall", "f1", "f1_low", "f1_high"),
    *("tp", "fp", "fn", "difference", "difference_low", "difference_high"),
    *("p_permutation", "p_bootstrap", "p_holm"),
)
"""The columns of CSV; the last six are about F1 minus that of the first run."""


class Line(NamedTuple):
    """The figures of a label or an average in one run by one protocol."""

    run: str
    protocol: str
    row: Row
    scores: Counts | Average
    interval: Interval | None = None
    """Of F1."""
    difference: Difference | None = None
    """Of F1, from the first run."""
    corrected: float | None = None
    """The p-value of that, corrected for the number of contrasts."""


def sheet(kind: str, lines: Sequence[Line], protocol: str, level: float | None) -> str:
    """Return the text of a file of one of `KINDS`.

    CSV has all lines; the others have a row for each run by `protocol`, with its interval of F1 if
    there is a `level`.
    """
    if kind == ".csv":
        return _csv(lines)
    table = _paper(lines, protocol, level)
    return _latex(table) if kind == ".tex" else _markdown(table)


def lines_of(
    agreements: Mapping[str, Agreement], contrasts: Sequence[Contrast] = ()
) -> Iterator[Line]:
    """Yield the lines of each run by its name; differences are those from the first.

    Names are cut to the last parts of paths if that is enough to tell them apart.
    """
    short, first = short_names(tuple(agreements)), next(iter(agreements))
    beside = {one.second: one for one in contrasts if one.first == first}
    for run, agreement in agreements.items():
        contrast = beside.get(run)
        for protocol, scores in agreement.protocols.items():
            rows: list[tuple[Row, Counts | Average]] = [
                *scores.labels.items(),
                (Averaging.MICRO, scores.micro),
                (Averaging.MACRO, scores.macro),
                (Averaging.WEIGHTED, scores.weighted),
            ]
            known = agreement.intervals.get(protocol, {})
            for row, figures in rows:
                key = row, "f1"
                difference = contrast and contrast.differences[protocol].get(key)
                corrected = contrast and contrast.corrected[protocol].get(key)
                yield Line(
                    short[run], protocol, row, figures, known.get(key), difference, corrected
                )


def _csv(lines: Sequence[Line]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(map(_cells, lines))
    return text.getvalue()


def _cells(line: Line) -> list[Any]:
    kind, row = (
        ("average", line.row.value) if isinstance(line.row, Averaging) else ("label", line.row)
    )
    scores, beside = line.scores, line.difference
    counts = (scores.tp, scores.fp, scores.fn) if isinstance(scores, Counts) else ("", "", "")
    interval = line.interval.percentile if line.interval else ("", "")
    cells: list[Any] = [line.run, line.protocol, kind, row]
    cells += [scores.precision, scores.recall, scores.f1, *interval, *counts]
    if beside is None:
        return [*cells, *[""] * 6]
    tests = (beside.permutation, beside.bootstrap, line.corrected)
    return [*cells, beside.value, *beside.interval.percentile, *tests]


def _paper(lines: Sequence[Line], protocol: str, level: float | None) -> list[list[str]]:
    """Return the cells of a table, a row for each run, after those of the heading."""
    rows = {(line.run, line.row): line for line in lines if line.protocol == protocol}
    micro = [line for line in rows.values() if line.row is Averaging.MICRO]
    heading = ["run", "P", "R", "F1"]
    heading += [f"{100 * level:g} % interval"] if level else []
    heading.append("macro F1")
    contrasted = any(line.difference for line in micro)
    heading += ["difference", "p"] if contrasted else []
    table = [heading]
    for line in micro:
        scores = line.scores
        cells = [line.run, *(f"{x:.3f}" for x in (scores.precision, scores.recall, scores.f1))]
        if level:
            bounds = line.interval.percentile if line.interval else ()
            cells.append("–".join(f"{bound:.3f}" for bound in bounds))
        cells.append(f"{rows[line.run, Averaging.MACRO].scores.f1:.3f}")
        if contrasted:
            beside, p = line.difference, line.corrected
            cells += [f"{beside.value:+.3f}", f"{p:.4f}"] if beside and p is not None else ["", ""]
        table.append(cells)
    return table


def _markdown(table: list[list[str]]) -> str:
    rows = [[one_line(cell).replace("|", "\\|") for cell in row] for row in table]
    rule = ["---"] + ["---:"] * (len(rows[0]) - 1)
    return "".join(f"| {' | '.join(row)} |\n" for row in (rows[0], rule, *rows[1:]))


_SIGNED = re.compile(r"[+-][0-9.]+")
_LATEX = str.maketrans(
    {
        **{char: f"\\{char}" for char in "&%$#_{}"},
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "\\": r"\textbackslash{}",
        "–": "--",
    }
)


def _latex(table: list[list[str]]) -> str:
    """Return a `tabular` with the rules of the package booktabs."""
    rows = [" & ".join(map(_latex_cell, row)) for row in table]
    body = [f"{row} \\\\\n" for row in rows]
    columns = "l" + "r" * (len(table[0]) - 1)
    opening = f"\\begin{{tabular}}{{{columns}}}\n\\toprule\n{body[0]}\\midrule\n"
    return f"{opening}{''.join(body[1:])}\\bottomrule\n\\end{{tabular}}\n"


def _latex_cell(cell: str) -> str:
    if _SIGNED.fullmatch(cell):
        return f"${cell}$"  # a minus, and no hyphen
    return one_line(cell).translate(_LATEX)
