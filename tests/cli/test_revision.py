"""`nerharness eval --resume` with a model of the hub whose branch has moved."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from backends import tiny
from backends.hub import MODEL, Hub

pytest.importorskip("torch")

FIRST, SECOND = "a" * 40, "b" * 40
EVAL = ["eval", "--backend", "hf", "--model", MODEL, "--strategy", "zero-shot", "--limit", "2"]
QUICK = ["--unit", "document", "--max-tokens", "2", "--device", "cpu", "--show", "0"]

Cli = Callable[..., Any]


@pytest.fixture
def begun(cli: Cli, hub: Hub, tmp_path: Path) -> Hub:
    """A run of which one document is done, before the branch moved."""
    for name, save in (("first", tiny.save_letters), ("second", tiny.save_words)):
        save(tmp_path / name)
    hub.commit("a", tmp_path / "first")
    assert cli(*EVAL, *QUICK, "--out", "run").code == 0
    journal = Path("run/journal.jsonl")
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[0])
    hub.commit("b", tmp_path / "second")
    return hub


def revision(run: str) -> Any:
    return json.loads(Path(run, "run.json").read_text(encoding="utf-8"))["model"]["revision"]


@pytest.mark.parametrize("flags", [[], [*EVAL[1:], *QUICK[:-2]]])
def test_a_run_goes_on_with_the_commit_that_it_began_with(
    cli: Cli, begun: Hub, flags: list[str]
) -> None:
    outcome = cli("eval", *flags, "--resume", "run", "--json")
    assert (outcome.code, outcome.json["documents"]) == (0, {"total": 2, "failed": 0})
    assert revision("run") == FIRST


def test_that_commit_can_be_asked_for_and_no_other(cli: Cli, begun: Hub) -> None:
    refused = cli(*EVAL, *QUICK, "--revision", SECOND, "--resume", "run")
    assert refused.code == 2
    assert f"options.revision was None, is '{SECOND}'" in refused.err
    assert cli(*EVAL, *QUICK, "--revision", FIRST, "--resume", "run").code == 0


def test_a_new_run_takes_the_commit_that_the_branch_stands_for(cli: Cli, begun: Hub) -> None:
    cli(*EVAL, *QUICK, "--out", "other")
    assert revision("other") == SECOND
