"""The part of a page that shows documents, and the filter above them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from nerharness.escapes import one_line
from nerharness.metrics import Counts
from nerharness.pages import shown
from nerharness.report.agreement import count_cells
from nerharness.report.document_view import document_view, transcript_view
from nerharness.report.label_codes import LabelCodes
from nerharness.runs.record import Record
from nerharness.scoring.comparison import Change, Run
from nerharness.scoring.errors import MEANING, Errors

Article = tuple[str, int]
"""The HTML of a document, and how many lanes of lines its text needs on either side."""


def documents_section(
    articles: Iterable[Article], total: int, codes: LabelCodes, errors: Sequence[Errors], what: str
) -> tuple[list[str], int]:
    """Return the section's blocks, and the most lanes that a text in it needs.

    `total` is how many documents there are, `what` says which of them these are, and in what order.
    """
    made = list(articles)
    blocks = [
        f'<h2 id="documents">Documents</h2>\n<p>{shown(_extent(len(made), total, what))}</p>',
        "<p>Gold entities have a line <strong>above</strong> the text, predicted ones "
        "<strong>below</strong> it; their labels stand behind them in that order. The parts of "
        "a discontinuous entity are joined by dots. What is part of an error has a red ground, and "
        f'a number that leads to it.</p>\n<div class="legend">{codes.legend()}</div>',
    ]
    if len(made) > 1:
        blocks.append(_filter(codes, errors))
    return [*blocks, *(html for html, _ in made)], max((lanes for _, lanes in made), default=0)


def record_articles(
    records: Iterable[Record], codes: LabelCodes, counts: dict[str, Counts]
) -> Iterator[Article]:
    """Yield each document of a run, with its prompts and answers as far as the record has them."""
    for number, record in enumerate(records, start=1):
        view = document_view(record.pair(), codes, f"{number}-", record.error)
        head = f"{_head(number, record.id)} <small>{_counted(counts[record.id])}</small></h3>"
        parts = [head, view.html, transcript_view(record.transcript)]
        yield _article(number, parts), view.lanes


def change_articles(
    changes: Iterable[Change], runs: Sequence[Run], names: Sequence[str], codes: LabelCodes
) -> Iterator[Article]:
    """Yield each document about which runs differ, with the predictions of each run."""
    for number, change in enumerate(changes, start=1):
        parts, lanes = [f"{_head(number, change.document)}</h3>"], 0
        for place, (run, name, counts) in enumerate(zip(runs, names, change.counts, strict=True)):
            pair = run.documents[change.document]
            view = document_view(pair, codes, f"{number}-{place}-")
            lanes = max(lanes, view.lanes)
            title = f"<h4>{shown(one_line(name))} <small>{_counted(counts)}</small></h4>"
            parts.append(f"<section>{title}\n{view.html}</section>")
        yield _article(number, parts), lanes


def _head(number: int, id: str) -> str:
    return f'<h3><a href="#d{number}"><bdi>{shown(one_line(id))}</bdi></a>'


def _article(number: int, parts: Iterable[str]) -> str:
    inside = "\n".join(filter(None, parts))
    return f'<article id="d{number}">{inside}</article>'


def _counted(counts: Counts) -> str:
    tp, fp, fn = count_cells(counts)
    return f"tp {tp}, fp {fp}, fn {fn}"


def _extent(shown_: int, total: int, what: str) -> str:
    if shown_ == total:
        return f"All {total:,}{what}."
    return f"{shown_:,} of {total:,}{what}; the others are not on this page (--documents)."


def _filter(codes: LabelCodes, errors: Sequence[Errors]) -> str:
    """Return the filter, which is hidden until a script makes it work."""
    found = {cause for one in errors for side in (one.fp, one.fn) for cause in side}
    causes = "".join(f'<option value="{one}">{one}</option>' for one in MEANING if one in found)
    labels = "".join(
        f'<option value="{number}">{shown(one_line(label))}</option>'
        for label, number in codes.numbers.items()
    )
    every = '<option value="">any</option>'
    return (
        '<form class="filter" hidden>'
        f'<label>error <select name="cause">{every}{causes}</select></label>'
        f'<label>label in error <select name="label">{every}{labels}</select></label>'
        '<label>text <input type="search" name="words"></label>'
        "<output></output></form>"
    )
