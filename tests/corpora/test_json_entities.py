"""JSON lines whose annotation is not in `entities`: aligned mentions, doccano's, Prodigy's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nerharness.align import Aligner
from nerharness.corpora.exports import DoccanoWriter, ProdigyWriter
from nerharness.corpora.json_entities import Field
from nerharness.corpora.jsonl import JsonlReader
from nerharness.corpora.sources import read_corpus
from nerharness.errors import CorpusError
from nerharness.findings import Findings
from nerharness.mention_lines import align_lines
from nerharness.segment import segment, split_sentences
from nerharness.types import Document, Entity, Example, Source, Span

TEXT = "No Fever, but a cough. Skin and nail lesions."
MENTIONS = [
    {"text": "fever", "label": "sign"},
    {"text": "nail lesion", "label": "sign"},
    {"text": "skin lesions", "label": "sign"},
    {"text": "hypertension", "label": "disease"},
]


def read(tmp_path: Path, *records: dict[str, Any], field: Field = "auto") -> tuple[Example, ...]:
    file = tmp_path / "notes.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    (examples,) = read_corpus(JsonlReader(field), file, None).splits.values()
    return examples


def fault(tmp_path: Path, record: dict[str, Any], first: dict[str, Any] | None = None) -> str:
    with pytest.raises(CorpusError) as caught:
        read(tmp_path, first or {"text": TEXT}, record)
    assert caught.value.where.endswith("notes.jsonl:2")
    return caught.value.what


def test_what_align_writes_is_read_with_its_places(tmp_path: Path) -> None:
    given = json.dumps({"id": "d", "text": TEXT, "mentions": MENTIONS}).encode()
    ((line,),) = align_lines([given], Path("given.jsonl"), Aligner(discontinuous=True))
    with pytest.warns(UserWarning, match=r"notes.jsonl: 1 mentions without a place are left out"):
        (example,) = read(tmp_path, json.loads(line.encode()))
    assert example.document.id == "d"
    assert example.entities == (
        Entity.at("sign", 3, 8),
        Entity.at("sign", 32, 44),
        Entity("sign", (Span(23, 27), Span(37, 44))),
    )


def test_mentions_without_a_place_are_counted(tmp_path: Path) -> None:
    placed = {"text": "x", "label": "sign", "start": None, "end": None}
    (tmp_path / "a.jsonl").write_text(
        json.dumps({"text": TEXT, "mentions": [placed, placed]}), encoding="utf-8"
    )
    findings = Findings(lambda _: None)
    source = JsonlReader().open(tmp_path / "a.jsonl", None, findings)
    with pytest.warns(UserWarning, match="2 mentions"):
        assert [example.entities for example in source.splits["a"]] == [()]
    assert findings.skipped == {"mentions without a place": 2}


def test_what_doccano_was_given_comes_back(tmp_path: Path) -> None:
    entities = (Entity.at("sign", 3, 8), Entity.at("sign", 16, 21))
    example = Example(segment("note 7", TEXT), entities)
    DoccanoWriter().write(Source("c", None, {"notes": [example]}), tmp_path / "out.jsonl")
    (corpus,) = read_corpus(JsonlReader(), tmp_path / "out.jsonl", None).splits.values()
    assert corpus == (example,)
    # Its own exports number the documents besides.
    exported = {**json.loads((tmp_path / "out.jsonl").read_text("utf-8")), "id": 1, "Comments": []}
    assert read(tmp_path, exported) == (example,)


OWN = {"entities": [{"label": "own", "start": 3, "end": 8}]}
PLACED = {"mentions": [{"text": "Fever", "label": "placed", "start": 3, "end": 8, "tier": "exact"}]}
TRIPLES = {"label": [[3, 8, "doccano"]]}
SPANS = {"spans": [{"label": "prodigy", "start": 3, "end": 8}]}


@pytest.mark.parametrize("more", [PLACED, TRIPLES, SPANS, {"mentions": MENTIONS}, {"mentions": []}])
def test_of_two_annotations_one_must_be_chosen(tmp_path: Path, more: dict[str, Any]) -> None:
    (name,) = more
    assert fault(tmp_path, {"text": TEXT, **more, **OWN}) == (
        f"annotation in 'entities' and in {name!r}: say what to read, as in PATH:jsonl:field={name}"
    )
    (example,) = read(tmp_path, {"text": TEXT, **more, **OWN}, field="entities")
    assert example.entities == (Entity.at("own", 3, 8),)


@pytest.mark.parametrize(
    ("field", "label"),
    [("entities", "own"), ("mentions", "placed"), ("label", "doccano"), ("spans", "prodigy")],
)
def test_a_field_that_is_chosen_is_read(tmp_path: Path, field: Field, label: str) -> None:
    record = {"text": TEXT, **OWN, **PLACED, **TRIPLES, **SPANS}
    (example,) = read(tmp_path, record, field=field)
    assert example.entities == (Entity.at(label, 3, 8),)
    del record[field]
    with pytest.raises(CorpusError, match=f"no field '{field}'"):
        read(tmp_path, record, field=field)


def test_an_object_of_nothing_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no field 'text'"):
        read(tmp_path, {})


def test_a_label_of_the_whole_document_is_beside_entities(tmp_path: Path) -> None:
    (example,) = read(tmp_path, {"text": TEXT, **OWN, "label": "positive"})
    assert example.entities == (Entity.at("own", 3, 8),)


def test_a_line_that_was_not_aligned_is_a_fault(tmp_path: Path) -> None:
    ((line,),) = align_lines([json.dumps({"text": TEXT}).encode()], Path("in.jsonl"), Aligner())
    said = fault(tmp_path, json.loads(line.encode()), {"text": TEXT, **PLACED})
    assert said.startswith("the line was not aligned: in.jsonl:1: no field 'mentions'")
    bad = json.dumps({"text": TEXT, "mentions": [{"text": 5}]}).encode()
    ((line,),) = align_lines([bad], Path("in.jsonl"), Aligner())
    said = fault(tmp_path, json.loads(line.encode()))
    assert said.startswith("mention 5 has no place: in.jsonl:1: mentions[0]: field 'text' must")
    again = json.dumps({"text": TEXT, "mentions": MENTIONS[:1], "error": "mended"}).encode()
    ((line,),) = align_lines([again], Path("in.jsonl"), Aligner())
    (example,) = read(tmp_path, json.loads(line.encode()))
    assert example.entities == (Entity.at("sign", 3, 8),)


def test_words_of_mentions_are_checked_unless_they_were_aligned(tmp_path: Path) -> None:
    mention = {"text": "cough", "label": "sign", "start": 3, "end": 8}
    said = fault(tmp_path, {"text": TEXT, "mentions": [mention]})
    assert said == "the text at 3 8 is 'Fever', but the annotation says 'cough'"
    (example,) = read(tmp_path, {"text": TEXT, "mentions": [{**mention, "tier": "fuzzy"}]})
    assert example.entities == (Entity.at("sign", 3, 8),)


def test_what_prodigy_was_given_comes_back(tmp_path: Path) -> None:
    tokens = (Span(0, 2), Span(3, 9), Span(16, 21))
    document = Document("note 7", TEXT, tokens, split_sentences(TEXT))
    example = Example(document, (Entity.at("sign", 3, 9), Entity.at("sign", 0, 9)))
    ProdigyWriter().write(Source("c", None, {"notes": [example]}), tmp_path / "out.jsonl")
    (corpus,) = read_corpus(JsonlReader(), tmp_path / "out.jsonl", None).splits.values()
    assert corpus == (example,)


def task(answer: str | None, **more: Any) -> dict[str, Any]:
    """A task as Prodigy writes it; where nothing was marked, there may be no spans."""
    tokens = [
        {"text": "Rash", "start": 0, "end": 4, "id": 0, "ws": False},
        {"text": "\n", "start": 4, "end": 5, "id": 1, "ws": False},
        {"text": "here", "start": 5, "end": 9, "id": 2, "ws": False, "disabled": False},
    ]
    answered = {} if answer is None else {"answer": answer, "_view_id": "ner_manual"}
    return {"text": "Rash\nhere", "_input_hash": 7, "tokens": tokens, **more, **answered}


SIGN = {"start": 0, "end": 4, "token_start": 0, "token_end": 0, "label": "sign"}


def test_tasks_of_prodigy_are_read_without_tokens_of_white_space(tmp_path: Path) -> None:
    first, second, third = read(
        tmp_path, task("accept", spans=[SIGN]), task(None, spans=[SIGN]), task("accept")
    )
    assert first.entities == second.entities == (Entity.at("sign", 0, 4),)
    assert third.entities == ()
    assert first.document.tokens == third.document.tokens == (Span(0, 4), Span(5, 9))


def test_tasks_that_were_not_accepted_are_left_out_and_counted(tmp_path: Path) -> None:
    tasks = [task("reject", spans=[SIGN]), task("ignore"), task("reject"), task("accept")]
    tasks[-1] |= {"spans": [SIGN], "relations": [{"head": 0, "child": 0, "label": "is"}]}
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(one) + "\n" for one in tasks))
    findings = Findings()
    source = JsonlReader().open(tmp_path / "a.jsonl", None, findings)
    with pytest.warns(UserWarning) as said:
        assert [example.document.id for example in source.splits["a"]] == ["a-4"]
    assert findings.skipped == {
        "tasks answered with reject": 2,
        "tasks answered with ignore": 1,
        "relations": 1,
    }
    assert f"{tmp_path / 'a.jsonl'}: 2 tasks answered with reject are left out" in {
        str(one.message) for one in said
    }


@pytest.mark.parametrize(
    "foreign",
    [
        {"options": [], "answer": "accept"},
        {"label": "positive", "answer": "accept"},
        {"annotations": [{}]},
        {"tags": ["O"]},
        {"labels": []},
    ],
)
def test_other_annotation_is_not_taken_for_none(tmp_path: Path, foreign: dict[str, Any]) -> None:
    said = fault(tmp_path, {"text": TEXT, **foreign})
    assert said.startswith(f"no field 'entities', but {next(iter(foreign))!r}, which is not read")


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"mentions": MENTIONS}, "mention 'fever' has no place: nerharness align looks for it"),
        ({"mentions": {}}, "field 'mentions' must be a list"),
        ({"mentions": ["fever"]}, "an entity must be an object"),
        ({"mentions": [{"text": "fever", "start": 3, "end": 8}]}, "no field 'label'"),
        ({"label": ["positive"]}, "'label' must hold [start, end, label] alone, got 'positive'"),
        ({"label": [[0, 2]]}, "'label' must hold [start, end, label] alone, got [0, 2]"),
        ({"label": [["0", 2, "sign"]]}, "a span must be [start, end] in whole numbers"),
        ({"label": [[0, 2, None]]}, "field 'label' must be a string"),
        ({"label": [[0, 99, "sign"]]}, "outside the text"),
        ({"label": [], "doc_id": 1.5}, "field 'id' must be a string or a whole number"),
        ({"spans": {}}, "field 'spans' must be a list"),
        ({"spans": [[0, 2, "sign"]]}, "an entity must be an object"),
        ({"spans": [{"start": 0, "end": 2}]}, "no field 'label'"),
        ({"spans": [], "tokens": [{"text": "No"}]}, "no field 'start'"),
        ({"spans": [], "answer": "yes"}, "'answer' must be one of accept, reject, ignore"),
    ],
)
def test_a_fault_in_them_is_said(tmp_path: Path, record: dict[str, Any], said: str) -> None:
    assert said in fault(tmp_path, {"text": TEXT, **record})
