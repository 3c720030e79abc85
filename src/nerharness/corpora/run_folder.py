"""The `run-folder` reader: a run's documents, with what it predicted or was to find."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from nerharness.corpora.files import is_run, need_path
from nerharness.corpora.labels import check_label
from nerharness.corpora.sources import source_of
from nerharness.errors import CorpusError
from nerharness.findings import Findings, Place
from nerharness.journal import DESCRIPTION, JOURNAL, damaged, read_journal
from nerharness.segment import split_sentences
from nerharness.types import Document, Entity, Example, Label, LabelSet, Source, Span

_PASSED_OVER = {
    "confidences": "confidences",
    "ungrounded": "mentions that do not stand in the text",
    "gaps": "stretches without an answer",
}
"""What a record has of predictions that no example can hold, and what it is called."""


class _Run(NamedTuple):
    """What `run.json` says of a run."""

    folder: Path
    split: str
    labels: LabelSet
    documents: int


class RunFolderReader:
    """Reads the folder of a run, in the order of its journal, as the split that was labelled.

    `entities` are the "predicted" or the "gold" ones. Documents that are not done, or failed (which
    does not matter to gold), are a fault, or with "left-out" as `unfinished`, counted.
    """

    def __init__(self, *, entities: str, unfinished: str) -> None:
        self._key = "entities" if entities == "predicted" else "gold"
        self._leave_out = unfinished == "left-out"

    def detect(self, path: Path, /) -> bool:
        """Tell by the files of a run."""
        return is_run(path)

    def open(self, path: Path | None, labels: LabelSet | None, findings: Findings, /) -> Source:
        """Open the run; its label set is the run's own, unless `labels` are given."""
        run = _described(need_path(path, "run-folder"))
        start = partial(self._examples, run, labels, findings)
        return source_of(run.folder, labels or run.labels, {run.split: start})

    def _examples(
        self, run: _Run, declared: LabelSet | None, findings: Findings
    ) -> Iterator[Example]:
        journal = run.folder / JOURNAL
        last = {line.value.get("id"): line.where for line in read_journal(journal)}
        for number, (where, record) in enumerate(read_journal(journal), start=1):
            if last[record.get("id")] != where:
                continue  # it failed, and was asked again
            findings.place = Place(journal, number)
            try:
                if self._is_whole(record, findings):
                    yield self._example(record, declared, findings)
            except (KeyError, TypeError, ValueError) as error:
                raise damaged(repr(error), where) from None
        if (missing := run.documents - len(last)) > 0:
            what = f"documents of the run that are not done: {missing:,}"
            self._fault(findings, Place(journal), what, "documents not done", missing)

    def _is_whole(self, record: Mapping[str, Any], findings: Findings) -> bool:
        if self._key == "gold" or record["error"] is None:
            return True
        assert findings.place is not None
        what = f"document {record['id']!r} failed, and is not labelled as a whole"
        self._fault(findings, findings.place, what, "failed documents", 1)
        return False

    def _fault(
        self, findings: Findings, place: Place, what: str, kind: str, documents: int
    ) -> None:
        if self._leave_out:
            findings.skipped[kind] += documents
            return
        hint = "go on with it by eval --resume RUN --retry-failed, or leave out what is not "
        hint += "finished, as in RUN:run-folder:unfinished=left-out"
        findings.fault("syntax", place, what, hint, "left out")

    def _example(
        self, record: Mapping[str, Any], declared: LabelSet | None, findings: Findings
    ) -> Example:
        text, sentences = record["text"], record.get("sentences")
        document = Document(
            record["id"],
            text,
            _spans(record["tokens"]),
            split_sentences(text) if sentences is None else _spans(sentences),
        )
        entities = tuple(Entity(label, _spans(parts)) for label, parts in record[self._key])
        assert findings.place is not None
        for entity in entities:
            check_label(entity.label, declared, findings.place, findings)
        if self._key == "entities":
            findings.skipped += Counter(
                {called: len(record.get(key, ())) for key, called in _PASSED_OVER.items()}
            )
        return Example(document, entities)


def _described(folder: Path) -> _Run:
    file = folder / DESCRIPTION
    try:
        value = json.loads(file.read_bytes())
        labels = tuple(Label(one["name"], one["definition"]) for one in value["labels"])
        split, documents = str(value["spec"]["split"]), int(value["corpus"]["documents"])
        return _Run(folder, split, LabelSet(labels), documents)
    except (OSError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise CorpusError.at(file, None, f"does not describe a run: {error!r}") from None


def _spans(pairs: Any) -> tuple[Span, ...]:
    return tuple(Span(start, end) for start, end in pairs)
