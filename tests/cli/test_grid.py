"""`nerharness grid`: runs by a file, each as eval makes it, and one table."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from backends.server import Server, refused, said
from backends.talking import KEY

from nerharness.cli import grid_runs
from nerharness.cli.grid_orders import orders_of
from nerharness.journal import Writer
from nerharness.plugin.host import Host
from nerharness.runs import plan
from nerharness.runs.grid import SITTINGS, Variant

Cli = Callable[..., Any]

GRID = """
corpus = "sample"
limit = 6

[[runs]]
tagger = "gazetteer"
least-share = [0.1, 0.9]
"""
LOW, HIGH = "least-share-0.1", "least-share-0.9"


@pytest.fixture
def capsys(capfd: pytest.CaptureFixture[str]) -> pytest.CaptureFixture[str]:
    """Capture what the runs write, too."""
    return capfd


@pytest.fixture
def grid(cli: Cli) -> Path:
    file = Path("grid.toml")
    file.write_text(GRID)
    return file


class Watched:
    """Evaluates as the command does, and keeps what it was asked."""

    def __init__(self, evaluate: Callable[..., int]) -> None:
        self.asked: list[list[str]] = []
        self._evaluate = evaluate

    def __call__(self, words: Iterator[str], environment: Any) -> int:
        self.asked.append(list(words))
        return self._evaluate(iter(self.asked[-1]), environment)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    found = Watched(grid_runs._evaluate)
    monkeypatch.setattr(grid_runs, "_evaluate", found)
    return found


def ending(monkeypatch: pytest.MonkeyPatch, *codes: int) -> None:
    """Let the runs end with these codes, one after the other, with nothing done."""
    left = list(codes)
    monkeypatch.setattr(grid_runs, "_evaluate", lambda *_: left.pop(0))


def test_each_run_is_what_eval_makes_of_its_flags(cli: Cli, grid: Path) -> None:
    outcome = cli("grid", grid, "--out", "all", "--json", "--table", "all.csv")
    assert outcome.code == 0, outcome.err
    flags = ("--tagger", "gazetteer", "--limit", 6)
    for found, share in zip(outcome.json["runs"], ("0.1", "0.9"), strict=True):
        alone = cli("eval", *flags, "--least-share", share, "--out", share, "--json").json
        assert found["name"] == f"least-share-{share}"
        assert found["folder"] == f"all/least-share-{share}"
        assert found["settings"]["least_share"] == float(share)
        assert {**found["scores"], "seconds": 0} == {**alone, "seconds": 0}
    assert Path("all/grid.toml").read_text() == GRID
    assert LOW in Path("all.csv").read_text()


def test_the_tables_have_a_row_for_each_run_and_the_best_is_bold(cli: Cli, grid: Path) -> None:
    outcome = cli("grid", grid, "--out", "all")
    scores = {
        name: json.loads(Path("all", name, "scores.json").read_text()) for name in (LOW, HIGH)
    }
    for name, value in scores.items():
        micro, macro = (value["protocols"]["strict"][row] for row in ("micro", "macro"))
        (line,) = [line for line in outcome.out.splitlines() if name in line and "–" in line]
        cells = line.split()
        assert cells[:4] == [
            name, *(f"{micro[figure]:.3f}" for figure in ("precision", "recall", "f1"))
        ]  # fmt: skip
        assert cells[-1] == f"{macro['f1']:.3f}"
    assert "sample, test, 6 documents: F1 by strict match" in outcome.out
    assert "1 of 2: least-share-0.1" in outcome.err
    exact = cli("grid", "--resume", "all", "--protocol", "exact").out
    assert "sample, test, 6 documents: exact match" in exact


MEANS = """
corpus = "sample"
limit = 12
[[runs]]
tagger = "gazetteer"
protected = [true, false]
seed = [0, 1, 2]
[[runs]]
name = "other"
tagger = "gazetteer"
"""


def test_runs_that_differ_in_one_setting_are_averaged(cli: Cli, grid: Path) -> None:
    grid.write_text(MEANS)
    shown = cli("grid", grid, "--out", "all").out
    about = "sample, test, 12 documents: strict match"
    first, _, rest = shown.partition(f"{about} ")
    assert first.startswith(f"{about}, mean ± deviation over seed")
    cells = re.findall(r"(0\.\d{3}) ± 0\.000", first)
    assert len(cells) == 2 * (3 + 1 + 5), "P, R, F1, macro F1 and each label's"
    assert len(re.findall(r"^ (no-)?protected +3 +0", first, re.MULTILINE)) == 2
    assert "mean" not in rest
    found = cli("grid", "--resume", "all", "--protocol", "exact", "--json").json
    assert found["over"] == "seed"
    assert [one["name"] for one in found["means"]] == ["protected", "no-protected"]
    for mean in found["means"]:
        assert mean["runs"] == [f"{mean['name']}-seed-{n}" for n in range(3)]
        scores = found["runs"][0]["scores"]["protocols"]["exact"]["micro"]
        assert mean["micro"]["f1"] == {"mean": pytest.approx(scores["f1"]), "deviation": 0}


def test_what_to_average_over_is_a_key_of_the_file(cli: Cli, grid: Path) -> None:
    outcome = cli("grid", grid, "--out", "all", "--mean-over", "least-share")
    assert "mean ± deviation over least_share" in outcome.out
    assert "mean" not in cli("grid", "--resume", "all").out, "no run has another seed"
    outcome = cli("grid", "--resume", "all", "--mean-over", "shots")
    assert outcome.code == 2
    assert "all/grid.toml: --mean-over shots: no run has it" in outcome.err


def test_what_is_finished_is_not_done_again_and_more_can_be_asked(
    cli: Cli, grid: Path, watched: Watched
) -> None:
    grid.write_text(GRID.replace("0.1, 0.9", "0.9"))
    assert cli("grid", grid, "--out", "all").code == 0
    before = Path("all", "least-share-0.9", "journal.jsonl").read_bytes()
    watched.asked.clear()
    grid.write_text(GRID)
    outcome = cli("grid", grid, "--resume", "all", "--json")
    assert [words[-2] for words in watched.asked] == [f"--out=all/{LOW}"]
    assert "finished before" in outcome.err
    assert [one["name"] for one in outcome.json["runs"] if one["scores"]] == [LOW, HIGH]
    assert Path("all", "least-share-0.9", "journal.jsonl").read_bytes() == before
    assert Path("all/grid.toml").read_text() == GRID, "the copy is of what was asked last"


def test_a_run_that_was_cut_off_goes_on(cli: Cli, grid: Path, watched: Watched) -> None:
    assert cli("grid", grid, "--out", "all").code == 0
    journal = Path("all", LOW, "journal.jsonl")
    lines = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join(lines[:2]) + lines[2][:40])
    watched.asked.clear()
    assert cli("grid", "--resume", "all").code == 0
    assert [words[-2:] for words in watched.asked] == [[f"--resume=all/{LOW}", "--quiet"]]
    assert journal.read_text().splitlines(keepends=True)[:2] == lines[:2]
    assert len(journal.read_text().splitlines()) == 6


def test_a_run_that_was_made_differently_is_refused_before_any_other(
    cli: Cli, grid: Path, watched: Watched
) -> None:
    assert cli("grid", grid, "--out", "all").code == 0
    watched.asked.clear()
    grid.write_text(GRID.replace("limit = 6", "limit = 7"))
    outcome = cli("grid", grid, "--resume", "all")
    assert outcome.code == 2
    assert "spec.limit was 6, is 7" in outcome.err
    assert not watched.asked
    assert Path("all/grid.toml").read_text() == GRID


@pytest.mark.parametrize(
    ("codes", "code"), [((2, 0), 2), ((-9, 0), 70), ((0, 70), 70), ((0, 0), 0), ((1, 0), 1)]
)
def test_a_run_that_fails_does_not_end_the_others(
    cli: Cli, grid: Path, monkeypatch: pytest.MonkeyPatch, codes: tuple[int, int], code: int
) -> None:
    ending(monkeypatch, *codes)
    outcome = cli("grid", grid, "--out", "all")
    assert outcome.code == code
    assert "2 of 2" in outcome.err
    assert f"unfinished  {LOW}: 0 of 6 documents" in outcome.err
    assert "go on with: nerharness grid --resume all" in outcome.err
    if codes[0] == -9:
        assert f"{LOW}: was killed by SIGKILL" in outcome.err


def test_an_interrupted_run_ends_the_grid(
    cli: Cli, grid: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending(monkeypatch, 130)
    outcome = cli("grid", grid, "--out", "all")
    assert outcome.code == 130
    assert "2 of 2" not in outcome.err
    assert "go on with: nerharness grid --resume all" in outcome.err


def test_many_runs_that_are_not_begun_are_counted(
    cli: Cli, grid: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending(monkeypatch, 130)
    grid.write_text(GRID.replace("[0.1, 0.9]", "[0.1, 0.2, 0.3, 0.4, 0.5, 0.6]"))
    outcome = cli("grid", grid, "--out", "all")
    assert "unfinished  6 runs of which no document is finished" in outcome.err
    assert "0 of 6 documents" not in outcome.err


def test_ctrl_c_during_a_run_that_ends_well_ends_the_grid_after_it(
    cli: Cli, grid: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def pressing(*_: Any) -> int:
        signal.raise_signal(signal.SIGINT)
        return 0

    monkeypatch.setattr(grid_runs, "_evaluate", pressing)
    try:
        outcome = cli("grid", grid, "--out", "all")
    finally:
        signal.signal(signal.SIGINT, before)
    assert outcome.code == 130
    assert "2 of 2" not in outcome.err


def test_a_process_that_is_told_to_end_takes_its_run_with_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The run writes its number and sleeps; the grid is interrupted while it waits for it."""
    sleeper = tmp_path / "sleeper"
    sleeper.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(60)\n")
    sleeper.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(sleeper))
    started = []

    class Popen(grid_runs.subprocess.Popen):  # type: ignore[type-arg, name-defined, misc]
        def wait(self, timeout: float | None = None) -> int:
            if not started:
                started.append(self)
                raise KeyboardInterrupt
            return int(super().wait(timeout))

    monkeypatch.setattr(grid_runs.subprocess, "Popen", Popen)
    with pytest.raises(KeyboardInterrupt):
        grid_runs._evaluate(iter([]), os.environ)
    assert started[0].returncode == -signal.SIGTERM


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ('strategi = "rag"', "unknown setting 'strategi'; did you mean 'strategy'?"),
        ('out = "x"', "unknown setting 'out'"),
        ("max-cost = 3", "unknown setting 'max_cost'"),
        ('config = "x.toml"', "unknown setting 'config'"),
        ("confidence = 1", "confidence: 1 is not true or false"),
        ('limit = "few"', "'few' is not a valid integer"),
        ('tagger = "none"', "grid.toml, run least-share-0.1: unknown tagger 'none'"),
        ('strategy = "zero-shot"', "--strategy: not used with --tagger gazetteer"),
        ("shots = 3", "--shots: not an option of this run"),
        ('corpus = "nowhere"', "nowhere"),
        ('split = "none"', "none"),
    ],
)
def test_what_no_run_can_be_made_of_is_said_before_any(
    cli: Cli, grid: Path, watched: Watched, change: str, fault: str
) -> None:
    key = change.split()[0]
    kept = [line for line in GRID.splitlines() if not line.startswith(f"{key} ")]
    grid.write_text("\n".join([*kept, change]))
    outcome = cli("grid", grid, "--out", "all")
    assert outcome.code == 2
    assert fault in outcome.err
    assert not watched.asked
    assert not Path("all").exists()


