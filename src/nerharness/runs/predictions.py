"""Predictions from anywhere, beside gold: those of a corpus, a run, or a model's transcript."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from nerharness.corpora.labels import read_labels
from nerharness.corpora.sources import without_documents
from nerharness.errors import CorpusError, UsageError
from nerharness.findings import Findings
from nerharness.flatten import LONGEST, Policy
from nerharness.journal import DESCRIPTION
from nerharness.plugin.host import Host
from nerharness.runs.corpus import choose_split, load_corpus, open_gold, resegmented, select
from nerharness.runs.familiarity import Familiarity
from nerharness.runs.file_tags import file_rows
from nerharness.runs.folder import RunFolder
from nerharness.runs.projection import first_difference, project
from nerharness.runs.record import Record
from nerharness.runs.scores import Scores
from nerharness.scoring.comparison import Run
from nerharness.scoring.intervals import Resampling
from nerharness.scoring.pair import Pair, TagRows
from nerharness.scoring.tokens import tag_rows
from nerharness.segmenters import find_segmenter
from nerharness.tags import blank
from nerharness.transcripts import (
    Align,
    TaggedTranscript,
    by_document,
    entities_of,
    gold_sentences,
    looks_like_transcript,
    read_transcript,
    tag_sentences,
)
from nerharness.types import Example, LabelSet


@dataclass(frozen=True, slots=True)
class Gold:
    """The documents to score against, their label set, and the train split if there is one."""

    examples: tuple[Example, ...]
    labels: LabelSet
    split: str
    train: tuple[Example, ...] = ()
    policy: Policy = LONGEST


@dataclass(frozen=True, slots=True)
class Predictions:
    """Gold documents with what was predicted for them; `notes` counts what a reader must know."""

    records: tuple[Record, ...]
    labels: tuple[str, ...]
    notes: Mapping[str, int] = field(default_factory=dict)
    rows: tuple[TagRows, ...] | None = None
    """The tags of each document, where predictions came as tags."""
    policy: Policy = LONGEST
    """Which of entities that overlap is tagged."""
    had_lines: bool = False
    """Whether they are those of a transcript."""

    def score(self, resampling: Resampling | None) -> Scores:
        """Score them as a run is scored."""
        return Scores.about(self.records, self.pairs(), self.labels, resampling)

    def pairs(self) -> list[Pair]:
        """Return what is scored of each record."""
        pairs = [record.pair(self.policy) for record in self.records]
        if self.rows is None:
            return pairs
        return [replace(p, tags=rows) for p, rows in zip(pairs, self.rows, strict=True)]

    def run(self, name: str) -> Run:
        """Return them as a run, to be compared under that name."""
        pairs = {record.id: pair for record, pair in zip(self.records, self.pairs(), strict=True)}
        return Run(name, pairs, self.labels, self.notes)


def read_gold(
    host: Host,
    wanted: str,
    split: str | None = None,
    labels: Path | None = None,
    tokens: str | None = None,
    policy: str | None = None,
) -> Gold:
    """Read the gold corpus, `NAME` or `PATH[:READER[:OPTION=VALUE]]`, and choose a split of it."""
    corpus = load_corpus(host, wanted, read_labels(labels) if labels else None, "GOLD")
    corpus = resegmented(corpus, find_segmenter(tokens)) if tokens else corpus
    chosen = select(corpus, choose_split(corpus, split), None)
    train = corpus.splits.get("train", ()) if chosen.split != "train" else ()
    rule = Policy.parse(policy) if policy else LONGEST
    return Gold(chosen.examples, corpus.labels, chosen.split, train, rule)


def read_predictions(
    host: Host, gold: Gold, wanted: str, *, align: Align | None = None, common: bool = False
) -> Predictions:
    """Read predictions about the gold documents: a run folder, a transcript, or a corpus.

    A run's or corpus's documents are paired with gold by their ids, or if no id is shared, in their
    order. Documents of gold that they lack count as predicted empty, and are noted; with `common`
    those that only one side has are left out. The lines of a transcript are paired as `align` says,
    by default `sequence`. Raises `UsageError` for a document that gold does not have, and
    `CorpusError` for one whose text differs in more than white space.
    """
    path = Path(wanted).expanduser()
    if path.is_dir() and (path / DESCRIPTION).is_file():
        run = RunFolder.open(path)
        run.description()  # refuses one that is damaged, or of another schema
        return _asked_for(gold, _beside(gold, run.finished(), wanted, common))
    if path.is_file() and looks_like_transcript(path):
        return _from_transcript(gold, path, align or "sequence")
    findings = Findings(any_label=True)
    examples = _same_split(host, wanted, gold.split, findings)
    found = [Record.of(example, example.entities) for example in examples]
    predictions = _beside(gold, found, wanted, common, examples)
    not_read = {f"{what}, not read": count for what, count in findings.skipped.items()}
    return _asked_for(gold, replace(predictions, notes={**predictions.notes, **not_read}))


def check_align(align: Align | None, had_lines: bool) -> None:
    """Raise `UsageError` if an alignment is asked for, but no predictions came as lines."""
    if align is not None and not had_lines:
        raise UsageError(
            "says how the lines of a transcript are paired, but none is given", where="--align"
        )


def _same_split(host: Host, wanted: str, split: str, findings: Findings) -> tuple[Example, ...]:
    """Read the split of that name, else the one that `choose_split` does, and no other.

    Which labels there are, and which are left out, is for gold to say, and counted there.
    """
    reader, path = open_gold(host, wanted, "PRED")
    source = reader.open(path, None, findings)
    chosen = choose_split(source, split if split in source.splits else None)
    examples = tuple(source.splits[chosen])
    if not examples:
        raise without_documents(wanted)
    return examples


def _asked_for(gold: Gold, found: Predictions) -> Predictions:
    """Return them without the entities whose labels gold leaves out, as its own are left out."""
    records = [record.without(gold.labels.left_out) for record in found.records]
    names = {entity.label for record in records for entity in record.entities}
    notes = Counter(found.notes)
    dropped = _entities(found.records) - _entities(records)
    notes["predicted entities of labels that are left out"] = dropped
    notes["predicted labels that gold does not have"] = len(names - set(gold.labels.names))
    if gold.train:
        records = list(Familiarity.of(gold.train).note(records))
    rows = found.rows and tuple(_blanked(one, gold.labels.left_out) for one in found.rows)
    return replace(found, records=tuple(records), notes=+notes, rows=rows)


def _blanked(rows: TagRows, labels: Container[str]) -> TagRows:
    return rows._replace(predicted=[blank(tags, labels) for tags in rows.predicted])


def _entities(records: Iterable[Record]) -> int:
    return sum(len(record.entities) for record in records)


def _beside(
    gold: Gold,
    found: Sequence[Record],
    where: str,
    common: bool,
    examples: Iterable[Example] = (),
) -> Predictions:
    """Return what was found about gold's documents; `examples` are what it was read from, if so."""
    sides, notes = _paired(gold, found, where, common)
    records = tuple(
        _about(example, record, where) if record else Record.of(example, ())
        for example, record in sides
    )
    read = {example.document.id: example for example in examples}
    both = [(example, read.get(record.id) if record else None) for example, record in sides]
    rows = file_rows(both) if read else None
    return Predictions(records, gold.labels.names, notes, rows, gold.policy)


