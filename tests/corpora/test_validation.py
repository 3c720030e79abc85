"""`validate` finds each kind of fault with file and line, goes on, and repairs what it says."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from corpora.formats import bioc, bioc_json, place, skip_without

from nerharness.corpora.sources import read_corpus
from nerharness.errors import UsageError
from nerharness.findings import Finding
from nerharness.plugin.host import Host
from nerharness.runs.checker import Validation
from nerharness.runs.corpus import load_corpus, open_reader
from nerharness.runs.validation import validate
from nerharness.scoring.cuts import Cuts
from nerharness.types import Example

LONG = "The proband had a severe and slowly progressive weakness of both legs since infancy."
OTHER = (
    "Nothing else of note was found in the patient, whose parents are not related to one another."
)


def found(host: Host, wanted: object, **options: object) -> tuple[Validation, list[Finding]]:
    findings: list[Finding] = []
    return validate(host, str(wanted), findings.append, **options), findings  # type: ignore[arg-type]


def lines(findings: list[Finding]) -> list[tuple[str, str, int | None]]:
    return [(f.kind, f.place.path.name, f.place.line) for f in findings]


def jsonl(file: Path, *records: object) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return file


def entity(**fields: object) -> dict[str, object]:
    one = {"label": "Sign", "start": 3, "end": 7, "text": "rash", **fields}
    return {"text": "No rash, none.", "entities": [one]}


FAULTS = {
    "offsets": (entity(start=30, end=34), "moved to 3 7"),
    "mention": (entity(start=9, end=13), "moved to 3 7"),
    "empty": (entity(start=3, end=3), "moved to 3 7"),
    "edges": (entity(start=2, end=7, text=" rash"), "trimmed"),
    "syntax": ({"entities": []}, "left out"),
    "unicode": ({"text": unicodedata.normalize("NFD", "Sjögren")}, ""),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_each_kind_is_found_with_its_line_and_repaired_as_said(
    tmp_path: Path, host: Host, kind: str
) -> None:
    record, repair = FAULTS[kind]
    file = jsonl(tmp_path / "in" / "a.jsonl", {"text": "fine"}, record, {"text": "fine, too"})
    done, findings = found(host, file)
    assert lines(findings) == [(kind, "a.jsonl", 2)]
    assert findings[0].repair == repair
    assert done.kinds == {kind: 1}
    done, _ = found(host, file, fix=tmp_path / "out.jsonl")
    assert done.unrepaired == (not repair)
    assert found(host, tmp_path / "out.jsonl")[0].kinds == ({} if repair else {kind: 1})
    if "moved" in repair or "trimmed" in repair:
        fixed = read(host, tmp_path / "out.jsonl")[1]
        assert [e.surface(fixed.document.text) for e in fixed.entities] == ["rash"]
    (note,) = (tmp_path / "out.jsonl.fixes.jsonl").read_text().splitlines()
    assert json.loads(note) == {
        "kind": kind,
        "file": str(file),
        "line": 2,
        "what": findings[0].what,
        "repair": repair,
    }


def read(host: Host, path: Path) -> tuple[Example, ...]:
    (examples,) = load_corpus(host, str(path), None).splits.values()
    return examples


def test_an_entity_whose_words_stand_twice_or_nowhere_is_left_out(
    tmp_path: Path, host: Host
) -> None:
    twice = {
        "text": "rash, rash",
        "entities": [{"label": "S", "start": 1, "end": 5, "text": "rash"}],
    }
    nowhere = entity(start=90, end=94, text="itch")
    done, findings = found(
        host, jsonl(tmp_path / "a.jsonl", twice, nowhere), fix=tmp_path / "b.jsonl"
    )
    assert [finding.repair for finding in findings] == ["left out", "left out"]
    assert (done.entities["a"], done.unrepaired, done.lost) == (0, 0, 2)


RASH = {"label": "Sign", "start": 3, "end": 7, "text": "rash"}
ONCE = {
    "moved": [RASH, {**RASH, "start": 30, "end": 34}],
    "moved before": [{**RASH, "start": 30, "end": 34}, RASH],
    "both moved": [{**RASH, "start": 30, "end": 34}, {**RASH, "start": 0, "end": 4}],
    "trimmed": [RASH, {**RASH, "start": 2, "text": " rash"}],
}


@pytest.mark.parametrize("case", ONCE)
def test_no_repair_makes_an_entity_that_another_makes_already(
    tmp_path: Path, host: Host, case: str
) -> None:
    record = {"text": "No rash, none.", "entities": ONCE[case]}
    file = jsonl(tmp_path / "a.jsonl", record)
    done, findings = found(host, file, fix=tmp_path / "b.jsonl")
    assert findings[-1].repair == "kept once, at 3 7"
    assert (done.entities["a"], done.lost) == (1, 0)
    assert [[e.span.start for e in one.entities] for one in read(host, tmp_path / "b.jsonl")] == [
        [3]
    ]


ONE = bioc().partition("<annotation")[2].partition("</annotation>")[0]
LOCATED = json.loads(bioc_json())["documents"][0]["passages"][0]["annotations"][0]
AWAY = {**LOCATED, "locations": [{"offset": 93, "length": 4}]}
TWICE = {
    "pubtator": "1|t|No rash\n1\t93\t97\trash\tS\n1\t3\t7\trash\tS\n",
    "brat": "T1\tS 93 97\trash\nT2\tS 11 15\trash\n",
    "bioc-xml": bioc(
        f"<annotation{ONE}</annotation>".replace('"3"', '"93"') + f"<annotation{ONE}</annotation>"
    ),
    "bioc-json": bioc_json().replace(
        json.dumps(LOCATED), f"{json.dumps(AWAY)}, {json.dumps(LOCATED)}"
    ),
}


@pytest.mark.parametrize("reader", TWICE)
def test_no_reader_doubles_an_annotation(tmp_path: Path, host: Host, reader: str) -> None:
    skip_without(reader)
    wanted, _ = place(tmp_path / "in", reader, TWICE[reader].encode())
    done, _ = found(host, wanted, fix=tmp_path / "out")
    assert (done.entities.total(), done.kinds, done.lost) == (1, {"offsets": 1}, 0)


def test_an_unknown_label_is_found_and_stays(tmp_path: Path, host: Host) -> None:
    labels = tmp_path / "labels.toml"
    labels.write_text('[[labels]]\nname = "Disease"\n')
    done, findings = found(host, jsonl(tmp_path / "a.jsonl", entity()), labels=labels)
    assert lines(findings) == [("label", "a.jsonl", 1)]
    assert done.entities["a"] == 1


TAGS = {
    "IOB2": ("O I-X I-X O B-X", {2: "B-X"}),
    "BIOES": ("B-X O S-X B-X E-X", {1: "S-X"}),
    "BILOU": ("U-X B-X I-X O L-X", {3: "L-X", 5: "U-X"}),
    "IOE2": ("I-X E-X O I-X O E-X", {4: "E-X"}),
}


@pytest.mark.parametrize("scheme", ["IOB2", "BIOES", "BILOU"])
def test_tags_that_their_scheme_does_not_allow_are_found_line_by_line(
    tmp_path: Path, host: Host, scheme: str
) -> None:
    tags, wrong = TAGS[scheme]
    file = tmp_path / "a.conll"
    file.write_text("".join(f"w{i}\t{tag}\n" for i, tag in enumerate(tags.split())))
    done, findings = found(host, file, fix=tmp_path / "b.conll", to=f"conll:scheme={scheme}")
    assert lines(findings) == [("tag", "a.conll", line) for line in wrong]
    assert [f.repair for f in findings] == [f"tagged {tag!r}" for tag in wrong.values()]
    assert done.unrepaired == 0
    assert found(host, tmp_path / "b.conll")[1] == []


def test_iob1_is_no_fault_of_iob2(tmp_path: Path, host: Host) -> None:
    file = tmp_path / "a.conll"
    file.write_text("a\tI-X\nb\tB-X\nc\tO\n\nd\tI-X\n")
    assert found(host, file)[1] == []
    assert lines(found(host, f"{file}:conll:scheme=IOB2")[1]) == [
        ("tag", "a.conll", 1),
        ("tag", "a.conll", 5),
    ]


def test_a_text_that_stands_twice_is_found_and_dropped(tmp_path: Path, host: Host) -> None:
    file = jsonl(tmp_path / "a.jsonl", {"text": LONG}, {"text": OTHER}, {"text": LONG})
    done, findings = found(host, file, fix=tmp_path / "b.jsonl")
    assert lines(findings) == [("duplicate", "a.jsonl", 3)]
    assert (done.unrepaired, done.lost) == (0, 0)
    assert len(read(host, tmp_path / "b.jsonl")) == done.documents["a"] == 2


@pytest.mark.parametrize(
    "copy", [LONG, LONG.upper(), LONG.replace("legs", "arms"), LONG.replace(" ", "\n")]
)
def test_near_copies_in_another_split_are_leaks(tmp_path: Path, host: Host, copy: str) -> None:
    jsonl(tmp_path / "train.jsonl", {"text": OTHER}, {"text": LONG})
    jsonl(tmp_path / "test.jsonl", {"text": copy})
    (finding,) = found(host, tmp_path)[1]
    assert finding.kind == "leak"
    assert {"train.jsonl:2", "test.jsonl:1"} <= set(
        f"{finding.place} {finding.what}".replace("/", " ").replace(",", " ").split()
    )
    assert found(host, tmp_path, leaks=False)[1] == []


def test_near_copies_in_one_split_are_no_leak_but_each_one_in_another_is(
    tmp_path: Path, host: Host
) -> None:
    near = LONG.replace("legs", "arms")
    jsonl(tmp_path / "test.jsonl", {"text": LONG}, {"text": near})
    assert found(host, tmp_path)[1] == []
    jsonl(tmp_path / "train.jsonl", {"text": near}, {"text": f"{LONG} (I)"})
    assert lines(found(host, tmp_path)[1]) == [
        ("leak", "train.jsonl", 1),
        ("leak", "train.jsonl", 2),
    ]


def test_texts_that_only_share_some_words_are_no_leak(tmp_path: Path, host: Host) -> None:
    jsonl(tmp_path / "train.jsonl", {"text": LONG}, {"text": "Methods."})
    jsonl(tmp_path / "test.jsonl", {"text": f"{OTHER} {LONG[:30]}"}, {"text": "Methods."})
    assert found(host, tmp_path)[1] == []


def test_gold_that_cuts_through_a_token_is_counted_and_no_fault(tmp_path: Path, host: Host) -> None:
    record = {"text": "hyperglycaemia", "entities": [{"label": "S", "start": 5, "end": 14}]}
    done, findings = found(host, jsonl(tmp_path / "a.jsonl", record))
    assert (findings, done.cut_tokens) == ([], 1)


def test_gold_that_units_cut_is_counted_and_no_fault(tmp_path: Path, host: Host) -> None:
    record = {"text": "At A. B too", "entities": [{"label": "S", "start": 3, "end": 7}]}
    path = jsonl(tmp_path / "a.jsonl", record)
    done, findings = found(host, path)
    assert (findings, done.cuts.splits) == ([], {"a": Cuts(1, 1)})
    assert validate(host, str(path), findings.append, unit="window:5").cuts.line == ""
    with pytest.raises(UsageError, match="is no unit"):
        validate(host, str(path), findings.append, unit="word")


def test_a_file_that_breaks_off_is_a_finding_and_other_splits_are_read(
    tmp_path: Path, host: Host
) -> None:
    jsonl(tmp_path / "dev.jsonl", {"text": "fine"})
    (tmp_path / "test.jsonl").write_bytes(b'{"text": "fine"}\n\xff\n')
    jsonl(tmp_path / "train.jsonl", {"text": "fine"})
    done, findings = found(host, tmp_path)
    assert lines(findings) == [("syntax", "test.jsonl", 2)]
    assert done.documents == {"dev": 1, "test": 1, "train": 1}


def test_brat_faults_have_their_line_and_the_copy_is_brat(tmp_path: Path, host: Host) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "n.txt").write_text("No rash, none.")
    (folder / "n.ann").write_text(
        "T1\tSign 90 94\trash\nT2\tSign\nT3\tSign 8 13\t none\nR1\tOf Arg1:T1 Arg2:T9\n"
    )
    done, findings = found(host, folder, fix=tmp_path / "out")
    assert lines(findings) == [
        ("offsets", "n.ann", 1),
        ("syntax", "n.ann", 2),
        ("edges", "n.ann", 3),
        ("syntax", "n.ann", 4),
    ]
    assert (tmp_path / "out" / "n.ann").read_text() == "T1\tSign 3 7\trash\nT2\tSign 9 13\tnone\n"
    assert done.unrepaired == 1


def test_the_copy_and_its_list_overwrite_nothing(tmp_path: Path, host: Host) -> None:
    file = jsonl(tmp_path / "a.jsonl", {"text": "fine"})
    (tmp_path / "b.jsonl").write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        found(host, file, fix=tmp_path / "b.jsonl")
    assert sorted(f.name for f in tmp_path.iterdir()) == ["a.jsonl", "b.jsonl"]


def test_the_sample_has_nothing_wrong(host: Host) -> None:
    done, findings = found(host, "sample")
    assert (findings, done.documents.total()) == ([], 140)
    reader, path = open_reader(host, "sample")
    assert read_corpus(reader, path, None).labels
