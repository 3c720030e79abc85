"""A run as a corpus: what it predicted, or its gold, in any format that is written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from nerharness.corpora.sources import read_corpus
from nerharness.errors import CorpusError, RunError, UsageError
from nerharness.findings import Finding
from nerharness.plugin.host import Host
from nerharness.runs.conversion import convert
from nerharness.runs.corpus import load_corpus, open_reader
from nerharness.runs.folder import RunFolder
from nerharness.runs.predictions import read_gold, read_predictions
from nerharness.runs.record import Record
from nerharness.runs.validation import validate
from nerharness.scoring.pair import Gap
from nerharness.types import Corpus, Entity, Label, LabelSet, Mention, Span

DESCRIPTION = {
    "spec": {"split": "test"},
    "labels": [{"name": "sign", "definition": "what is seen"}, {"name": "drug", "definition": ""}],
    "corpus": {"documents": 2},
}
RASH = Record(
    id="a",
    text="Rash, then fever. No drug.",
    tokens=tuple(Span(*pair) for pair in [(0, 4), (4, 5), (6, 10), (11, 16), (16, 17), (18, 26)]),
    sentences=(Span(0, 17), Span(18, 26)),
    gold=(Entity.at("sign", 0, 4),),
    entities=(Entity.at("sign", 11, 16), Entity("sign", (Span(0, 4), Span(6, 10)))),
    confidences=(0.5, None),
    ungrounded=(Mention("cough", "sign"),),
    gaps=(Gap(Span(18, 26), "unparsed"),),
)
NONE = Record("b", "Nothing.", (Span(0, 7), Span(7, 8)), (), (), (Span(0, 8),))


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """The folder of a run of which both documents are done."""
    folder = RunFolder.create(tmp_path / "run", DESCRIPTION)
    for record in (RASH, NONE):
        folder.append(record)
    folder.close()
    return folder


def read(host: Host, wanted: object) -> Corpus:
    reader, path = open_reader(host, str(wanted))
    return read_corpus(reader, path, None)


def test_the_predictions_are_what_a_run_is_read_as(host: Host, run: RunFolder) -> None:
    corpus = read(host, run.path)
    assert (corpus.name, corpus.labels.names) == ("run", ("sign", "drug"))
    assert corpus.labels.labels[0].definition == "what is seen"
    found = [(one.document, one.entities) for one in corpus.splits["test"]]
    assert found == [(record.pair().document, record.entities) for record in (RASH, NONE)]


def test_labels_that_are_given_go_before_those_of_the_run(host: Host, run: RunFolder) -> None:
    given = LabelSet((Label("drug"), Label("sign"), Label("more")))
    reader, path = open_reader(host, str(run.path))
    assert read_corpus(reader, path, given).labels == given


def test_gold_is_read_when_it_is_asked_for(host: Host, run: RunFolder) -> None:
    corpus = read(host, f"{run.path}:run-folder:entities=gold")
    assert [one.entities for one in corpus.splits["test"]] == [RASH.gold, ()]


def test_what_was_predicted_is_converted_and_what_cannot_be_is_counted(
    host: Host, run: RunFolder, tmp_path: Path
) -> None:
    done = convert(host, str(run.path), tmp_path / "out", "brat")
    assert (tmp_path / "out" / "a.ann").read_text().splitlines() == [
        "T1\tsign 11 16\tfever",
        "T2\tsign 0 4;6 10\tRash then",
    ]
    assert (tmp_path / "out" / "b.ann").read_text() == ""
    assert done.skipped == {
        "confidences": 2,
        "mentions that do not stand in the text": 1,
        "stretches without an answer": 1,
    }
    gold = convert(host, f"{run.path}:run-folder:entities=gold", tmp_path / "gold.jsonl", "jsonl")
    assert not gold.skipped
    back = read(host, tmp_path / "gold.jsonl")
    assert [one.entities for one in back.splits["gold"]] == [RASH.gold, ()]


@pytest.mark.parametrize(
    ("record", "fault", "kind"),
    [
        (replace(NONE, error="no memory"), "document 'b' failed", "failed documents"),
        (None, "documents of the run that are not done: 1", "documents not done"),
    ],
)
def test_what_is_not_finished_is_an_error_or_counted(
    host: Host, tmp_path: Path, record: Record | None, fault: str, kind: str
) -> None:
    folder = RunFolder.create(tmp_path / "run", DESCRIPTION)
    for one in (RASH, record) if record else (RASH,):
        folder.append(one)
    folder.close()
    with pytest.raises(CorpusError, match=fault) as caught:
        convert(host, str(folder.path), tmp_path / "out", "jsonl")
    assert "RUN:run-folder:unfinished=left-out" in caught.value.hint
    assert not (tmp_path / "out").exists()
    done = convert(host, f"{folder.path}:run-folder:unfinished=left-out", tmp_path / "out", "jsonl")
    assert (done.documents, done.skipped[kind]) == ({"test": 1}, 1)
    findings: list[Finding] = []
    assert validate(host, str(folder.path), findings.append).unrepaired == 0
    assert [(one.kind, one.repair) for one in findings] == [("syntax", "left out")]
    if record:
        gold = read(host, f"{folder.path}:run-folder:entities=gold")
        assert len(gold.splits["test"]) == 2, "gold does not fail"
    else:
        with pytest.raises(CorpusError, match=fault):
            read(host, f"{folder.path}:run-folder:entities=gold")


def test_the_last_record_of_a_document_counts(host: Host, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run", DESCRIPTION)
    for record in (replace(RASH, entities=(), error="no quota"), NONE, RASH):
        folder.append(record)
    folder.close()
    found = read(host, folder.path).splits["test"]
    assert [(one.document.id, one.entities) for one in found] == [("b", ()), ("a", RASH.entities)]


def test_a_run_is_gold_only_if_that_is_said(host: Host, run: RunFolder) -> None:
    for wanted in (
        str(run.path),
        f"{run.path}:run-folder",
        f"{run.path}:run-folder:unfinished=left-out",
    ):
        with pytest.raises(UsageError, match="a run has gold entities and predicted ones"):
            load_corpus(host, wanted, None)
    gold = read_gold(host, f"{run.path}:run-folder:entities=gold")
    scores = read_predictions(host, gold, str(run.path)).score(None)
    assert scores.to_json()["protocols"]["strict"]["micro"]["fp"] == 2


@pytest.mark.parametrize("gap", [" ", "  "])
def test_units_of_a_run_are_those_of_gold_only_if_the_text_is(
    host: Host, tmp_path: Path, gap: str
) -> None:
    units = (Span(0, 17), Span(18, 26))
    folder = RunFolder.create(tmp_path / "run", DESCRIPTION)
    folder.append(replace(RASH, units=units))
    folder.close()
    text = RASH.text.replace(" ", gap)
    (tmp_path / "gold.jsonl").write_text(json.dumps({"id": "a", "text": text, "entities": []}))
    gold = read_gold(host, str(tmp_path / "gold.jsonl"))
    (record,) = read_predictions(host, gold, str(folder.path)).records
    assert record.units == (units if gap == " " else ())


def test_what_describes_no_run_and_what_was_changed_is_an_error(host: Host, run: RunFolder) -> None:
    journal = run.path / "journal.jsonl"
    whole = journal.read_text(encoding="utf-8")
    journal.write_text(whole.replace("Rash", "rash"), encoding="utf-8")
    with pytest.raises(RunError, match=r"journal\.jsonl:1: a damaged line: its checksum"):
        read(host, run.path)
    line = json.dumps({"id": "a", "text": "b", "tokens": 1, "error": None})
    journal.write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(RunError, match=r"journal\.jsonl:1: a damaged line: TypeError"):
        read(host, run.path)
    (run.path / "run.json").write_text("{}", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"run\.json: does not describe a run: KeyError"):
        read(host, run.path)


def test_a_label_that_is_not_declared_is_a_fault(
    host: Host, run: RunFolder, tmp_path: Path
) -> None:
    labels = tmp_path / "labels.toml"
    labels.write_text('[[labels]]\nname = "drug"\n')
    with pytest.raises(CorpusError, match="label 'sign' is not in the label set"):
        convert(host, str(run.path), tmp_path / "out", "jsonl", labels=labels)
