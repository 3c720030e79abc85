"""`nerharness report`: where the page is written, who may read it, and what is refused."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cli.lacking import drop
from report.kit import check

from nerharness.types import Prompt

Cli = Callable[..., Any]
needs_modes = pytest.mark.skipif(sys.platform == "win32", reason="files have no modes")
FEW = ("--draws", 50)


@pytest.fixture(autouse=True)
def usual(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The usual umask, by which anyone can read what is written, and untouched settings."""
    monkeypatch.setattr("nerharness.runs.protection.go_offline", lambda: None)
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def run(cli: Cli, tagger_eval: list[str]) -> str:
    assert cli(*tagger_eval, "--out", "run").code == 0
    return "run"


def mode(path: str) -> str:
    return stat.filemode(Path(path).stat().st_mode)


def texts(run: str) -> list[str]:
    lines = Path(run, "journal.jsonl").read_text(encoding="utf-8").splitlines()
    return sorted(json.loads(line)["text"] for line in lines)


def page(path: str) -> Any:
    return check(Path(path).read_text(encoding="utf-8"))


def test_a_page_of_a_run_stands_in_its_folder_and_says_what_score_says(cli: Cli, run: str) -> None:
    outcome = cli("report", run, *FEW)
    assert (outcome.code, outcome.out, outcome.err) == (0, f"{Path('run/report.html')}\n", "")
    tree = page("run/report.html")
    assert sorted(tree.texts()) == texts(run)
    figures = cli("score", run, *FEW).out
    cells = [one.text for one in tree.of("td")]
    rows = [
        line.split() for line in figures.splitlines() if line.startswith((" strict ", " sign "))
    ]
    assert len(rows) == 2
    for row in rows:
        at = cells.index(row[0])
        assert cells[at : at + len(row)] == row
    facts = dict(zip(tree.of("dt"), tree.of("dd"), strict=True))
    said = {name.text: value.text for name, value in facts.items()}
    assert said["tagger"] == "gazetteer"
    assert said["split"] == "test"
    assert said["documents"] == "34, failed 0"


def test_scores_come_from_the_journal_alone(cli: Cli, run: str) -> None:
    Path("run/scores.json").write_text("{}")
    assert cli("report", run, *FEW).code == 0
    assert Path("run/scores.json").read_text() == "{}"


def test_figures_by_another_protocol_and_without_intervals(cli: Cli, run: str) -> None:
    assert cli("report", run, "--protocol", "partial", "--draws", 0, "-o", "page.html").code == 0
    titles = [one.text for one in page("page.html").of("figcaption")]
    assert "partial match" in titles
    assert "F1 by partial match" in titles


@needs_modes
def test_only_the_owner_can_read_a_page_with_texts(cli: Cli, run: str) -> None:
    assert cli("report", run, *FEW, "-o", "page.html").code == 0
    assert mode("page.html") == "-rw-------"
    Path("page.html").chmod(0o644)
    assert cli("report", run, *FEW, "-o", "page.html").code == 0
    assert mode("page.html") == "-rw-------", "also where another could be read by anyone"
    assert cli("report", run, *FEW, "--no-text", "-o", "figures.html").code == 0
    assert mode("figures.html") == "-rw-r--r--"


def test_without_text_no_document_is_in_the_page(cli: Cli, run: str) -> None:
    assert cli("report", run, *FEW, "--no-text").code == 0
    content = Path("run/report.html").read_text(encoding="utf-8")
    assert not page("run/report.html").texts()
    assert "test-0" not in content
    assert "Figures only" in content
    assert not [text for text in texts(run) if text[:20] in content]


def test_a_page_of_protected_texts_stands_where_a_mark_protects_it(
    cli: Cli, tagger_eval: list[str]
) -> None:
    assert cli(*tagger_eval, "--protected", "--out", "run").code == 0
    outcome = cli("report", "run", *FEW, "-o", "page.html")
    assert (outcome.code, outcome.out) == (2, "")
    assert "page.html: the texts are protected, and nothing would protect this" in outcome.err
    assert not Path("page.html").exists()
    assert cli("report", "run", *FEW, "--no-text", "-o", "figures.html").code == 0
    assert not page("figures.html").of("p", "protected")
    assert cli("report", "run", *FEW).code == 0
    assert "protected texts" in page("run/report.html").of("p", "protected")[0].text
    Path("safe").mkdir()
    Path("safe/corpus.toml").write_text("protected = true")
    assert cli("report", "run", *FEW, "-o", "safe/page.html").code == 0


@needs_modes
def test_no_link_leads_a_page_of_protected_texts_to_where_nothing_protects_it(
    cli: Cli, tagger_eval: list[str]
) -> None:
    assert cli(*tagger_eval, "--protected", "--out", "run").code == 0
    for folder in ("safe", "open"):
        Path(folder).mkdir()
    Path("safe/corpus.toml").write_text("protected = true")
    Path("open/page.html").symlink_to(Path("safe/page.html").absolute())
    Path("safe/page.html").symlink_to(Path("open/other.html").absolute())
    Path("safe/folder").symlink_to(Path("open").absolute())
    for place in ("open/page.html", "safe/page.html", "safe/folder/x.html"):
        outcome = cli("report", "run", *FEW, "-o", place)
        assert (outcome.code, outcome.out) == (2, ""), place
        assert "the texts are protected" in outcome.err
    assert sorted(one.name for one in Path("open").iterdir()) == ["page.html"]
    Path("way").symlink_to(Path("safe").absolute())
    assert cli("report", "run", *FEW, "-o", "way/x.html").code == 0


