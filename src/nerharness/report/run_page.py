"""A run as one page of HTML that opens without a network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from nerharness.escapes import one_line
from nerharness.pages import shown
from nerharness.report.agreement import (
    calibration_table,
    label_table,
    note_lines,
    oracle_table,
    protocol_table,
    stratum_table,
)
from nerharness.report.documents_section import documents_section, record_articles
from nerharness.report.estimates import label_picture
from nerharness.report.label_codes import LabelCodes
from nerharness.report.markup import html_of
from nerharness.report.page import FIGURES, Content, causes, labels_of, links, notices, page
from nerharness.report.run_facts import run_facts
from nerharness.report.tables import accounts, retrieval_table
from nerharness.runs.folder import RunFolder
from nerharness.runs.record import Record
from nerharness.runs.scores import Scores
from nerharness.scoring.agreement import Agreement
from nerharness.scoring.intervals import Resampling


def run_page(folder: RunFolder, content: Content, resampling: Resampling | None) -> str:
    """Return the page of a run, computed from its journal; errors as of `RunFolder.finished`."""
    records = folder.finished(transcripts=False)
    scores = Scores.of(records, folder.labels(), resampling)
    agreement = scores.agreement
    notes = [line.plain for line in note_lines(folder.notes(len(records)))]
    with_documents = content.text and content.documents
    names = ["scores", "errors", *(["documents"] if with_documents else [])]
    blocks = [
        *notices(content, [*_lacks(records, content), *notes], agreement.warnings),
        _list([*run_facts(folder.description(), places=content.text), *accounts(scores)]),
        links(names),
        *_scores(agreement, content),
        *_errors(agreement),
        *([html_of(retrieval_table(scores.retrieval))] if scores.retrieval.units else []),
    ]
    lanes = 0
    if with_documents:
        codes = LabelCodes.of(labels_of(agreement))
        wanted = _worst(records, agreement, content.documents)
        if content.transcripts:
            wanted = _with_transcripts(wanted, folder)
        articles = record_articles(wanted, codes, dict(agreement.by_document))
        section, lanes = documents_section(
            articles, len(records), codes, [agreement.errors], ", those with the most errors first"
        )
        blocks += section
    return page(one_line(folder.path.resolve().name), blocks, lanes, content)


def _lacks(records: Sequence[Record], content: Content) -> Iterator[str]:
    """Yield what failed, and that there is no gold."""
    failed = [record for record in records if record.error is not None]
    if failed:
        line = f"{len(failed):,} of {len(records):,} documents failed"
        first = f"; the first, {failed[0].id!r}: {failed[0].error}" if content.text else ""
        yield line + first
    if not any(record.gold for record in records):
        yield "no document has gold entities: each predicted one counts as an error"


def _list(facts: Iterable[tuple[str, str]]) -> str:
    rows = (f"<dt>{shown(name)}</dt><dd>{shown(one_line(text))}</dd>" for name, text in facts)
    return f"<dl>{''.join(rows)}</dl>"


def _scores(agreement: Agreement, content: Content) -> Iterator[str]:
    yield f'<h2 id="scores">Scores</h2>\n{FIGURES}'
    yield html_of(protocol_table(agreement))
    yield html_of(label_table(agreement, content.protocol))
    yield label_picture({"F1": agreement}, content.protocol)
    if agreement.calibration:
        yield html_of(calibration_table(agreement.calibration))
    if agreement.resampling:
        drawn = agreement.resampling
        yield (
            f'<p class="note">Intervals hold {100 * drawn.level:g} % of {drawn.draws:,} draws of '
            f"documents (seed {drawn.seed}).</p>"
        )


def _errors(agreement: Agreement) -> Iterator[str]:
    yield '<h2 id="errors">Errors</h2>'
    yield from causes(agreement)
    if agreement.errors.fp or agreement.errors.fn:
        yield html_of(oracle_table(agreement))
    yield from (html_of(stratum_table(name, rows)) for name, rows in agreement.strata.items())


def _worst(records: Sequence[Record], agreement: Agreement, number: int) -> list[Record]:
    """Return the documents with the most errors, those that failed before others with as many."""
    counts = agreement.by_document

    def rank(record: Record) -> tuple[float, bool, str]:
        """Return what the worst has least of."""
        found = counts[record.id]
        return -found.fp - found.fn, record.error is None, record.id

    return sorted(records, key=rank)[:number]


def _with_transcripts(records: Sequence[Record], folder: RunFolder) -> list[Record]:
    """Return the records with their prompts and answers; no others are held at any time."""
    ids = {record.id for record in records}
    found = {one.id: one.transcript for one in folder.attempts() if one.id in ids}
    return [replace(record, transcript=found[record.id]) for record in records]
