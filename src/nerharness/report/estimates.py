"""F1 of labels and averages with their intervals, as a picture."""

from __future__ import annotations

from collections.abc import Mapping

from nerharness.escapes import one_line
from nerharness.metrics import Average, Counts
from nerharness.plots import Estimate, estimates_svg
from nerharness.scoring.agreement import Agreement
from nerharness.scoring.figures import Averaging, Row


def label_picture(agreements: Mapping[str, Agreement], protocol: str) -> str:
    """Return the picture as HTML: a row for each label and average, a colour for each run."""
    names = [one_line(name) for name in agreements]
    rows: dict[Row, list[Estimate | None]] = {}
    for place, agreement in enumerate(agreements.values()):
        known = agreement.intervals.get(protocol, {})
        for row, figures in _figures(agreement, protocol).items():
            interval = known.get((row, "f1"))
            found = rows.setdefault(row, [None] * len(names))
            found[place] = Estimate(figures.f1, interval and interval.percentile)
    described = [(_named(row), found) for row, found in rows.items()]
    title = f"F1 by {protocol} match"
    picture = estimates_svg(described, names, title)
    return f'<figure><figcaption>{title}</figcaption><div class="wide">{picture}</div></figure>'


def _figures(agreement: Agreement, protocol: str) -> dict[Row, Counts | Average]:
    """Return what has figures: labels that occur, then averages."""
    scores = agreement.protocols[protocol]
    rows: dict[Row, Counts | Average] = {
        name: one for name, one in scores.labels.items() if one.support or one.fp
    }
    rows.update({Averaging.MICRO: scores.micro, Averaging.MACRO: scores.macro})
    return rows


def _named(row: Row) -> str:
    return row.value if isinstance(row, Averaging) else one_line(row)
