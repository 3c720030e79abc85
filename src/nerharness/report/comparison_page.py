"""Runs over the same documents as one page of HTML that opens without a network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from nerharness.escapes import one_line
from nerharness.pages import html_table, shown
from nerharness.report.agreement import note_lines
from nerharness.report.comparison import difference_tables, runs_table, short_names
from nerharness.report.documents_section import change_articles, documents_section
from nerharness.report.estimates import label_picture
from nerharness.report.label_codes import LabelCodes
from nerharness.report.markup import html_of
from nerharness.report.page import FIGURES, Content, causes, labels_of, links, notices, page
from nerharness.report.run_facts import run_facts
from nerharness.scoring.comparison import Comparison


def comparison_page(
    comparison: Comparison, descriptions: Sequence[Mapping[str, Any]], content: Content
) -> str:
    """Return the page of runs over the same documents; `descriptions` are their `run.json`."""
    comparison = comparison if content.text else _without_paths(comparison)
    protocol, short = content.protocol, short_names(comparison.names)
    named = dict(zip(short.values(), comparison.agreements, strict=True))
    with_documents = content.text and content.documents and comparison.changed
    names = ["scores", "errors", *(["documents"] if with_documents else [])]
    blocks = [
        *notices(content, _notes(comparison), comparison.warnings),
        links(names),
        _made_with(list(named), descriptions, places=content.text),
        f'<h2 id="scores">Scores</h2>\n{FIGURES}',
        html_of(runs_table(comparison, protocol)),
        label_picture(named, protocol),
        *map(html_of, difference_tables(comparison, protocol)),
    ]
    drawn = comparison.resampling
    blocks.append(
        f'<p class="note">{comparison.documents:,} documents; {drawn.draws:,} draws, '
        f"seed {drawn.seed}.</p>"
    )
    blocks.append('<h2 id="errors">Errors</h2>')
    for name, agreement in named.items():
        blocks += [f"<h3>{shown(one_line(name))}</h3>", *causes(agreement)]
    lanes = 0
    if with_documents:
        codes = LabelCodes.of(one for run in comparison.agreements for one in labels_of(run))
        chosen = comparison.changed[: content.documents]
        section, lanes = documents_section(
            change_articles(chosen, comparison.runs, list(named), codes),
            len(comparison.changed),
            codes,
            [one.errors for one in comparison.agreements],
            f" about which runs differ (of {comparison.documents:,} documents), "
            "those that changed most first",
        )
        blocks += section
    return page(_listed([*map(one_line, named)]), blocks, lanes, content)


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}"


def _without_paths(comparison: Comparison) -> Comparison:
    """Return the comparison with runs called by numbers where only paths tell them apart."""
    short = short_names(comparison.names)
    if not any(PurePath(name).parent.parts for name in short.values()):
        return comparison
    called = {name: f"run {number}" for number, name in enumerate(comparison.names, start=1)}
    contrasts = [
        one._replace(first=called[one.first], second=called[one.second])
        for one in comparison.contrasts
    ]
    return replace(comparison, names=tuple(called.values()), contrasts=tuple(contrasts))


def _made_with(
    names: Sequence[str], descriptions: Sequence[Mapping[str, Any]], *, places: bool
) -> str:
    """Return what each run was made with, a column for each."""
    columns = [dict(run_facts(one, places=places)) for one in descriptions]
    rows = dict.fromkeys(fact for column in columns for fact in column)
    cells = ([fact, *(column.get(fact, "–") for column in columns)] for fact in rows)
    return f'<div class="wide facts">{html_table(["", *names], cells)}</div>'


def _notes(comparison: Comparison) -> Iterator[str]:
    names = short_names(comparison.names).values()
    for name, notes in zip(names, comparison.notes, strict=True):
        yield from (f"{name}: {line.plain}" for line in note_lines(notes))
    yield from (f"left out: {count:,} {what}" for what, count in comparison.left_out.items())
