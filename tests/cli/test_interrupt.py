"""Ctrl-C: once finishes what is begun, twice stops at once; a run goes on from both."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from nerharness.cli.interrupts import first_interrupt
from nerharness.cli.main import main
from nerharness.runs.engine import WINDOW
from nerharness.types import Completion, Prompt

Cli = Callable[..., Any]
Answering = Callable[[Callable[[Prompt], Completion | str]], list[Prompt]]


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Let SIGINT interrupt even where the tests run in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def capsys(capfd: pytest.CaptureFixture[str]) -> pytest.CaptureFixture[str]:
    """Capture what the handler of a signal writes, too."""
    return capfd


def ids() -> list[str]:
    lines = Path("run/journal.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["id"] for line in lines]


class Pressing:
    """Answers, and presses Ctrl-C so many times when it is asked for this number of times."""

    def __init__(self, at: int, times: int = 1) -> None:
        self.at = at
        self.times = times
        self.asked = 0

    def __call__(self, prompt: Prompt) -> str:
        self.asked += 1
        if self.asked == self.at + 1:
            for _ in range(self.times):
                signal.raise_signal(signal.SIGINT)
        return "[]"


def test_once_finishes_what_the_backend_was_given(
    cli: Cli, answering: Answering, scripted_eval: list[str]
) -> None:
    asked = answering(Pressing(at=1))
    stopped = cli(*scripted_eval, "--limit", "6", "--out", "run")
    assert stopped.code == 130
    assert "finishing the documents that are begun; Ctrl-C again stops at once" in stopped.err
    assert "--resume run" in stopped.err
    assert "Traceback" not in stopped.err
    assert len(ids()) == 6
    asked.clear()
    assert cli(*scripted_eval, "--limit", "6", "--resume", "run").code == 0
    assert asked == []


def test_once_begins_no_other_window(
    cli: Cli, answering: Answering, scripted_eval: list[str]
) -> None:
    flags = [*scripted_eval, "--unit", "window:5"]
    asked = answering(Pressing(at=3))
    assert cli(*flags, "--out", "run").code == 130
    first, done = len(asked), ids()
    assert WINDOW <= first < 2 * WINDOW
    whole = cli(*flags, "--resume", "run", "--json").json
    assert whole["documents"] == {"total": len(ids()), "failed": 0}
    assert len(asked) == whole["outputs"]["total"] > 2 * WINDOW
    assert ids()[: len(done)] == done
    assert len(set(ids())) == len(ids())


def test_once_finishes_the_portion_of_a_backend_that_has_portions(
    cli: Cli, scripted: Any, host: Any, scripted_eval: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = scripted(Pressing(at=2))
    answer_all = backend.generate

    def generate(prompts: Sequence[Prompt]) -> Iterator[tuple[int, Completion]]:
        backend.drained = False
        for index, completion in answer_all(prompts):
            yield index, completion
            if backend.drained and index % 2:
                return

    backend.generate = generate
    backend.drain = lambda: setattr(backend, "drained", True)
    monkeypatch.setattr("nerharness.cli.eval.load_host", lambda: host)
    assert cli(*scripted_eval, "--limit", "9", "--out", "run").code == 130
    assert len(ids()) == 4
    assert cli(*scripted_eval, "--limit", "9", "--resume", "run").code == 0
    assert len(backend.asked) == 9
    assert len(set(ids())) == 9


@pytest.mark.parametrize("at", [0, 1, 4])
def test_twice_stops_at_once(
    cli: Cli, answering: Answering, scripted_eval: list[str], at: int
) -> None:
    asked = answering(Pressing(at=at, times=2))
    stopped = cli(*scripted_eval, "--limit", "6", "--out", "run")
    assert stopped.code == 130
    assert "--resume run" in stopped.err
    assert "Traceback" not in stopped.err
    assert len(asked) == at + 1
    assert len(ids()) == at
    assert cli(*scripted_eval, "--limit", "6", "--resume", "run").code == 0
    assert len(set(ids())) == len(ids()) == 6


def test_a_tagger_ends_with_its_document(
    cli: Cli, tagger_eval: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from nerharness.taggers.gazetteer import Gazetteer

    tag = Gazetteer.tag

    def pressing(self: Gazetteer, documents: Any) -> Iterator[Any]:
        for number, entities in enumerate(tag(self, documents)):
            if number == 2:
                signal.raise_signal(signal.SIGINT)
            yield entities

    monkeypatch.setattr(Gazetteer, "tag", pressing)
    assert cli(*tagger_eval, "--limit", "9", "--out", "run").code == 130
    assert len(ids()) == 3
    monkeypatch.setattr(Gazetteer, "tag", tag)
    assert cli(*tagger_eval, "--limit", "9", "--resume", "run").code == 0
    assert len(set(ids())) == len(ids()) == 9


@pytest.mark.parametrize("times", [1, 2])
def test_what_was_seen_is_recorded_when_a_run_is_stopped(
    cli: Cli,
    scripted: Any,
    host: Any,
    scripted_eval: list[str],
    monkeypatch: pytest.MonkeyPatch,
    times: int,
) -> None:
    scripted(Pressing(at=2, times=times)).observed = {"seen": times}
    monkeypatch.setattr("nerharness.cli.eval.load_host", lambda: host)
    assert cli(*scripted_eval, "--limit", "6", "--out", "run").code == 130
    run = json.loads(Path("run/run.json").read_text(encoding="utf-8"))
    assert run["observed"] == [{"seen": times}]


def test_a_backend_that_hangs_is_left_by_pressing_twice(
    cli: Cli, answering: Answering, scripted_eval: list[str], tmp_path: Path
) -> None:
    """In a process of its own, which is interrupted from outside."""

    def hang(prompt: Prompt) -> str:
        if os.getpid() != parent and Path("run/journal.jsonl").stat().st_size:
            Path("hanging").touch()
            time.sleep(600)
        return "[]"

    parent = os.getpid()
    answering(hang)
    command = [*scripted_eval, "--limit", "3", "--out", "run"]
    child = os.fork()
    if child == 0:
        code = 99
        try:
            os.dup2(os.open("err", os.O_WRONLY | os.O_CREAT), 2)
            sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
            main(command)
        except SystemExit as end:
            code = int(str(end.code))
        finally:
            os._exit(code)
    wait_for(Path("hanging").exists)
    os.kill(child, signal.SIGINT)
    wait_for(lambda: b"Ctrl-C again" in Path("err").read_bytes())
    assert os.waitpid(child, os.WNOHANG) == (0, 0), "it waits for what is under way"
    os.kill(child, signal.SIGINT)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 130
    assert b"--resume run" in Path("err").read_bytes()
    assert len(ids()) == 1
    assert cli(*scripted_eval, "--limit", "3", "--resume", "run").code == 0
    assert len(ids()) == 3


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until it is true; fail after a minute."""
    for _ in range(6000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("waited in vain")


def test_outside_the_main_thread_and_where_it_is_ignored_nothing_changes() -> None:
    def look() -> None:
        with first_interrupt() as came:
            found.append((signal.getsignal(signal.SIGINT), came()))

    found: list[Any] = []
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [(signal.default_int_handler, False)]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with first_interrupt() as came:
        signal.raise_signal(signal.SIGINT)
        assert not came()


def test_the_handler_of_before_is_back_afterwards() -> None:
    with first_interrupt() as came:
        assert not came()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_first_one_is_held_back_though_no_one_reads_stderr(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    write = os.write
    monkeypatch.setattr(os, "write", lambda _, note: write(writing, note))
    with first_interrupt() as came:
        signal.raise_signal(signal.SIGINT)
        assert came()
    os.close(writing)
