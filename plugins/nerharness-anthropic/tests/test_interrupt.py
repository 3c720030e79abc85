"""Ctrl-C while the server gives no answer: a run in a process of its own, which then goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from scripted import Request, Server, said

pytest.importorskip("anthropic", reason="needs anthropic")

AT_ONCE, DOCUMENTS = 3, 7
COMMAND = [sys.executable, "-m", "nerharness", "eval"]
FLAGS = ["--backend", "anthropic", "--model", "claude-tiny", "--strategy", "zero-shot"]
SIZES = ["--unit", "document", "--limit", str(DOCUMENTS), "--concurrency", str(AT_ONCE)]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    """A server that processes find by the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NERHARNESS_PLUGINS", "anthropic")
    monkeypatch.setenv("NERHARNESS_CACHE", str(tmp_path / "cache"))
    with Server() as running:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", running.url)
        yield running


@pytest.fixture
def run(server: Server) -> Iterator[subprocess.Popen[str]]:
    """A run that has as many requests under way as it may."""
    with Path("err").open("w") as err:
        begun = subprocess.Popen(
            [*COMMAND, *FLAGS, *SIZES, "--out", "run"],
            stdout=subprocess.DEVNULL,
            stderr=err,
            text=True,
            # A shell may have its background jobs ignore it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
    yield begun
    begun.kill()
    begun.wait()


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until it is true; fails after a minute, or when the process has ended."""
    for _ in range(6000):
        if condition():
            return
        assert process.poll() is None, Path("err").read_text()
        time.sleep(0.01)
    raise AssertionError("waited in vain")


def ids() -> list[str]:
    lines = Path("run/journal.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["id"] for line in lines]


def goes_on(server: Server) -> None:
    """Go on with the run; each document is asked about that is not finished, and no other."""
    server.script = lambda _: said("[]")
    before, done = len(server.asked), len(ids())
    subprocess.run([*COMMAND, "--resume", "run"], check=True, capture_output=True)
    assert len(server.asked) == before + DOCUMENTS - done
    assert len(set(ids())) == len(ids()) == DOCUMENTS


def test_once_begins_no_other_prompt_though_no_answer_has_come_since(
    server: Server, run: subprocess.Popen[str]
) -> None:
    server.script = lambda _: said("[]", after=3.0)
    wait_for(lambda: len(server.asked) == AT_ONCE, run)
    os.kill(run.pid, signal.SIGINT)
    assert run.wait(60) == 130
    assert "stopped; go on with: --resume run" in Path("err").read_text()
    assert len(server.asked) == len(ids()) == AT_ONCE, "those under way are waited for"
    goes_on(server)


def test_twice_leaves_a_server_that_never_answers_at_once(
    server: Server, run: subprocess.Popen[str]
) -> None:
    def hang(request: Request) -> object:
        return said("[]", after=600.0 if len(server.asked) > 1 else 0.0)

    server.script = hang  # type: ignore[assignment]
    wait_for(lambda: len(server.asked) == AT_ONCE + 1 and len(ids()) == 1, run)
    os.kill(run.pid, signal.SIGINT)
    wait_for(lambda: "Ctrl-C again" in Path("err").read_text(), run)
    pressed = time.monotonic()
    os.kill(run.pid, signal.SIGINT)
    assert run.wait(60) == 130
    assert time.monotonic() - pressed < 10, "it waits for nothing"
    assert "stopped; go on with: --resume run" in Path("err").read_text()
    assert (len(server.asked), len(ids())) == (AT_ONCE + 1, 1)
    goes_on(server)
