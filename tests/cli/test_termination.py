"""SIGTERM while a corpus is written: the target is not there, and nothing half written either."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nerharness.cli.interrupts import orderly_termination
from nerharness.cli.main import main
from nerharness.types import Example

Cli = Callable[..., Any]
RECORD = '{"id": "a", "text": "no rash"}\n'


@pytest.fixture(autouse=True)
def terminable() -> Iterator[None]:
    """Let SIGTERM do what it does by default."""
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGTERM, before)


def terminate(_: Example) -> None:
    signal.raise_signal(signal.SIGTERM)


@pytest.mark.parametrize(
    "command",
    [
        ["convert", "in.jsonl", "out.jsonl", "--to", "jsonl"],
        ["validate", "in.jsonl", "--fix", "out.jsonl"],
    ],
)
def test_nothing_is_left(cli: Cli, monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    Path("in.jsonl").write_text(RECORD)
    child = os.fork()
    if child == 0:
        code = 99
        try:
            monkeypatch.setattr("nerharness.corpora.jsonl.record_of", terminate)
            main(command)
        except SystemExit as end:
            code = int(str(end.code))
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 128 + signal.SIGTERM
    assert [file.name for file in Path().iterdir()] == ["in.jsonl"]


def test_the_default_is_back_afterwards() -> None:
    with orderly_termination():
        assert signal.getsignal(signal.SIGTERM) != signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_in_another_thread_and_where_it_is_ignored_nothing_changes() -> None:
    def look() -> None:
        with orderly_termination():
            found.append(signal.getsignal(signal.SIGTERM))

    found: list[Any] = []
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [signal.SIG_DFL]
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with orderly_termination():
        signal.raise_signal(signal.SIGTERM)
