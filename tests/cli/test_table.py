"""`--table FILE`: the figures of scores and comparisons, for a spreadsheet or a paper."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli.lacking import drop

Cli = Callable[..., Any]


@pytest.fixture
def run(cli: Cli, tagger_eval: list[str]) -> str:
    assert cli(*tagger_eval, "--out", "one").code == 0
    return "one"


@pytest.fixture
def worse(run: str) -> str:
    drop(run, 4, "a & b|c_d")
    return "a & b|c_d"


def rows(file: str) -> list[dict[str, str]]:
    with Path(file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_csv_has_every_figure_of_the_scores(cli: Cli, run: str) -> None:
    outcome = cli("score", run, "--json", "--table", "all.csv")
    assert (outcome.code, outcome.err) == (0, "")
    protocols = outcome.json["protocols"]
    expected = {}
    for protocol, scores in protocols.items():
        for name in ("micro", "macro", "weighted"):
            expected[protocol, "average", name] = scores[name]
        for label, figures in scores["labels"].items():
            expected[protocol, "label", label] = figures
    found = {(one["protocol"], one["kind"], one["row"]): one for one in rows("all.csv")}
    assert found.keys() == expected.keys()
    for key, figures in expected.items():
        one = found[key]
        names = ["precision", "recall", "f1", *(("tp", "fp", "fn") if "tp" in figures else ())]
        assert [float(one[name]) for name in names] == [figures[name] for name in names]
        bounds = figures.get("intervals", {}).get("f1", {}).get("percentile", ["", ""])
        assert [one["f1_low"], one["f1_high"]] == list(map(str, bounds))
        assert (one["run"], one["difference"], one["p_holm"]) == (run, "", "")


def test_a_csv_has_the_differences_from_the_first_run(cli: Cli, run: str, worse: str) -> None:
    outcome = cli("compare", run, worse, "--draws", "200", "--json", "--table", "all.csv")
    (contrast,) = outcome.json["contrasts"]
    second = [one for one in rows("all.csv") if one["run"] == worse]
    assert second
    for one in second:
        of = contrast["protocols"][one["protocol"]]
        of = of if one["kind"] == "average" else of["labels"]
        figure = of.get(one["row"], {}).get("f1")
        if figure is None:
            assert one["difference"] == ""
            continue
        names = {"difference": "difference", "p_permutation": "permutation"}
        names |= {"p_bootstrap": "bootstrap", "p_holm": "permutation_holm"}
        assert {n: float(one[n]) for n in names} == {n: figure[k] for n, k in names.items()}
        assert [float(one[f"difference_{end}"]) for end in ("low", "high")] == figure["percentile"]
    assert any(float(one["difference"]) < 0 for one in second)


@pytest.mark.parametrize(
    ("file", "name", "interval", "minus"),
    [
        ("paper.tex", r"a \& b|c\_d & ", "--", " & $-"),
        ("paper.md", r"| a & b\|c_d | ", "–", " | -"),
    ],
)
def test_a_paper_has_a_row_for_each_run(
    cli: Cli, run: str, worse: str, file: str, name: str, interval: str, minus: str
) -> None:
    outcome = cli("compare", run, worse, "--draws", "200", "--json", "--table", file)
    scores = [one["protocols"]["strict"] for one in outcome.json["runs"]]
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    (line,) = (one for one in lines if one.startswith(name))
    assert minus in line
    for figure in ("precision", "recall", "f1"):
        assert f" {scores[1]['micro'][figure]:.3f} " in line
    low, high = scores[1]["micro"]["intervals"]["f1"]["percentile"]
    assert f" {low:.3f}{interval}{high:.3f} " in line
    assert f" {scores[1]['macro']['f1']:.3f} " in line
    assert sum(f" {scores[0]['micro']['f1']:.3f} " in one for one in lines) == 1


def test_the_protocol_is_the_one_asked_for_and_intervals_only_where_there_are(
    cli: Cli, run: str
) -> None:
    outcome = cli(
        "score", run, "--json", "--protocol", "token-bio", "--draws", "0", "--table", "a.md"
    )
    heading, _, line = Path("a.md").read_text(encoding="utf-8").splitlines()
    assert heading == "| run | P | R | F1 | macro F1 |"
    assert f" {outcome.json['protocols']['token-bio']['micro']['f1']:.3f} " in line


def test_a_table_of_an_unknown_kind_is_refused_before_anything_is_done(cli: Cli) -> None:
    outcome = cli("score", "no-such-run", "--table", "scores.xlsx")
    assert outcome.code == 2
    assert outcome.err == (
        "nerharness: --table scores.xlsx: no such kind of table: '.xlsx'; "
        "name a file that ends with .csv, .tex, .md\n"
    )


def test_a_table_that_cannot_be_written_says_so(cli: Cli, run: str) -> None:
    Path("file").write_text("", encoding="utf-8")
    outcome = cli("score", run, "--table", "file/a.csv")
    assert outcome.code == 2
    assert "cannot be written" in outcome.err