def test_where_a_setting_is_wrong_is_said(cli: Cli, grid: Path) -> None:
    grid.write_text(GRID.replace("[0.1, 0.9]", '[0.1, "most"]'))
    outcome = cli("grid", grid, "--out", "all")
    assert "grid.toml, run most: --least-share: 'most' is not a number" in outcome.err


@pytest.mark.parametrize(
    ("flags", "fault"),
    [
        ([], "name GRID.toml, or a folder to go on with by --resume"),
        (["grid.toml", "--out", "a", "--resume", "b"], "--out and --resume exclude each other"),
        (["grid.toml", "--retry-failed"], "--retry-failed needs --resume"),
        (["grid.toml", "--max-cost", "0"], "--max-cost must be above 0"),
        (["grid.toml", "--out", "."], "not an empty folder; choose another --out"),
        (["--resume", "."], ".: not a grid's folder: no grid.toml in it"),
        (["none.toml"], "none.toml: cannot be read"),
        (["grid.toml", "--protocol", "none"], "none"),
        (["grid.toml", "--table", "x.docx"], "no such kind of table"),
    ],
)
def test_flags_that_do_not_fit_are_refused(
    cli: Cli, grid: Path, watched: Watched, flags: list[str], fault: str
) -> None:
    if "--resume" in flags and len(flags) == 2:
        grid.rename("other.toml")
    outcome = cli("grid", *flags)
    assert outcome.code == 2
    assert fault in outcome.err
    assert not watched.asked


