"""`nerharness convert` and `validate` from the command line: codes, tables, JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


def test_convert_writes_and_shows_what_was_lost(cli: Cli) -> None:
    outcome = cli("convert", "sample", "out", "--to", "conll", "--policy", "outermost")
    assert (outcome.code, outcome.err) == (0, "")
    assert "discontinuous" in outcome.out
    assert sorted(file.name for file in Path("out").iterdir()) == [
        "dev.conll",
        "test.conll",
        "train.conll",
    ]


def test_convert_as_json_has_the_counts(cli: Cli) -> None:
    found = cli("convert", "sample", "out", "--to", "csv", "--json").json
    assert found["splits"]["dev"] == {"documents": 22, "entities": 181}
    assert found["losses"]["discontinuous"] == 17


def test_convert_can_tokenize_anew(cli: Cli) -> None:
    Path("a.jsonl").write_text('{"id": "a", "text": "A (mild) well-known rash. None"}\n')
    assert cli("convert", "a.jsonl", "b.csv", "--to", "csv", "--tokens", "raredis").code == 0
    rows = Path("b.csv").read_text().splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == [
        *("A", "(", "mild", ")", "well-known", "rash", ".", "None"),
    ]
    assert [row.split(",")[2] for row in rows] == ["1"] * 7 + ["2"]


def test_options_of_a_reader_stand_after_its_name(cli: Cli) -> None:
    Path("a.txt").write_text("1 B-X No\n2 O rash\n")
    wanted = "a.txt:conll:columns=_,tag,token:scheme=IOB2"
    assert cli("convert", wanted, "b.jsonl", "--to", "jsonl").code == 0
    assert json.loads(Path("b.jsonl").read_text())["text"] == "No rash"
    outcome = cli("convert", "a.txt:conll:columns=word", "c.jsonl", "--to", "jsonl")
    assert (outcome.code, outcome.out) == (2, "")
    assert "'word' is no layout" in outcome.err


def test_a_policy_for_a_format_that_needs_none_is_an_error(cli: Cli) -> None:
    outcome = cli("convert", "sample", "out", "--to", "brat", "--policy", "longest")
    assert outcome.code == 2
    assert "--policy: brat holds overlapping entities" in outcome.err


def test_validate_has_the_code_2_when_something_is_wrong(cli: Cli) -> None:
    Path("a.jsonl").write_text(
        '{"text": "a rash", "entities": [{"label": "S", "start": 1, "end": 6}]}\n'
    )
    outcome = cli("validate", "a.jsonl")
    assert outcome.code == 2
    assert "a.jsonl:1: edges: white space at the edge of 1 6 → trimmed" in outcome.out
    found = cli("validate", "a.jsonl", "--json")
    assert found.code == 2
    assert found.json["findings"] == {"edges": 1}
    assert found.json["shown"][0]["line"] == 1
    assert cli("validate", "a.jsonl", "--fix", "b.jsonl").code == 0
    assert cli("validate", "b.jsonl").code == 0


def test_what_a_repair_leaves_out_is_counted_and_has_the_code_2(cli: Cli) -> None:
    Path("a.conll").write_text("No\tO\nrash\tB-S\nhere\tsign\n")
    outcome = cli("validate", "a.conll", "--fix", "b.conll")
    assert outcome.code == 2
    assert "1 not in a repaired copy: left out, or tagged O" in outcome.out
    outcome = cli("validate", "a.conll", "--fix", "c.conll", "--json")
    assert (outcome.code, outcome.json["lost"], outcome.json["unrepaired"]) == (2, 1, 0)
    assert cli("validate", "b.conll").code == 0


def test_validate_shows_as_many_findings_as_asked_for(cli: Cli) -> None:
    line = '{"text": "rash ", "entities": [{"label": "S", "start": 0, "end": 5}]}\n'
    Path("a.jsonl").write_text(line * 5)
    outcome = cli("validate", "a.jsonl", "--show", 2)
    assert outcome.out.count("white space at the edge") == 2
    assert "and 3 more" in outcome.out


def test_convert_and_validate_say_what_is_not_read(cli: Cli) -> None:
    Path("n").mkdir()
    Path("n/a.txt").write_text("no rash")
    Path("n/a.ann").write_text("T1\tSign 3 7\trash\nR1\tof Arg1:T1 Arg2:T1\nA1\tRed T1\n")
    outcome = cli("validate", "n")
    assert "not read: 1 attributes, 1 relations" in outcome.out.splitlines()
    assert cli("validate", "n", "--json").json["skipped"] == {"attributes": 1, "relations": 1}
    rows = cli("convert", "n", "out", "--to", "jsonl").out.splitlines()
    assert ["relations", "1", "not", "read"] in [row.split() for row in rows]


def test_a_run_can_be_converted_and_validated(cli: Cli, tagger_eval: list[str]) -> None:
    assert cli(*tagger_eval, "--limit", "3", "--out", "runs/full").code == 0
    found = cli("convert", "runs/full", "out", "--to", "brat", "--json").json
    assert found["splits"]["test"]["documents"] == 3
    assert len(list(Path("out").glob("*.ann"))) == 3
    assert cli("validate", "runs/full").out.splitlines()[-1] == "nothing wrong"
    assert cli("score", "sample", "out", "--common", "--json").code == 0
    outcome = cli("eval", "--corpus", "runs/full", "--tagger", "gazetteer")
    assert outcome.code == 2
    assert "--corpus runs/full: a run has gold entities and predicted ones" in outcome.err


def test_ls_lists_writers_and_readers(cli: Cli) -> None:
    assert "label-studio" in cli("ls", "writers").out
    assert "pubtator" in cli("ls", "corpora").out


def test_eval_takes_windows_and_tokens(
    cli: Cli, answering: Callable[..., Any], scripted_eval: list[str]
) -> None:
    answering(lambda prompt: "[]")
    outcome = cli(*scripted_eval, "--unit", "window:20:5", "--tokens", "raredis", "--out", "run")
    assert outcome.code == 0
    spec = json.loads(Path("run/run.json").read_text())["spec"]
    assert (spec["unit"], spec["tokens"]) == ("window:20:5", "raredis")
    assert cli("eval", "--resume", "run").code == 0


def test_validate_shows_a_finding_whole_on_one_line_of_a_narrow_terminal(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    name = f"{'long-' * 20}.jsonl"
    Path(name).write_text('{"text": "a", "entities": [{"label": "S", "start": 0, "end": 6}]}\n')
    what = "offsets: offsets 0 6 lie outside the text of 1 characters → left out"
    assert f"{name}:1: {what}" in cli("validate", name).out.splitlines()
