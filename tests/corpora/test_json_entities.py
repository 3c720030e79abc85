"""JSON lines whose annotation is not in `entities`: aligned mentions, doccano's, and others'."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nerharness.align import Aligner
from nerharness.corpora.exports import DoccanoWriter
from nerharness.corpora.jsonl import JsonlReader
from nerharness.corpora.sources import read_corpus
from nerharness.errors import CorpusError
from nerharness.findings import Findings
from nerharness.mention_lines import align_lines
from nerharness.segment import segment
from nerharness.types import Entity, Example, Source, Span

TEXT = "No Fever, but a cough. Skin and nail lesions."
MENTIONS = [
    {"text": "fever", "label": "sign"},
    {"text": "nail lesion", "label": "sign"},
    {"text": "skin lesions", "label": "sign"},
    {"text": "hypertension", "label": "disease"},
]


def read(tmp_path: Path, *records: dict[str, Any]) -> tuple[Example, ...]:
    file = tmp_path / "notes.jsonl"
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    (examples,) = read_corpus(JsonlReader(), file, None).splits.values()
    return examples


def fault(tmp_path: Path, record: dict[str, Any]) -> str:
    with pytest.raises(CorpusError) as caught:
        read(tmp_path, {"text": TEXT}, record)
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


def test_entities_go_before_all_others(tmp_path: Path) -> None:
    own = [{"label": "sign", "start": 3, "end": 8}]
    (example,) = read(tmp_path, {"text": TEXT, "entities": own, "mentions": MENTIONS, "label": []})
    assert example.entities == (Entity.at("sign", 3, 8),)


@pytest.mark.parametrize(
    "foreign",
    [{"spans": []}, {"label": "positive"}, {"annotations": [{}]}, {"tags": ["O"]}, {"labels": []}],
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
    ],
)
def test_a_fault_in_them_is_said(tmp_path: Path, record: dict[str, Any], said: str) -> None:
    assert said in fault(tmp_path, {"text": TEXT, **record})