def test_flags_of_the_file_win_over_the_environment(
    cli: Cli, grid: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NERHARNESS_LIMIT", "1")
    monkeypatch.setenv("NERHARNESS_OUT", "elsewhere")
    monkeypatch.setenv("NERHARNESS_LEAST_SHARE", "0.5")
    outcome = cli("grid", grid, "--json")
    assert outcome.code == 0, outcome.err
    assert [one["scores"]["documents"]["total"] for one in outcome.json["runs"]] == [6, 6]
    assert outcome.json["runs"][1]["folder"] == f"elsewhere/{HIGH}"


def test_a_config_file_is_for_all_runs_and_the_grid_wins(cli: Cli, grid: Path) -> None:
    Path("shared.toml").write_text('split = "dev"\nlimit = 2\nleast-share = 0.5\n')
    outcome = cli("grid", grid, "--config", "shared.toml", "--out", "all", "--json")
    assert outcome.code == 0, outcome.err
    specs = [
        json.loads(Path(one["folder"], "run.json").read_text())["spec"]
        for one in outcome.json["runs"]
    ]
    assert [(spec["split"], spec["limit"]) for spec in specs] == [("dev", 6)] * 2
    assert [spec["plugins"]["taggers"]["options"]["least_share"] for spec in specs] == [0.1, 0.9]
    refused = cli("grid", "--resume", "all")
    assert refused.code == 2
    assert "spec.split was 'dev', is 'test'" in refused.err


def test_runs_do_not_get_what_is_said_to_the_grid(
    cli: Cli, grid: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NERHARNESS_JSON", "1")
    outcome = cli("grid", grid, "--out", "all", "--json")
    assert [bool(one["scores"]) for one in outcome.json["runs"]] == [True, True]
    assert '"schema"' not in outcome.err


def test_a_protected_run_takes_the_network_from_no_other(
    cli: Cli, grid: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    os.environ.pop("TRANSFORMERS_OFFLINE", None)
    given = []
    monkeypatch.setattr(grid_runs, "_evaluate", lambda _, environ: given.append(environ) or 0)
    grid.write_text(GRID.replace("limit = 6", "limit = 6\nprotected = [true, false]"))
    cli("grid", grid, "--out", "all")
    assert os.environ["TRANSFORMERS_OFFLINE"] == "1", "in this process, which reads the corpus"
    assert ["TRANSFORMERS_OFFLINE" in environ for environ in given] == [False] * 4


def test_yes_and_no_are_flags_of_their_own(host: Host) -> None:
    settings = {"tagger": "encoder", "model": "m", "viterbi": False, "protected": False}
    (order,) = orders_of([Variant(settings, {})], "grid.toml", host)
    assert order.words == ("--tagger=encoder", "--model=m", "--no-viterbi")
    assert order.spec.options["viterbi"] is False
    (order,) = orders_of([Variant({**settings, "protected": True}, {})], "grid.toml", host)
    assert order.words[-1] == "--protected"


def test_corpora_have_tables_of_their_own(cli: Cli, grid: Path) -> None:
    grid.write_text(GRID.replace("limit = 6", 'limit = 4\nsplit = ["dev", "test"]'))
    outcome = cli("grid", grid, "--out", "all")
    for split in ("dev", "test"):
        assert f"sample, {split}, 4 documents: strict match" in outcome.out
        assert f"{split}-least-share-0.1" in outcome.out


def test_a_plan_counts_what_each_run_would_ask(
    cli: Cli, grid: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    count = plan._counter
    monkeypatch.setattr(plan, "_counter", lambda *given: made.append(given) or count(*given))
    grid.write_text(
        'limit = 2\n[[runs]]\nbackend = "replay"\nrecorded = "x"\nstrategy = "zero-shot"\n'
        'format = ["json", "lines"]\n[[runs]]\ntagger = "gazetteer"\n'
    )
    found = cli("grid", grid, "--plan", "--json").json["runs"]
    flags = ("--backend", "replay", "--recorded", "x", "--strategy", "zero-shot")
    assert len(made) == 1, "a tokenizer takes seconds, and both runs have the same"
    alone = cli("plan", *flags, "--format", "lines", "--limit", "2", "--json")
    assert [one["name"] for one in found] == ["json", "lines", "gazetteer"]
    assert {**found[1]["plan"], "shown": 0} == {**alone.json, "shown": 0}
    assert found[2]["plan"] is None
    table = cli("grid", grid, "--plan").out
    whole = sum(one["plan"]["prompt_tokens"] for one in found[:2])
    assert f"{whole:,}" in table
    assert not Path("runs").exists()


ASKING = """
backend = "openai"
limit = 7
unit = "document"
strategy = "zero-shot"
price-in = 100000
price-out = 100000
concurrency = 1
retries = 0
format = ["json", "lines"]
"""
"""Each answer costs a dollar; seven are asked for in each run."""


@pytest.fixture
def server(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Says what is wanted of it, until it is told otherwise."""
    pytest.importorskip("openai")
    Path("grid.toml").write_text(ASKING)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with Server(lambda _: said("[]")) as running:
        monkeypatch.setenv("OPENAI_BASE_URL", running.url)
        yield running


def test_max_cost_is_that_of_all_runs(cli: Cli, server: Server) -> None:
    stopped = cli("grid", "grid.toml", "--out", "all", "--max-cost", "10", "--json")
    assert (stopped.code, len(server.asked)) == (130, 10)
    assert [bool(one["scores"]) for one in stopped.json["runs"]] == [True, False]
    assert "unfinished  lines: 3 of 7 documents" in stopped.err
    again = cli("grid", "--resume", "all", "--max-cost", "10")
    assert (again.code, len(server.asked)) == (130, 10)
    more = cli("grid", "--resume", "all", "--max-cost", "20", "--json")
    assert (more.code, len(server.asked)) == (0, 14)
    assert KEY not in more.err + stopped.err


def test_failed_documents_are_asked_again_if_that_is_wanted(cli: Cli, server: Server) -> None:
    answer = server.script
    server.script = lambda request: (
        refused(400, "no") if len(server.asked) % 7 == 3 else answer(request)
    )
    first = cli("grid", "grid.toml", "--out", "all")
    assert first.code == 1
    assert "to ask failed documents again: nerharness grid --resume all --retry-failed" in first.err
    server.script = answer
    server.asked.clear()
    assert cli("grid", "--resume", "all").code == 1, "they are finished"
    assert not server.asked
    again = cli("grid", "--resume", "all", "--retry-failed", "--json")
    assert (again.code, len(server.asked)) == (0, 2)
    assert [one["scores"]["documents"]["failed"] for one in again.json["runs"]] == [0, 0]


def test_what_a_config_file_may_not_say_is_refused(cli: Cli, server: Server) -> None:
    """Each run alone would spend that much."""
    Path("shared.toml").write_text("max-cost = 8\n")
    outcome = cli("grid", "grid.toml", "--config", "shared.toml", "--out", "all")
    assert outcome.code == 2
    assert "max_cost: not for a file of flags of many runs" in outcome.err
    assert not server.asked


def test_max_cost_holds_until_another_is_given(cli: Cli, server: Server) -> None:
    Path("grid.toml").write_text(ASKING.replace('"json", "lines"', '"json"'))
    assert cli("grid", "grid.toml", "--out", "all", "--max-cost", "10").code == 0
    Path("grid.toml").write_text(ASKING)
    stopped = cli("grid", "grid.toml", "--resume", "all")
    assert (stopped.code, len(server.asked)) == (130, 10)


def test_what_runs_spent_that_are_in_no_file_any_more_is_spent(cli: Cli, server: Server) -> None:
    Path("grid.toml").write_text(ASKING.replace('"json", "lines"', '"json"'))
    assert cli("grid", "grid.toml", "--out", "all").code == 0
    Path("grid.toml").write_text(ASKING.replace('"json", "lines"', '"lines"'))
    stopped = cli("grid", "grid.toml", "--resume", "all", "--max-cost", "9")
    assert (stopped.code, len(server.asked)) == (130, 9)
    none = cli("grid", "grid.toml", "--resume", "all", "--max-cost", "7")
    assert (none.code, len(server.asked)) == (130, 9)
    assert "$7 is spent; to go on, give a higher one" in none.err


def test_two_processes_do_not_work_on_one_grid(cli: Cli, grid: Path, watched: Watched) -> None:
    Path("all").mkdir()
    with closing(Writer(Path("all", SITTINGS))):
        outcome = cli("grid", grid, "--resume", "all")
    assert outcome.code == 2
    assert "another process is writing to it" in outcome.err
    assert not watched.asked
    assert not Path("all", "grid.toml").exists()


def test_runs_of_other_documents_of_a_corpus_have_tables_of_their_own(cli: Cli, grid: Path) -> None:
    grid.write_text('limit = [3, 4]\ntagger = "gazetteer"\n')
    outcome = cli("grid", grid, "--out", "all")
    for limit in (3, 4):
        assert f"sample, test, {limit} documents: strict match" in outcome.out


def test_the_tables_of_the_results_are_made_of_a_grid(cli: Cli, grid: Path) -> None:
    scores = cli("grid", grid, "--out", "all", "--json").json["runs"][0]["scores"]
    words = [sys.executable, "-m", "benchmarks.results", str(Path("all").absolute())]
    root = Path(__file__).parents[2]
    printed = subprocess.run(words, cwd=root, capture_output=True, text=True, check=True).stdout
    f1 = f"{scores['protocols']['strict']['micro']['f1']:.3f}"
    (row,) = [line.split(" | ") for line in printed.splitlines() if line.startswith(f"| {LOW} ")]
    assert row[3] == f1
    assert f"| {HIGH} " in printed
    assert "Not measured" not in printed
