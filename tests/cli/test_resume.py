"""`nerharness eval --resume`: whatever stopped a run, the rest of it is done, and nothing twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from nerharness.plugin import Hit, Provider, hookimpl
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


class Heavy:
    """A backend, or a retriever, that takes long to make; notes that it was made."""

    made: ClassVar[list[str]] = []

    def __init__(self, texts: Sequence[str] | None = None) -> None:
        self.identity = {"model": "heavy"}
        self.made.append("backend" if texts is None else "retriever")

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        yield from ((index, Completion("[]", "stop")) for index in range(len(prompts)))

    def retrieve(self, query: str, k: int, /) -> list[Hit]:
        return [Hit(index, 1.0) for index in range(k)]


@pytest.fixture
def heavy(host: Host, answering: Answering, scripted_eval: list[str]) -> list[str]:
    """The command that makes a heavy retriever and then a heavy backend, with a run of it."""
    answering(lambda prompt: "[]")
    Heavy.made.clear()

    @hookimpl
    def nerharness_backends() -> dict[str, Provider]:
        return {"heavy": Provider(Heavy, "takes long to load")}

    @hookimpl
    def nerharness_retrievers() -> dict[str, Provider]:
        return {"heavy": Provider(Heavy, "takes long to load")}

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
    assert Heavy.made == ["retriever", "backend"] * 2


@pytest.mark.parametrize("change", [["--seed", "9"], ["--limit", "5"], ["--shots", "1"]])
def test_other_flags_are_refused_before_anything_is_made(
    cli: Cli, heavy: list[str], change: list[str]
) -> None:
    assert cli(*heavy, "--out", "run").code == 0
    outcome = cli(*heavy, *change, "--resume", "run")
    assert outcome.code == 2
    assert "made differently" in outcome.err
    assert Heavy.made == ["retriever", "backend"]


def test_other_templates_are_refused_before_a_model_is_loaded(cli: Cli, heavy: list[str]) -> None:
    assert cli(*heavy, "--out", "run").code == 0
    Path("mine/question.jinja").write_text("Of: {{ text }}", encoding="utf-8")
    outcome = cli(*heavy, "--resume", "run")
    assert outcome.code == 2
    assert "templates_sha256.question was" in outcome.err
    assert Heavy.made == ["retriever", "backend", "retriever"]
