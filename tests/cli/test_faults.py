"""A fault of a plugin, or of ours, has an exit code of its own: 1 says that documents failed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Cli = Callable[..., Any]


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (SystemExit(), "ended the process: exit(None)"),
        (SystemExit(0), "ended the process: exit(0)"),
        (SystemExit(3), "ended the process: exit(3)"),
        (SystemExit("no licence"), "ended the process: exit('no licence')"),
        (GeneratorExit(), "GeneratorExit"),
    ],
)
def test_what_no_run_can_go_on_after_is_told_by_code_70(
    cli: Cli,
    answering: Callable[..., Any],
    scripted_eval: list[str],
    raised: BaseException,
    said: str,
) -> None:
    def answer(prompt: object) -> str:
        raise raised

    answering(answer)
    outcome = cli(*scripted_eval, "--limit", 1)
    assert outcome.code == 70
    assert said in outcome.err


def test_a_fault_of_ours_shows_where_it_is(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nerharness.cli.ls.load_host", lambda: 1 / 0)
    outcome = cli("ls", "backends")
    assert outcome.code == 70
    assert "Traceback" in outcome.err
    assert outcome.err.splitlines()[-1].startswith("nerharness: a fault of nerharness")


def test_what_a_signal_ends_keeps_its_code(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended() -> None:
        raise SystemExit(143)

    monkeypatch.setattr("nerharness.cli.ls.load_host", ended)
    assert cli("ls", "backends").code == 143
