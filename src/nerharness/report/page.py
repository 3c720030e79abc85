"""What pages of runs have in common: their style, notices, and the causes of errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files

from nerharness.escapes import one_line
from nerharness.pages import html_page, shown
from nerharness.report.agreement import error_table, warning_lines
from nerharness.report.markup import heat_table, html_of
from nerharness.scoring.agreement import Agreement

_PITCH = 5
"""Pixels from one lane of lines to the next."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a page is to have; without `text` no text, mention, id or path, but figures only."""

    protocol: str = "strict"
    """That of tables by label."""
    documents: int = 200
    """The most that are shown."""
    text: bool = True
    transcripts: bool = False
    protected: bool = False
    """Whether the texts are."""


def page(name: str, blocks: Sequence[str], lanes: int, content: Content) -> str:
    """Return the page of these blocks, whose texts need so many lanes for lines."""
    data = files("nerharness") / "data" / "page"
    style = (data / "report.css").read_text(encoding="utf-8") + _lane_style(lanes)
    script = (data / "report.js").read_text(encoding="utf-8")
    title = f"{'Report' if content.text else 'Figures'}: {name}"
    return html_page(title, blocks, style=style, script=script)


def _lane_style(lanes: int) -> str:
    """Return the style of lines in lanes, and of texts that have room for so many."""
    lines = "".join(
        f".g.l{lane}{{padding-top:{1 + _PITCH * lane}px}}"
        f".p.l{lane}{{padding-bottom:{1 + _PITCH * lane}px}}\n"
        for lane in range(lanes)
    )
    rooms = "".join(
        f".h{number}{{line-height:calc(1.6em + {2 * _PITCH * number}px)}}\n"
        for number in range(lanes + 1)
    )
    return lines + rooms


def notices(content: Content, notes: Iterable[str], warnings: Iterable[str]) -> Iterator[str]:
    """Yield what a reader must know before anything else."""
    if content.text:
        kept = "protected" if content.protected else "note"
        texts = "protected texts" if content.protected else "texts of documents"
        what = f"holds {texts}" if content.documents else f"may hold ids and errors of {texts}"
        yield f'<p class="{kept}">This page {what}: treat it as the notes themselves.</p>'
    else:
        yield '<p class="note">Figures only: no text, mention or id of any document.</p>'
    yield from (f'<p class="warning">{shown(one_line(note))}</p>' for note in notes)
    for line in warning_lines(warnings):
        yield f'<p class="warning">{shown(one_line(line.plain))}</p>'


def links(names: Iterable[str]) -> str:
    """Return the way to sections of the page."""
    inside = "\n".join(f'<a href="#{name}">{name}</a>' for name in names)
    return f"<nav>{inside}</nav>"


FIGURES = (
    '<p class="note">P, precision: the share of predicted entities that are right. R, recall: the '
    "share of gold entities that were found. F1: the harmonic mean of the two. Strict match counts "
    "an entity as right if label and boundaries are those of gold. tp: right; fp: predicted, but "
    "not so in gold; fn: in gold, but not so predicted.</p>"
)
"""What the names of figures mean."""


def causes(agreement: Agreement) -> Iterator[str]:
    """Yield the causes of errors, and which labels were taken for which."""
    errors = agreement.errors
    if not (errors.fp or errors.fn):
        yield "<p>None by strict match.</p>"
        return
    yield html_of(error_table(errors))
    if errors.confusion:
        yield heat_table(errors.confusion, labels_of(agreement))


def labels_of(agreement: Agreement) -> tuple[str, ...]:
    """Return all labels that have a row."""
    return agreement.protocols["strict"].names