def test_one_protected_run_of_several_protects_their_page(
    cli: Cli, run: str, tagger_eval: list[str]
) -> None:
    assert cli(*tagger_eval, "--protected", "--out", "other").code == 0
    outcome = cli("report", run, "other", *FEW, "-o", "page.html")
    assert outcome.code == 2
    assert "the texts are protected" in outcome.err
    assert cli("report", run, "other", *FEW, "-o", "other/page.html").code == 0


def test_a_file_that_is_no_page_is_not_overwritten(cli: Cli, run: str) -> None:
    before = Path("run/journal.jsonl").read_bytes()
    outcome = cli("report", run, *FEW, "-o", "run/journal.jsonl")
    assert (outcome.code, outcome.out) == (2, "")
    assert "-o run/journal.jsonl: is there already, and no page" in outcome.err.replace("\\", "/")
    assert Path("run/journal.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "nowhere: not a run folder"),
        (["run", "two"], "-o: must be given for several runs"),
        (["run", "run", "-o", "x.html"], "'run' is named twice"),
        (["run", "--common"], "--common: is for several runs"),
        (["run", "--transcripts", "--no-text"], "--transcripts: is for the page of one run"),
        (["run", "--transcripts", "--documents", "0"], "--transcripts: is for the page of one run"),
        (["run", "two", "-o", "x.html", "--transcripts"], "--transcripts: is for the page of one"),
        (["run", "two", "-o", "x.html", "--draws", "0"], "--draws 0: several runs are compared"),
        (["run", "-o", "two"], "-o two: is a folder"),
        (["run", "-o", "run/run.json/page.html"], "page.html"),
        (["run", "--protocol", "strickt"], "did you mean 'strict'?"),
        (["empty"], "no document of the run was finished"),
    ],
)
def test_what_cannot_be_written_says_so(
    cli: Cli, run: str, arguments: list[str], message: str
) -> None:
    drop(run, 4, "two")
    Path("empty").mkdir()
    Path("empty/run.json").write_bytes(Path("run/run.json").read_bytes())
    outcome = cli("report", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err
    assert outcome.err.count("\n") == 1
    assert not list(Path().rglob("*.html"))


def test_runs_over_different_documents_are_refused_but_for_what_they_share(
    cli: Cli, run: str
) -> None:
    drop(run, 4, "two")
    journal = Path("two/journal.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:30]))
    outcome = cli("report", run, "two", *FEW, "-o", "page.html")
    assert outcome.code == 2
    assert "two lacks document 'test-031' of run (4 such documents)" in outcome.err
    assert cli("report", run, "two", *FEW, "-o", "page.html", "--common").code == 0
    notes = [one.text for one in page("page.html").of("p", "warning")]
    assert "left out: 4 documents that not all runs have" in notes
    assert "two: 4 documents of the run are missing, and not scored" in notes


def test_runs_beside_each_other_say_what_compare_says(cli: Cli, run: str) -> None:
    drop(run, 4, "two")
    assert cli("report", run, "two", *FEW, "-o", "page.html", "--documents", 3).code == 0
    tree = page("page.html")
    compared = cli("compare", run, "two", "--json", *FEW).json
    shown = [one.text for one in tree.of("h3")][2:]
    assert shown == [one["document"] for one in compared["changed"][:3]]
    difference = compared["contrasts"][0]["protocols"]["strict"]["micro"]["f1"]["difference"]
    assert f"{difference:+.3f}" in [one.text for one in tree.of("td")]


def test_a_page_can_compare_all_with_one_alone(cli: Cli, run: str) -> None:
    for name, every in (("two", 4), ("three", 8)):
        drop(run, every, name)
    outcome = cli("report", run, "two", "three", "--against", "two", "-o", "page.html")
    assert outcome.code == 0, outcome.err
    page = Path("page.html").read_text(encoding="utf-8")
    assert page.count(" minus two: micro F1<") == 2
    assert "minus run" not in page
    assert "Report: two, run and three<" in page


def test_prompts_and_answers_are_in_closed_folds_if_asked_for(
    cli: Cli, answering: Callable[..., Any], scripted_eval: list[str]
) -> None:
    def answer(prompt: Prompt) -> str:
        return '[{"text": "</pre><script>", "label": "sign"}]'

    answering(answer)
    assert cli(*scripted_eval, "--out", "run", "--limit", 2).code == 0
    assert cli("report", "run", *FEW).code == 0
    assert not page("run/report.html").of("details")
    assert "named, but not in the text" in Path("run/report.html").read_text(encoding="utf-8")
    assert cli("report", "run", *FEW, "--transcripts").code == 0
    tree = page("run/report.html")
    assert [one.attributes for one in tree.of("details")] == [{}, {}]
    assert '[{"text": "</pre><script>", "label": "sign"}]' in [
        one.text.removeprefix("\n") for one in tree.of("pre")
    ]