def _paired(
    gold: Gold, found: Sequence[Record], where: str, common: bool
) -> tuple[list[tuple[Example, Record | None]], Mapping[str, int]]:
    """Return the documents of gold, each with its record if there is one, and what is to note."""
    given = {record.id: record for record in found}
    known = {example.document.id for example in gold.examples}
    if not known & given.keys():
        given = _by_order(gold, found, where)
    notes: Counter[str] = Counter()
    strange = [id for id in given if id not in known]
    if strange and not common:
        raise UsageError(
            f"document {strange[0]!r} is not in gold ({len(strange):,} such documents)",
            where=where,
            hint="choose another --split, or leave such documents out with --common",
        )
    notes["documents of the predictions left out"] = len(strange)
    lacking = [example for example in gold.examples if example.document.id not in given]
    said = "documents of gold left out" if common else "documents without predictions, all missed"
    notes[said] = len(lacking)
    sides = [(example, given.get(example.document.id)) for example in gold.examples]
    return [side for side in sides if side[1] or not common], +notes


def _by_order(gold: Gold, found: Sequence[Record], where: str) -> dict[str, Record]:
    if len(found) != len(gold.examples):
        raise UsageError(
            f"no document has an id of gold, and {len(found):,} documents cannot be paired with "
            f"{len(gold.examples):,} in their order",
            where=where,
        )
    return {
        example.document.id: record for example, record in zip(gold.examples, found, strict=True)
    }


def _about(example: Example, record: Record, where: str) -> Record:
    """Return the record of a gold document with the predictions of another about the same text."""
    document = example.document
    entities = project(record.entities, record.text, document.text)
    if entities is None:
        place = first_difference(document.text, record.text)
        near = document.text[max(0, place - 20) : place + 20]
        by_order = "no id of gold is there, so that documents were paired in their order"
        raise CorpusError(
            f"document {document.id!r} has another text than gold's from character {place} on "
            f"(gold: {near!r})",
            where=where,
            hint="" if record.id == document.id else by_order,
        )
    same = record.text == document.text
    return replace(
        record,
        id=document.id,
        text=document.text,
        tokens=document.tokens,
        sentences=document.sentences,
        units=record.units if same else (),
        gold=example.entities,
        entities=entities,
        gaps=record.gaps if same else (),
        frequencies=None,
    )


def _from_transcript(gold: Gold, path: Path, align: Align) -> Predictions:
    documents = [example.document for example in gold.examples]
    blocks = read_transcript(path)
    sentences = gold_sentences(documents)
    tagged = tag_sentences(blocks, sentences, align, labels=gold.labels.whole, where=path)
    records = tuple(
        Record.of(example, entities_of(tags, example.document))
        for example, tags in zip(gold.examples, by_document(tagged.tags, documents), strict=True)
    )
    rows = tuple(_block_rows(records, tagged, gold.policy))
    problems = {kind.replace("_", " "): count for kind, count in tagged.problems.items()}
    notes = {"lines": tagged.lines, **problems}
    return _asked_for(gold, Predictions(records, gold.labels.names, notes, rows, had_lines=True))


def _block_rows(
    records: Iterable[Record], tagged: TaggedTranscript, policy: Policy
) -> Iterator[TagRows]:
    """Yield each document's tags; a block of several sentences is that of the first one."""
    golden = [tag_rows(record.pair(policy)).gold for record in records]
    gold = tagged.by_block([row for rows in golden for row in rows])
    predicted = tagged.by_block(tagged.tags)
    sentence = block = 0
    for rows in golden:
        begun = sum(place not in tagged.joined for place in range(sentence, sentence + len(rows)))
        yield TagRows(gold[block : block + begun], predicted[block : block + begun])
        sentence, block = sentence + len(rows), block + begun
