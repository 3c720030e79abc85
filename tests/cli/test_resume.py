"""`nerharness eval --resume`: whatever stopped a run, the rest of it is done, and nothing twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from strategies.kit import InOrder

from nerharness.plugin import Indexed, Provider, hookimpl
from nerharness.plugin.host import Host
from nerharness.types import Completion, Prompt

Cli = Callable[..., Any]
Answering = Callable[[Callable[[Prompt], Completion | str]], list[Prompt]]
LIMIT = ["--limit", "6"]


def ids() -> list[str]:
    lines = Path("run/journal.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["id"] for line in lines]


class Interrupted:
    """Answers until it has answered so many prompts; then the user presses Ctrl-C, once."""

    def __init__(self, after: int) -> None:
        self.left: int | None = after

    def __call__(self, prompt: Prompt) -> str:
        if self.left == 0:
            self.left = None
            raise KeyboardInterrupt
        if self.left is not None:
            self.left -= 1
        return "[]"


@pytest.mark.parametrize("after", [0, 1, 4])
def test_an_interrupted_run_goes_on_with_exactly_the_missing_documents(
    cli: Cli, answering: Answering, scripted_eval: list[str], after: int
) -> None:
    asked = answering(Interrupted(after))
    stopped = cli(*scripted_eval, *LIMIT, "--out", "run")
    assert stopped.code == 130
    assert "--resume run" in stopped.err
    assert "Traceback" not in stopped.err
    done = ids() if after else []
    assert len(done) == after
    asked.clear()
    finished = cli(*scripted_eval, *LIMIT, "--resume", "run", "--json")
    assert finished.code == 0
    assert len(asked) == 6 - after
    assert finished.json["documents"] == {"total": 6, "failed": 0}
    assert ids()[:after] == done
    assert len(set(ids())) == 6


def test_resuming_a_finished_run_asks_nothing_and_changes_nothing(
    cli: Cli, answering: Answering, scripted_eval: list[str]
) -> None:
    asked = answering(lambda prompt: "[]")
    first = cli(*scripted_eval, *LIMIT, "--out", "run", "--json")
    files = {file: file.read_bytes() for file in Path("run").iterdir()}
    asked.clear()
    again = cli(*scripted_eval, *LIMIT, "--resume", "run", "--json")
    assert (again.code, again.json) == (0, first.json)
    assert asked == []
    assert {file: file.read_bytes() for file in Path("run").iterdir()} == files


@pytest.mark.parametrize("cut", [1, 30, 300])
def test_a_document_whose_line_was_torn_is_done_again(
    cli: Cli, answering: Answering, scripted_eval: list[str], cut: int
) -> None:
    asked = answering(lambda prompt: "[]")
    cli(*scripted_eval, *LIMIT, "--out", "run")
    before = ids()
    journal = Path("run/journal.jsonl")
    journal.write_bytes(journal.read_bytes()[:-cut])
    asked.clear()
    assert cli(*scripted_eval, *LIMIT, "--resume", "run").code == 0
    assert len(asked) == 1
    assert ids() == before


def failed() -> list[str]:
    lines = Path("run/journal.jsonl").read_text(encoding="utf-8").splitlines()
    return [record["id"] for record in map(json.loads, lines) if record["error"]]


class Moody:
    """Answers every prompt but those whose numbers are among `errs`, counted from 1."""

    def __init__(self, *errs: int) -> None:
        self.errs = set(errs)
        self.asked = 0

    def __call__(self, prompt: Prompt) -> Completion | str:
        self.asked += 1
        if self.asked in self.errs:
            return Completion("", "error", error="the quota is spent")
        word = prompt.messages[-1].content.split()[1]
        return json.dumps([{"text": word, "label": "sign"}])


def test_failed_documents_are_asked_again_and_leave_no_trace_in_the_scores(
    cli: Cli, answering: Answering, scripted_eval: list[str]
) -> None:
    asked = answering(Moody(8, 11, 12))
    whole = cli(*scripted_eval, *LIMIT, "--out", "whole", "--json").json
    first = cli(*scripted_eval, *LIMIT, "--out", "run")
    assert first.code == 1
    assert "to ask failed documents again: --resume run --retry-failed" in first.out
    errors = failed()
    assert len(errors) == 3
    before = Path("run/journal.jsonl").read_bytes()
    asked.clear()
    again = cli("eval", "--resume", "run", "--retry-failed", "--json")
    assert (again.code, len(asked)) == (0, 3)
    assert "--retry-failed" not in again.err
    assert {**again.json, "seconds": 0} == {**whole, "seconds": 0}
    assert Path("run/journal.jsonl").read_bytes().startswith(before), "the journal only grows"
    assert ids()[6:] == errors
    score = cli("score", "run", "--json").json
    assert {**score, "seconds": 0} == {**whole, "seconds": 0}
    asked.clear()
    assert cli("eval", "--resume", "run", "--retry-failed").code == 0
    assert asked == [], "what has not failed is finished"


def test_what_fails_again_is_failed_and_can_be_asked_once_more(
    cli: Cli, answering: Answering, scripted_eval: list[str]
) -> None:
    answering(Moody(1, 2, 7))
    assert cli(*scripted_eval, *LIMIT, "--out", "run").code == 1
    outcome = cli("eval", "--resume", "run", "--retry-failed", "--json")
    assert (outcome.code, outcome.json["documents"]) == (1, {"total": 6, "failed": 1})
    outcome = cli("eval", "--resume", "run", "--retry-failed", "--json")
    assert (outcome.code, outcome.json["documents"]) == (0, {"total": 6, "failed": 0})


@pytest.mark.parametrize("cut", [1, 30, 300])
def test_a_second_attempt_that_is_broken_off_leaves_the_first(
    cli: Cli, answering: Answering, scripted_eval: list[str], cut: int
) -> None:
    asked = answering(Moody(2, 5))
    cli(*scripted_eval, *LIMIT, "--out", "run")
    cli("eval", "--resume", "run", "--retry-failed")
    journal = Path("run/journal.jsonl")
    journal.write_bytes(journal.read_bytes()[:-cut])
    asked.clear()
    outcome = cli("eval", "--resume", "run", "--json")
    assert (outcome.code, asked) == (1, [])
    assert outcome.json["documents"] == {"total": 6, "failed": 1}
    outcome = cli("eval", "--resume", "run", "--retry-failed", "--json")
    assert (outcome.code, len(asked)) == (0, 1)
    assert outcome.json["documents"] == {"total": 6, "failed": 0}


def test_who_interrupts_a_second_attempt_is_told_how_to_go_on_with_it(
    cli: Cli, answering: Answering, scripted_eval: list[str]
) -> None:
    answers = iter([Moody(1, 2, 3)] * 6)
    answering(lambda prompt: next(answers, Interrupted(0))(prompt))
    cli(*scripted_eval, *LIMIT, "--out", "run")
    stopped = cli("eval", "--resume", "run", "--retry-failed")
    assert stopped.code == 130
    assert "stopped; go on with: --resume run --retry-failed" in stopped.err


def test_without_a_run_there_is_nothing_to_retry(cli: Cli, scripted_eval: list[str]) -> None:
    outcome = cli(*scripted_eval, "--retry-failed")
    assert outcome.code == 2
    assert "--retry-failed needs --resume" in outcome.err
    assert not Path("runs").exists()


def test_a_run_that_was_killed_before_its_first_document_goes_on(
    cli: Cli, tagger_eval: list[str]
) -> None:
    cli(*tagger_eval, *LIMIT, "--out", "run")
    Path("run/journal.jsonl").unlink()
    Path("run/scores.json").unlink()
    outcome = cli(*tagger_eval, *LIMIT, "--resume", "run", "--json")
    assert outcome.json["documents"]["total"] == 6


def test_a_run_in_two_parts_scores_like_a_run_in_one(cli: Cli, tagger_eval: list[str]) -> None:
    whole = cli(*tagger_eval, "--out", "whole", "--json").json
    cli(*tagger_eval, "--out", "run")
    journal = Path("run/journal.jsonl")
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:10]))
    parts = cli(*tagger_eval, "--resume", "run", "--json").json
    assert {**parts, "seconds": 0} == {**whole, "seconds": 0}


def test_the_folder_alone_is_enough_to_go_on(
    cli: Cli, answering: Answering, scripted_eval: list[str]
) -> None:
    asked = answering(Interrupted(2))
    flags = ["--strategy", "few-shot", "--retriever", "random", "--shots", "2", "--seed", "5"]
    assert cli(*scripted_eval, *LIMIT, *flags, "--out", "run").code == 130
    asked.clear()
    finished = cli("eval", "--resume", "run", "--show", "0", "--json")
    assert (finished.code, finished.json["documents"]) == (0, {"total": 6, "failed": 0})
    assert len(asked) == 4
    assert all(len(prompt.messages) == 6 for prompt in asked), "two demonstrations each"


RUN = ["--strategy", "few-shot", "--retriever", "random", "--shots", "2", "--seed", "5"]


@pytest.mark.parametrize(
    "flags",
    [
        ["--limit", "6"],
        ["--shots", "2", "--seed", "5"],
        ["--strategy", "few-shot"],
        ["--split", "test", "--corpus", "sample"],
        ["--config", "run.toml"],
    ],
)
def test_a_flag_with_the_value_of_the_run_is_no_difference(
    cli: Cli, answering: Answering, scripted_eval: list[str], flags: list[str]
) -> None:
    Path("run.toml").write_text('limit = 6\nstrategy = "few-shot"\nshots = 2')
    answering(Interrupted(2))
    assert cli(*scripted_eval, *LIMIT, *RUN, "--out", "run").code == 130
    finished = cli("eval", "--resume", "run", *flags, "--json")
    assert (finished.code, finished.json["documents"]) == (0, {"total": 6, "failed": 0})


@pytest.mark.parametrize("variables", [{"SEED": "0"}, {"SEED": "7"}, {"LIMIT": "6", "SHOTS": "1"}])
def test_a_variable_that_stays_as_it_was_is_no_difference(
    cli: Cli,
    answering: Answering,
    scripted_eval: list[str],
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"NERHARNESS_{name}", value)
    answering(lambda prompt: "[]")
    flags = ["--strategy", "few-shot", "--retriever", "random"]
    assert cli(*scripted_eval, *LIMIT, *flags, "--out", "run").code == 0
    assert cli("eval", "--resume", "run").code == 0


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (["--limit", "5"], "spec.limit was 6, is 5"),
        (["--shots", "3"], "spec.plugins.strategies.options.shots was 2, is 3"),
        (["--seed", "0", "--limit", "6"], "spec.seed was 5, is 0"),
        (["--format", "bio"], "spec.plugins.formats.name was 'json', is 'bio'"),
    ],
)
def test_what_differs_from_the_run_is_named_and_nothing_else(
    cli: Cli, answering: Answering, scripted_eval: list[str], flags: list[str], named: str
) -> None:
    answering(lambda prompt: "[]")
    assert cli(*scripted_eval, *LIMIT, *RUN, "--out", "run").code == 0
    outcome = cli("eval", "--resume", "run", *flags)
    assert outcome.code == 2
    assert f"made differently: {named}; give the flags of that run" in outcome.err


def test_another_plugin_is_named_not_the_options_of_the_one_before(
    cli: Cli, answering: Answering, scripted_eval: list[str]
) -> None:
    answering(lambda prompt: "[]")
    assert cli(*scripted_eval, *LIMIT, *RUN, "--out", "run").code == 0
    outcome = cli("eval", "--resume", "run", "--strategy", "zero-shot")
    assert outcome.code == 2
    assert "spec.plugins.strategies.name was 'few-shot', is 'zero-shot'" in outcome.err
    outcome = cli("eval", "--resume", "run", "--tagger", "gazetteer", "--strategy", "few-shot")
    assert "--strategy: not used with --tagger gazetteer" in outcome.err


class HeavyBackend:
    """Takes long to make; notes that it was made."""

    def __init__(self) -> None:
        self.identity = {"model": "heavy"}
        MADE.append("backend")

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        yield from ((index, Completion("[]", "stop")) for index in range(len(prompts)))


class HeavyRetriever:
    """Takes long to make; notes that it was made."""

    def __init__(self) -> None:
        MADE.append("retriever")

    def index(self, items: Sequence[Indexed], /) -> InOrder:
        return InOrder(items)


MADE: list[str] = []


@pytest.fixture
def heavy(host: Host, answering: Answering, scripted_eval: list[str]) -> list[str]:
    """The command that makes a heavy retriever and then a heavy backend, with a run of it."""
    answering(lambda prompt: "[]")
    MADE.clear()

    @hookimpl
    def nerharness_backends() -> dict[str, Provider]:
        return {"heavy": Provider(HeavyBackend, "takes long to load")}

    @hookimpl
    def nerharness_retrievers() -> dict[str, Provider]:
        return {"heavy": Provider(HeavyRetriever, "takes long to load")}

    module = SimpleNamespace(
        nerharness_backends=nerharness_backends, nerharness_retrievers=nerharness_retrievers
    )
    host.register(module, package="heavy")
    Path("mine").mkdir()
    Path("mine/question.jinja").write_text("About: {{ text }}", encoding="utf-8")
    own = ["--backend", "heavy", "--retriever", "heavy", "--strategy", "few-shot"]
    return [*scripted_eval, *own, "--templates", "mine", *LIMIT]


def test_what_does_not_change_is_gone_on_with(cli: Cli, heavy: list[str]) -> None:
    assert cli(*heavy, "--out", "run").code == 0
    assert cli(*heavy, "--resume", "run").code == 0
    assert MADE == ["retriever", "backend"] * 2


@pytest.mark.parametrize("change", [["--seed", "9"], ["--limit", "5"], ["--shots", "1"]])
def test_other_flags_are_refused_before_anything_is_made(
    cli: Cli, heavy: list[str], change: list[str]
) -> None:
    assert cli(*heavy, "--out", "run").code == 0
    outcome = cli(*heavy, *change, "--resume", "run")
    assert outcome.code == 2
    assert "made differently" in outcome.err
    assert MADE == ["retriever", "backend"]


def test_other_templates_are_refused_before_a_model_is_loaded(cli: Cli, heavy: list[str]) -> None:
    assert cli(*heavy, "--out", "run").code == 0
    Path("mine/question.jinja").write_text("Of: {{ text }}", encoding="utf-8")
    outcome = cli(*heavy, "--resume", "run")
    assert outcome.code == 2
    assert "templates_sha256.question was" in outcome.err
    assert MADE == ["retriever", "backend", "retriever"]
