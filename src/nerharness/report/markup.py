"""Tables of a terminal as HTML, so that page and terminal say the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from nerharness.escapes import one_line
from nerharness.pages import shown

_HEAT = 6
"""How many shades a heat table has."""


def html_of(table: Table) -> str:
    """Return a table with its title and caption; columns to the right hold numbers."""
    columns = [[_plain(cell) for cell in column.cells] for column in table.columns]
    classes = [' class="n"' if one.justify == "right" else "" for one in table.columns]
    heads = zip(classes, (_plain(one.header) for one in table.columns), strict=True)
    head = "".join(f"<th{sort}>{shown(name)}</th>" for sort, name in heads)
    rows = "\n".join(_rows(table, classes, list(zip(*columns, strict=True))))
    note = f'<p class="note">{shown(_plain(table.caption))}</p>' if table.caption else ""
    return (
        f"<figure><figcaption>{shown(_plain(table.title or ''))}</figcaption>"
        f'<div class="wide"><table><thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table>'
        f"</div>{note}</figure>"
    )


def _rows(table: Table, classes: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for row, cells in zip(table.rows, rows, strict=True):
        inside = "".join(
            f"<td{sort}>{shown(cell)}</td>" for sort, cell in zip(classes, cells, strict=True)
        )
        strong = ' class="strong"' if "bold" in str(row.style or "") else ""
        yield f"<tr{strong}>{inside}</tr>"


def heat_table(confusion: Counter[tuple[str, str]], labels: Sequence[str]) -> str:
    """Return how often each gold label was taken for each other one, shaded by the number.

    Labels that were never mixed up are left out.
    """
    mixed = {label for pair in confusion for label in pair}
    names = [*(one for one in labels if one in mixed), *sorted(mixed - set(labels))]
    most = max(confusion.values(), default=1)
    head = "".join(f'<th class="n">{shown(one_line(name))}</th>' for name in names)
    rows = "\n".join(
        f"<tr><th>{shown(one_line(gold))}</th>"
        + "".join(_heated(confusion[gold, other], most) for other in names)
        + "</tr>"
        for gold in names
    )
    return (
        "<figure><figcaption>labels taken for others: gold down, predicted across</figcaption>"
        f'<div class="wide"><table class="heat"><thead><tr><th></th>{head}</tr></thead>\n'
        f"<tbody>{rows}</tbody></table></div></figure>"
    )


def _heated(count: int, most: int) -> str:
    if not count:
        return '<td class="n">·</td>'
    return f'<td class="n q{1 + (_HEAT - 1) * count // most}">{count:,}</td>'


def _plain(text: RenderableType | None) -> str:
    return text.plain if isinstance(text, Text) else str(text)
