"""`nerharness score`: the same numbers again, from the journal alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nerharness import score
from nerharness.runs.folder import RunFolder

Cli = Callable[..., Any]


@pytest.fixture
def scored(cli: Cli, tagger_eval: list[str]) -> Any:
    return cli(*tagger_eval, "--json", "--out", "run").json


def test_the_numbers_are_those_of_the_run(cli: Cli, scored: Any) -> None:
    before = Path("run/scores.json").read_bytes()
    outcome = cli("score", "run", "--json")
    assert outcome.code == 0
    assert outcome.out.count("\n") == 1
    assert outcome.json == scored
    assert Path("run/scores.json").read_bytes() == before


@pytest.mark.parametrize("content", ["", "{", '{"schema": 1}'])
def test_scores_that_were_lost_or_changed_are_rebuilt(cli: Cli, scored: Any, content: str) -> None:
    before = Path("run/scores.json").read_bytes()
    Path("run/scores.json").write_text(content, encoding="utf-8")
    assert cli("score", "run").code == 0
    assert Path("run/scores.json").read_bytes() == before


def test_the_numbers_come_from_the_journal(cli: Cli, scored: Any) -> None:
    journal = Path("run/journal.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:3]))
    rescored = cli("score", "run", "--json").json
    assert rescored["documents"]["total"] == 3 < scored["documents"]["total"]
    gold = sum(len(record.gold) for record in RunFolder(Path("run")).records())
    micro = rescored["protocols"]["strict"]["micro"]
    assert micro["tp"] + micro["fn"] == gold


@pytest.mark.parametrize("cut", [1, 2, 40])
def test_a_journal_that_was_torn_is_scored_without_its_last_line(
    cli: Cli, scored: Any, cut: int
) -> None:
    journal = Path("run/journal.jsonl")
    journal.write_bytes(journal.read_bytes()[:-cut])
    documents = cli("score", "run", "--json").json["documents"]
    assert documents["total"] == scored["documents"]["total"] - 1


def test_a_policy_is_that_of_the_numbers_which_then_are_not_kept(cli: Cli, scored: Any) -> None:
    before = Path("run/scores.json").read_bytes()
    assert cli("score", "run", "--json", "--policy", "longest").json == scored
    policy = ("--policy", "first-fragment", "--json", "--draws", 0)
    alone = cli("score", "run", *policy).json["protocols"]
    assert alone == cli("score", "sample", "run", *policy).json["protocols"]
    tagged = [one["seqeval-default"]["micro"]["tp"] for one in (alone, scored["protocols"])]
    assert tagged[0] != tagged[1]
    assert Path("run/scores.json").read_bytes() == before
    outcome = cli("score", "run", "--policy", "shortest")
    assert (outcome.code, outcome.out) == (2, "")
    assert "--policy: 'shortest' is no policy" in outcome.err


def test_tables_are_on_stdout(cli: Cli, scored: Any) -> None:
    outcome = cli("score", "run")
    assert outcome.err == ""
    assert "strict match" in outcome.out
    assert f"{scored['protocols']['strict']['micro']['f1']:.3f}" in outcome.out


def test_neither_corpus_nor_plugin_is_needed(
    cli: Cli, scored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("asked for a plugin")

    monkeypatch.setattr("nerharness.plugin.host.Host.find", refuse)
    assert cli("score", "run", "--json").json == scored


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("run.json", "{", "run.json"),
        ("run.json", '{"schema": 99}', "schema 99"),
        ("journal.jsonl", "{}\n", "journal.jsonl:1"),
        ("journal.jsonl", "\xff\n", "journal.jsonl:1"),
        ("journal.jsonl", "", "no document of the run was finished"),
    ],
)
def test_a_damaged_run_folder_is_refused(
    cli: Cli, tagger_eval: list[str], name: str, content: str, said: str
) -> None:
    cli(*tagger_eval, "--out", "run")
    Path("run", name).write_text(content, encoding="latin-1")
    outcome = cli("score", "sample", "run")
    assert outcome.code == 2
    assert said in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(
    "flags",
    [
        ["--draws", "0"],
        ["--seed", "9"],
        ["--level", ".5", "--draws", "200"],
        ["--policy", "outermost"],
    ],
)
def test_scores_by_other_settings_are_shown_and_not_kept(
    cli: Cli, scored: Any, flags: list[str]
) -> None:
    before = Path("run/scores.json").read_bytes()
    outcome = cli("score", "run", "--json", *flags)
    assert outcome.code == 0
    assert outcome.json["documents"] == scored["documents"]
    assert outcome.err.splitlines() == [
        "shown only; run/scores.json keeps the scores by the default settings"
    ]
    assert Path("run/scores.json").read_bytes() == before
    default = ["--draws", "10000", "--seed", "0", "--level", ".95", "--policy", "longest"]
    assert cli("score", "run", *default).err == ""


@pytest.mark.parametrize("left", [None, b"", b'{"crc32": "'])
@pytest.mark.parametrize(
    "command", ["score run", "score sample run", "compare other run", "compare run other"]
)
def test_a_run_whose_journal_is_lost_is_not_scored(
    cli: Cli, scored: Any, left: bytes | None, command: str
) -> None:
    cli("eval", "--tagger", "gazetteer", "--limit", "1", "--out", "other")
    before = Path("run/scores.json").read_bytes()
    Path("run/journal.jsonl").unlink()
    if left is not None:
        Path("run/journal.jsonl").write_bytes(left)
    outcome = cli(*command.split())
    assert (outcome.code, outcome.out) == (2, "")
    said = "run: no document of the run was finished; go on with it by eval --resume, or put its"
    assert f"{said} journal.jsonl back" in outcome.err
    assert Path("run/scores.json").read_bytes() == before


def test_a_run_that_was_broken_off_says_so_wherever_it_is_read(
    cli: Cli, tagger_eval: list[str]
) -> None:
    for run in ("run", "other"):
        cli(*tagger_eval, "--out", run)
        lines = Path(run, "journal.jsonl").read_bytes().splitlines(keepends=True)
        Path(run, "journal.jsonl").write_bytes(b"".join(lines[:30]) + lines[30][:99])
    missing = {"documents of the run are missing, and not scored": 4}
    assert cli("score", "run", "--json").json["notes"] == missing
    compared = cli("compare", "run", "other", "--draws", "50", "--json").json
    assert [run["notes"] for run in compared["runs"]] == [missing, missing]
    assert score("run", draws=0).notes == missing
    lacking = {"documents without predictions, all missed": 4}
    assert cli("score", "sample", "run", "--json").json["notes"] == lacking
    beside = cli("compare", "--gold", "sample", "run", "other", "--draws", "50", "--json").json
    assert [run["notes"] for run in beside["runs"]] == [lacking, lacking]
    table = cli("compare", "--gold", "sample", "run", "other", "--draws", "50").out
    assert "other: 4 documents without predictions, all missed" in table
    assert score("sample", "run", draws=0).notes == lacking
    assert "4 documents without predictions" in str(score("sample", "run", draws=0))


@pytest.mark.parametrize("documents", [1, 9, 10])
def test_intervals_over_few_documents_come_with_a_warning(cli: Cli, documents: int) -> None:
    rows = [{"id": str(n), "text": "no rash", "entities": [{"label": "a", "start": 3, "end": 7}]}
            for n in range(documents)]  # fmt: skip
    rows += [{"id": "empty", "text": "nothing", "entities": []}] * (documents > 0)
    Path("gold.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name in ("one", "two"):
        assert cli("convert", "gold.jsonl", f"{name}.jsonl", "--to", "jsonl").code == 0
    commands = ["score gold.jsonl one.jsonl", "compare --gold gold.jsonl one.jsonl two.jsonl"]
    for command in map(str.split, commands):
        text = cli(*command, "--draws", "50").out
        value = cli(*command, "--draws", "50", "--json").json
        few = documents < 10
        assert ("warning: intervals are too narrow" in text) == few
        assert len(value["warnings"]) == few
        assert all(f"(here {documents})" in one for one in value["warnings"])
    assert cli("score", "gold.jsonl", "one.jsonl", "--draws", "0", "--json").json["warnings"] == []


@pytest.mark.parametrize(
    "flag",
    [
        ["--split", "dev"],
        ["--tokens", "raredis"],
        ["--labels", "x.toml"],
        ["--common"],
        ["--align", "position"],
    ],
)
def test_a_run_alone_has_no_flags_of_gold(
    cli: Cli, tagger_eval: list[str], flag: list[str]
) -> None:
    cli(*tagger_eval, "--out", "run")
    outcome = cli("score", "run", *flag)
    assert outcome.code == 2
    assert flag[0] in outcome.err
