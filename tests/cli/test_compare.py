"""`nerharness compare`: figures beside each other, refusals, conditions and their exit code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli.lacking import drop

from nerharness import compare

Cli = Callable[..., Any]


@pytest.fixture
def runs(cli: Cli, tagger_eval: list[str]) -> list[str]:
    assert cli(*tagger_eval, "--out", "one").code == 0
    drop("one", 4, "two")
    drop("one", 50, "three")
    return ["one", "two", "three"]


def test_differences_are_those_of_the_scores(cli: Cli, runs: list[str]) -> None:
    outcome = cli("compare", *runs[:2], "--json", "--draws", "500")
    assert (outcome.code, outcome.err, outcome.out.count("\n")) == (0, "", 1)
    value = outcome.json
    assert list(value) == [
        "schema", "documents", "left_out", "resampling", "warnings", "runs", "contrasts", "changed",
        "failed",
    ]  # fmt: skip
    f1 = [cli("score", run, "--json").json["protocols"]["strict"]["micro"]["f1"] for run in runs]
    (contrast,) = value["contrasts"]
    found = contrast["protocols"]["strict"]["micro"]["f1"]
    assert found["difference"] == pytest.approx(f1[1] - f1[0])
    low, high = found["percentile"]
    assert low <= found["difference"] <= high < 0
    assert found["permutation"] < 0.01
    assert value["resampling"] == {"draws": 500, "seed": 0, "level": 0.95}
    again = cli("compare", *runs[:2], "--json", "--draws", "500").json
    assert again == value
    other = cli("compare", *runs[:2], "--json", "--draws", "500", "--seed", "1").json
    assert other["contrasts"] != value["contrasts"]


def test_many_runs_are_corrected_for_their_number(cli: Cli, runs: list[str]) -> None:
    value = cli("compare", *runs, "--json", "--draws", "500").json
    pairs = [(one["first"], one["second"]) for one in value["contrasts"]]
    assert pairs == [("one", "two"), ("one", "three"), ("two", "three")]
    found = [one["protocols"]["strict"]["micro"]["f1"] for one in value["contrasts"]]
    raw = sorted(one["permutation"] for one in found)
    corrected = sorted(one["permutation_holm"] for one in found)
    assert corrected[0] == pytest.approx(min(1, 3 * raw[0]))
    table = cli("compare", *runs, "--draws", "500").out
    assert "p Holm" in table
    assert "three minus two" in table


def test_all_are_compared_with_one_alone_where_that_is_asked_for(cli: Cli, runs: list[str]) -> None:
    drop("one", 8, "four")
    asked = ("compare", *runs, "four", "--draws", "500", "--against")
    value = cli(*asked, "./two/", "--json").json
    assert [one["name"] for one in value["runs"]] == ["./two/", "one", "three", "four"]
    pairs = [(one["first"], one["second"]) for one in value["contrasts"]]
    assert pairs == [("./two/", one) for one in ("one", "three", "four")]
    found = [one["protocols"]["strict"]["micro"]["f1"] for one in value["contrasts"]]
    least = min(one["permutation"] for one in found)
    assert min(one["permutation_holm"] for one in found) == pytest.approx(3 * least)
    reverse = cli("compare", *runs[:2], "--draws", "500", "--json").json["contrasts"][0]
    difference = reverse["protocols"]["strict"]["micro"]["f1"]["difference"]
    assert found[0]["difference"] == pytest.approx(-difference)
    other = cli("compare", "one", "--against", "two", "--draws", "100")
    assert "one minus two" in other.out


def test_of_many_contrasts_the_averages_are_shown_in_a_line_each(cli: Cli, runs: list[str]) -> None:
    drop("one", 8, "four")
    shown = cli("compare", *runs, "four", "--draws", "100").out
    for average in ("micro", "macro"):
        _, _, table = shown.partition(f"{average} F1 by strict match")
        table, _, _ = table.partition(" F1 ")
        names = re.findall(r"^ (\w+ minus \w+) +[+-]0\.\d{3} ", table, re.MULTILINE)
        assert names == [
            "two minus one", "three minus one", "four minus one", "three minus two",
            "four minus two", "four minus three",
        ]  # fmt: skip
    assert "sign" not in shown
    drop("one", 16, "five")
    shown = cli("compare", *runs, "four", "five", "--against", "one", "--draws", "100").out
    table = shown.partition("micro F1 by strict match, minus that of one")[2].partition(" F1 ")[0]
    names = re.findall(r"^ (\w+) +-0\.\d{3} ", table, re.MULTILINE)
    assert names == ["two", "three", "four", "five"]


def test_no_figure_is_cut_where_names_are_long(cli: Cli, runs: list[str]) -> None:
    name = "meta-llama-Llama-3.1-8B-Instruct-few-shot-json-by-label-grounded"
    drop("one", 8, name)
    outcome = cli("compare", *runs, name, "--draws", "100")
    assert "…" not in re.sub(r"\d … [+-]\d|… and \d+ more", "", outcome.out)


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("micro.strict.f1 < -0.01", 3),
        ("strict.micro.f1 < -0.01", 3),
        ("strict.sign.recall <= -.001", 3),
        ("micro.strict.f1 < -0.5", 0),
        ("micro.strict.f1 > 0", 0),
        ("macro.token-bio.precision >= 1e-1", 0),
    ],
)
def test_a_condition_that_comes_true_is_exit_code_3(
    cli: Cli, runs: list[str], condition: str, code: int
) -> None:
    outcome = cli("compare", *runs[:2], "--draws", "100", "--fail-if", condition)
    assert outcome.code == code
    assert (condition in outcome.err) == (code == 3)
    same = cli("compare", *runs[:2], "--draws", "100", "--fail-if", condition, "--json")
    assert same.code == code
    assert [one["condition"] for one in same.json["failed"]] == [condition] * (code == 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fail-if", "f1 < 0"], "'f1 < 0' is no condition"),
        (["--fail-if", "micro.strict.f1 = 0"], "is no condition"),
        (["--fail-if", "sing.strict.f1 < 0"], "there is no f1 of sing by strict"),
        (["--protocol", "strickt"], "did you mean 'strict'?"),
        (["--split", "test"], "--split needs --gold"),
        (["--align", "position"], "--align needs --gold"),
        (["one"], "'one' is named twice"),
        (["./one/"], "'./one/' is named twice"),
        (["nowhere"], "not a run folder"),
    ],
)
def test_what_cannot_be_asked_says_so(
    cli: Cli, runs: list[str], arguments: list[str], message: str
) -> None:
    outcome = cli("compare", *runs[:2], *arguments)
    assert outcome.code == 2
    assert message in outcome.err
    assert outcome.out == ""


def test_one_run_cannot_be_compared(cli: Cli, runs: list[str]) -> None:
    outcome = cli("compare", runs[0])
    assert outcome.code == 2
    assert "name two runs or more" in outcome.err


def test_runs_over_different_documents_are_refused_but_for_what_they_share(
    cli: Cli, runs: list[str]
) -> None:
    journal = Path("two/journal.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:30]))
    outcome = cli("compare", *runs[:2])
    assert outcome.code == 2
    assert "two lacks document 'test-031' of one (4 such documents)" in outcome.err
    shared = cli("compare", *runs[:2], "--common", "--json", "--draws", "100").json
    assert shared["documents"] == 30
    assert shared["left_out"] == {"documents that not all runs have": 4}


def test_runs_with_other_gold_or_labels_are_refused_but_for_what_they_share(
    cli: Cli, runs: list[str]
) -> None:
    described = json.loads(Path("two/run.json").read_text(encoding="utf-8"))
    described["labels"] = [one for one in described["labels"] if one["name"] != "sign"]
    Path("two/run.json").write_text(json.dumps(described), encoding="utf-8")
    outcome = cli("compare", *runs[:2])
    assert outcome.code == 2
    assert "two disease, rare_disease, skin_rare_disease, symptom" in outcome.err
    shared = cli("compare", *runs[:2], "--common", "--json", "--draws", "100").json
    assert shared["left_out"] == {"labels that not all runs have": 1}
    assert "sign" not in shared["runs"][0]["protocols"]["strict"]["labels"]
    journal = Path("three/journal.jsonl")
    first, *rest = journal.read_text(encoding="utf-8").splitlines()
    record = json.loads(first)
    record["gold"] = record["gold"][1:]
    journal.write_text("\n".join([json.dumps(record), *rest, ""]), encoding="utf-8")
    outcome = cli("compare", "one", "three")
    assert outcome.code == 2
    assert "document 'test-001' has another text or other gold entities" in outcome.err
    shared = cli("compare", "one", "three", "--common", "--json", "--draws", "100").json
    assert shared["left_out"] == {"documents whose text or gold differs": 1}


def test_predictions_from_elsewhere_are_compared_beside_gold(cli: Cli, runs: list[str]) -> None:
    assert cli("convert", "sample", "copy", "--to", "jsonl").code == 0
    value = cli(
        "compare", "--gold", "sample", "one", "copy", "--json", "--draws", "100"
    ).json  # fmt: skip
    assert [run["name"] for run in value["runs"]] == ["one", "copy"]
    assert value["runs"][1]["protocols"]["strict"]["micro"]["f1"] == 1.0


# Its second line is missing, so that by position all tags after it are one word too early.
BLOCKS = """######
Fever : B-sign
cough : B-sign
. : O
"""


def test_transcripts_are_compared_by_either_alignment(cli: Cli) -> None:
    found = [{"label": "sign", "start": a, "end": b} for a, b in ((0, 5), (10, 15))]
    line = {"id": "d", "text": "Fever and cough.", "entities": found}
    Path("gold.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    Path("other.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    Path("answers.txt").write_text(BLOCKS, encoding="utf-8")
    compare = ("compare", "--gold", "gold.jsonl", "--json", "--draws", 50)
    for flags, hits in (((), 2), (("--align", "sequence"), 2), (("--align", "position"), 1)):
        runs = cli(*compare, "answers.txt", "other.jsonl", *flags).json["runs"]
        assert [run["protocols"]["strict"]["micro"]["tp"] for run in runs] == [hits, 2]
    outcome = cli(*compare, "gold.jsonl", "other.jsonl", "--align", "position")
    assert (outcome.code, outcome.out) == (2, "")
    assert "--align: says how the lines of a transcript are paired, but none" in outcome.err


def test_the_documents_that_changed_most_come_first(cli: Cli, runs: list[str]) -> None:
    changed = cli("compare", *runs[:2], "--json", "--draws", "100").json["changed"]
    sizes = [
        abs(one["strict"][0]["fn"] + one["strict"][0]["fp"]
            - one["strict"][1]["fn"] - one["strict"][1]["fp"])
        for one in changed
    ]  # fmt: skip
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 0
    assert all(one["apart"] > 0 for one in changed)
    table = cli("compare", *runs[:2], "--draws", "100", "--show", "2").out
    assert table.count("test-0") == 2
    assert f"{len(changed) - 2} more" in table


def test_documents_count_as_changed_where_other_entities_are_wrong_and_not_more() -> None:
    gold, texts = [[("a", 0, 1), ("a", 2, 3)], [("a", 0, 1)], []], ["x y", "x", "z"]
    runs = [[("a", 0, 1)], [("a", 0, 1)], []], [[("a", 2, 3)], [("a", 0, 1)], [("a", 0, 1)]]
    found = compare(*runs, gold=gold, texts=texts, draws=10).changed
    assert [(one.document, one.size, one.apart) for one in found] == [("2", 1, 1), ("0", 0, 2)]


def test_a_condition_on_runs_without_entities_says_why_it_cannot_be_judged(cli: Cli) -> None:
    for name in ("gold", "one", "two"):
        Path(f"{name}.jsonl").write_text('{"id": "0", "text": "no rash", "entities": []}\n')
    files = ["--gold", "gold.jsonl", "one.jsonl", "two.jsonl", "--draws", "50"]
    assert cli("compare", *files).code == 0
    outcome = cli("compare", *files, "--fail-if", "micro.strict.f1 < 0")
    assert outcome.code == 2
    assert "there is no f1 of micro by strict; neither run has an entity" in outcome.err
