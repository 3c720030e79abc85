"""A plugin that was skipped is told of where something of it is missed, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]

SKIPPED = "plugin 'stray-echo' was skipped: ModuleNotFoundError: No module named 'stray_missing'"


@pytest.fixture
def broken(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line where a plugin is installed that cannot be imported."""
    site = tmp_path / "site"
    info = site / "stray_echo-1.dist-info"
    info.mkdir(parents=True)
    (site / "stray_echo.py").write_text("import stray_missing\n")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stray-echo\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[nerharness]\nstray-echo = stray_echo\n")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("NERHARNESS_PLUGINS", "stray-echo")
    return cli


@pytest.mark.parametrize(
    ("flags", "fault"),
    [
        (["eval", "--backend", "echo"], "unknown backend 'echo'; "),
        (["plan", "--strategy", "few-shot+echo"], "unknown strategy 'echo'; "),
        (["eval", "--format", "echo"], "unknown format 'echo'; "),
        (["eval", "--read-as", "echo"], "unknown format 'echo'; "),
        (["eval", "--retriever", "echo"], "unknown retriever 'echo'; "),
        (["eval", "--tagger", "echo"], "unknown tagger 'echo'; "),
        (["eval", "--corpus", "odd.txt:echo"], "unknown corpus 'echo'; "),
        (["validate", "odd.txt"], "no reader recognises this corpus; "),
        (["train", "--format", "echo", "--method", "lora", "--out", "o"], "unknown format 'echo'"),
        (["eval", "--backend", "echo", "--loud"], "No such option"),
        (["plan", "--loud", "1"], "No such option"),
        (["train", "--loud", "1"], "No such option"),
        (["eval", "--config", "loud.toml"], "unknown setting 'loud'; "),
    ],
)
def test_it_is_told_of_in_the_same_line(broken: Cli, flags: list[str], fault: str) -> None:
    Path("odd.txt").write_text("odd")
    Path("loud.toml").write_text("loud = true\n")
    outcome = broken(*flags)
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert fault in outcome.err
    assert SKIPPED in outcome.err


def test_a_command_that_misses_nothing_of_it_says_nothing(broken: Cli) -> None:
    outcome = broken("plan", "--strategy", "zero-shot", "--backend", "replay", "--limit", "1")
    assert (outcome.code, outcome.err) == (0, "")
