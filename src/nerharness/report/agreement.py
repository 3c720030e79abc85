"""How well entities agree, as tables: by protocol, by label, by cause of error, by stratum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from nerharness.escapes import one_line
from nerharness.metrics import Average, Counts
from nerharness.scoring.agreement import Agreement
from nerharness.scoring.calibration import Calibration
from nerharness.scoring.errors import MEANING, Errors
from nerharness.scoring.figures import Averaging, Row
from nerharness.scoring.intervals import Intervals

CONFUSIONS = 8
"""How many pairs of labels are shown that are taken for one another."""
WORST = 5
"""How many documents are shown."""


def agreement_tables(
    agreement: Agreement, protocol: str = "strict", *, whole: bool = True
) -> Iterator[RenderableType]:
    """Yield the tables; the one by label for `protocol`. Without `whole` no strata."""
    yield protocol_table(agreement)
    yield label_table(agreement, protocol)
    yield from warning_lines(agreement.warnings)
    if agreement.errors.fp or agreement.errors.fn:
        yield error_table(agreement.errors)
        yield oracle_table(agreement)
    if agreement.errors.confusion:
        yield _confusion(agreement.errors)
    if whole:
        yield from (stratum_table(name, rows) for name, rows in agreement.strata.items())
        yield from _documents(agreement.by_document)
    if agreement.calibration:
        yield calibration_table(agreement.calibration)


def warning_lines(warnings: Iterable[str]) -> Iterator[Text]:
    """Yield a line for each warning, before an empty one."""
    for warning in warnings:
        yield Text(f"warning: {warning}\n", style="yellow")


def note_lines(notes: Mapping[str, int]) -> Iterator[Text]:
    """Yield a line for each thing that was left out or is unusual, with how often."""
    for note, count in notes.items():
        yield Text(f"{count:,} {note}")


def new_table(title: str, first: str, *columns: str) -> Table:
    """Return an empty table with a title, a column of names, and columns of numbers.

    Where there is no room, long names go on in the next line, so that no number is cut.
    """
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        min_width=len(title) + 1,
    )
    table.add_column(first, overflow="fold")
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def name_cell(name: str) -> Text:
    """Return a label, id or name as it is, with control characters escaped."""
    return Text(one_line(name))


def rate_cells(scores: Counts | Average) -> tuple[str, str, str]:
    """Return precision, recall and F1."""
    return f"{scores.precision:.3f}", f"{scores.recall:.3f}", f"{scores.f1:.3f}"


def count_cells(counts: Counts) -> tuple[str, str, str]:
    """Return true positives, false positives and false negatives."""
    return f"{counts.tp:.6g}", f"{counts.fp:.6g}", f"{counts.fn:.6g}"


def interval_cell(known: Intervals, row: Row, figure: str = "f1") -> str:
    """Return the percentile interval of a figure; nothing if there is none."""
    if (row, figure) not in known:
        return ""
    low, high = known[row, figure].percentile
    return f"{low:.3f}–{high:.3f}"


def interval_title(agreement: Agreement) -> str:
    """Return the level of intervals, as a column is headed; nothing without them."""
    return f"{100 * agreement.resampling.level:g} %" if agreement.resampling else ""


def protocol_table(agreement: Agreement) -> Table:
    """Return the averages by each protocol."""
    title = interval_title(agreement)
    names = ("P", "R", "micro F1", title, "macro F1", "weighted")
    table = new_table("all protocols", "protocol", *names)
    for name, scores in agreement.protocols.items():
        known = agreement.intervals.get(name, {})
        table.add_row(
            name,
            *rate_cells(scores.micro),
            interval_cell(known, Averaging.MICRO),
            f"{scores.macro.f1:.3f}",
            f"{scores.weighted.f1:.3f}",
        )
    return table


def label_table(agreement: Agreement, protocol: str) -> Table:
    """Return the figures of each label and the averages by one protocol."""
    scores, known = agreement.protocols[protocol], agreement.intervals.get(protocol, {})
    columns = ("P", "R", "F1", interval_title(agreement), "tp", "fp", "fn")
    table = new_table(f"{protocol} match", "label", *columns)
    for label, counts in scores.labels.items():
        rates, interval = rate_cells(counts), interval_cell(known, label)
        table.add_row(name_cell(label), *rates, interval, *count_cells(counts))
    table.add_section()
    micro = (*rate_cells(scores.micro), interval_cell(known, Averaging.MICRO))
    table.add_row("micro", *micro, *count_cells(scores.micro), style="bold")
    for row, average in (
        (Averaging.MACRO, scores.macro),
        (Averaging.WEIGHTED, scores.weighted),
    ):
        cells = (*rate_cells(average), interval_cell(known, row))
        table.add_row(row.value, *cells, style="bold")
    return table


def error_table(errors: Errors) -> Table:
    """Return how many errors each cause accounts for, and what it means."""
    table = new_table("why strict match fails", "cause", "fp", "fn")
    table.add_column("", style="dim", overflow="fold")
    for cause, meaning in MEANING.items():
        if errors.fp[cause] or errors.fn[cause]:
            numbers = (str(side[cause] or "") for side in (errors.fp, errors.fn))
            table.add_row(cause, *numbers, meaning)
    return table


def oracle_table(agreement: Agreement) -> Table:
    """Return what strict match would be with one kind of error put right."""
    before = agreement.protocols["strict"].micro
    columns = ("P", "R", "F1", "gain")
    table = new_table("what would be, with one thing put right", "put right", *columns)
    rows = sorted(agreement.oracles.items(), key=lambda row: -row[1].f1)
    for name, counts in rows:
        if counts != before:
            table.add_row(name, *rate_cells(counts), f"+{counts.f1 - before.f1:.3f}")
    return table


def _confusion(errors: Errors) -> Table:
    table = new_table("labels taken for others", "gold", "count")
    table.add_column("predicted", no_wrap=True)
    for (gold, predicted), count in errors.confusion.most_common(CONFUSIONS):
        table.add_row(name_cell(gold), str(count), name_cell(predicted))
    return table


def stratum_table(name: str, rows: Mapping[str, Counts]) -> Table:
    """Return strict match by the strata of a dimension."""
    columns = ("P", "R", "F1", "tp", "fp", "fn")
    table = new_table(f"strict match by {name}", name, *columns)
    for stratum, counts in rows.items():
        table.add_row(stratum, *rate_cells(counts), *count_cells(counts))
    return table


def _documents(by_document: Mapping[str, Counts]) -> Iterator[Table]:
    """Yield a table of the documents with the most errors, if there are several documents."""
    wrong = {id: counts for id, counts in by_document.items() if counts.fp + counts.fn}
    if len(by_document) < 2 or not wrong:
        return
    table = new_table("documents with the most errors", "document", "tp", "fp", "fn")
    order = sorted(wrong, key=lambda one: (-wrong[one].fp - wrong[one].fn, one))
    for id in order[:WORST]:
        table.add_row(name_cell(id), *count_cells(wrong[id]))
    yield table


def calibration_table(calibration: Calibration) -> Table:
    """Return how far confidences can be trusted, by bins."""
    error = f"expected error {calibration.expected_error:.3f}, Brier {calibration.brier:.3f}"
    columns = ("predictions", "mean", "precision")
    table = new_table(f"confidence ({error})", "confidence", *columns)
    for one in calibration.bins:
        if one.predictions:
            bounds = f"{one.low:.1f}–{one.high:.1f}"
            numbers = (f"{one.confidence:.3f}", f"{one.precision:.3f}")
            table.add_row(bounds, str(one.predictions), *numbers)
    return table
