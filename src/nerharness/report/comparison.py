"""Runs beside each other, as tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from nerharness.report.agreement import (
    count_cells,
    interval_cell,
    name_cell,
    new_table,
    note_lines,
    rate_cells,
    warning_lines,
)
from nerharness.scoring.comparison import Comparison, Contrast
from nerharness.scoring.figures import Averaging, Row
from nerharness.scoring.significance import Difference

CHANGED = 10
"""Documents that are shown."""
_FEW = 3
"""So many contrasts have tables of their own."""


def comparison_tables(
    comparison: Comparison, protocol: str = "strict", changed: int = CHANGED
) -> Iterator[RenderableType]:
    """Yield the tables of runs, of each contrast, and of the documents that changed most."""
    yield runs_table(comparison, protocol)
    yield from warning_lines(comparison.warnings)
    yield from difference_tables(comparison, protocol)
    if comparison.changed and changed:
        yield _changed(comparison, changed)
    for name, notes in zip(short_names(comparison.names).values(), comparison.notes, strict=True):
        yield from (Text(f"{name}: ") + line for line in note_lines(notes))
    for what, count in comparison.left_out.items():
        yield Text(f"left out: {count:,} {what}")
    yield Text(
        f"{comparison.documents:,} documents; {comparison.resampling.draws:,} draws, "
        f"seed {comparison.resampling.seed}"
    )


def _level(comparison: Comparison) -> str:
    return f"{100 * comparison.resampling.level:g} %"


def short_names(names: tuple[str, ...]) -> dict[str, str]:
    """Return the last part of each path, if these are enough to tell them apart."""
    last = {name: PurePath(name).name or name for name in names}
    return last if len(set(last.values())) == len(names) else dict(zip(names, names, strict=True))


def runs_table(comparison: Comparison, protocol: str) -> Table:
    """Return the figures of each run by one protocol."""
    columns = ("P", "R", "F1", _level(comparison), "macro F1", "weighted")
    table = new_table(f"{protocol} match", "run", *columns)
    short = short_names(comparison.names)
    for name, agreement in zip(comparison.names, comparison.agreements, strict=True):
        scores, known = agreement.protocols[protocol], agreement.intervals[protocol]
        averages = (f"{scores.macro.f1:.3f}", f"{scores.weighted.f1:.3f}")
        interval = interval_cell(known, Averaging.MICRO)
        table.add_row(name_cell(short[name]), *rate_cells(scores.micro), interval, *averages)
    return table


def difference_tables(comparison: Comparison, protocol: str) -> Iterator[Table]:
    """Yield tables of each contrast, by label and by protocol; of many two of averages alone."""
    if len(comparison.contrasts) > _FEW:
        yield _averages(comparison, protocol, Averaging.MICRO)
        last = _averages(comparison, protocol, Averaging.MACRO)
        last.caption = "differences by label and by other protocols: of fewer runs, or in JSON\n"
        last.caption_justify = "left"
        yield last
        return
    for contrast in comparison.contrasts:
        yield _by_label(comparison, contrast, protocol)
    if len(comparison.contrasts[0].differences) > 1:
        yield from (_by_protocol(comparison, contrast) for contrast in comparison.contrasts)


def _averages(comparison: Comparison, protocol: str, average: Averaging) -> Table:
    """Return the differences of an average of F1, a row for each contrast."""
    key, short = (average, "f1"), short_names(comparison.names)
    title, head = f"{average.value} F1 by {protocol} match", "runs"
    if one_first := len({contrast.first for contrast in comparison.contrasts}) == 1:
        title, head = f"{title}, minus that of {short[comparison.names[0]]}", "run"
    table = _new(comparison, title, head)
    for contrast in comparison.contrasts:
        corrected = contrast.corrected[protocol][key]
        cells = _cells(comparison, contrast.differences[protocol][key], corrected)
        name = short[contrast.second] if one_first else _title(comparison, contrast)
        table.add_row(name_cell(name), *cells)
    return table


def _by_label(comparison: Comparison, contrast: Contrast, protocol: str) -> Table:
    """Return the differences of F1 of each label and of the averages by one protocol."""
    table = _new(comparison, f"{_title(comparison, contrast)}: F1 by {protocol} match", "label")
    found = contrast.differences[protocol]

    def add(row: Row, name: Text, style: str = "") -> None:
        cells = _cells(comparison, found[row, "f1"], contrast.corrected[protocol][row, "f1"])
        table.add_row(name, *cells, style=style)

    for row, figure in found:
        if figure == "f1" and not isinstance(row, Averaging):
            add(row, name_cell(row))
    table.add_section()
    for average in Averaging:
        if (average, "f1") in found:
            add(average, Text(average.value), "bold")
    return table


def _by_protocol(comparison: Comparison, contrast: Contrast) -> Table:
    """Return the differences of micro F1 by each protocol."""
    table = _new(comparison, f"{_title(comparison, contrast)}: micro F1", "protocol")
    for protocol, found in contrast.differences.items():
        if (key := (Averaging.MICRO, "f1")) in found:
            corrected = contrast.corrected[protocol][key]
            table.add_row(protocol, *_cells(comparison, found[key], corrected))
    return table


def _title(comparison: Comparison, contrast: Contrast) -> str:
    short = short_names(comparison.names)
    return f"{short[contrast.second]} minus {short[contrast.first]}"


def _new(comparison: Comparison, title: str, first: str) -> Table:
    columns = ["difference", _level(comparison), "p perm.", "p boot."]
    if len(comparison.contrasts) > 1:
        columns.append("p Holm")
    return new_table(title, first, *columns)


def _cells(comparison: Comparison, one: Difference, corrected: float) -> list[str]:
    low, high = one.interval.percentile
    cells = [f"{one.value:+.3f}", f"{low:+.3f} … {high:+.3f}"]
    cells += [_p(one.permutation), _p(one.bootstrap)]
    return [*cells, _p(corrected)] if len(comparison.contrasts) > 1 else cells


def _p(value: float) -> str:
    return f"{value:.4f}"


def _changed(comparison: Comparison, number: int) -> Table:
    names = short_names(comparison.names).values()
    table = new_table("documents that changed most (strict): tp/fp/fn", "document")
    for name in names:
        table.add_column(name_cell(name), justify="right", overflow="fold")
    for one in comparison.changed[:number]:
        table.add_row(name_cell(one.document), *("/".join(count_cells(c)) for c in one.counts))
    if len(comparison.changed) > number:
        table.caption = f"… and {len(comparison.changed) - number:,} more"
        table.caption_justify = "left"
    return table
