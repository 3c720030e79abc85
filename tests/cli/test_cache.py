"""`eval --cache` and `nerharness cache`, as they are called."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]


@pytest.fixture
def file(own_cache: Path) -> Path:
    return own_cache / "answers" / "answers.sqlite"


@pytest.fixture
def filled(cli: Cli, answering: Any, scripted_eval: list[str]) -> Any:
    """Keep the answers of a run; gives what the backend was asked."""
    asked = answering(lambda prompt: "[]")
    assert cli(*scripted_eval, "--limit", "4", "--cache", "on", "--out", "first").code == 0
    assert len(asked) == 4
    return asked


def kept(cli: Cli) -> Any:
    return cli("cache", "ls", "--json").json


@pytest.mark.parametrize(("mode", "new"), [("off", 4), ("read", 0), ("on", 0)])
def test_a_second_run_asks_what_the_mode_says(
    cli: Cli, filled: list[Any], scripted_eval: list[str], mode: str, new: int
) -> None:
    before = kept(cli)
    flags = ["--limit", "4", "--cache", mode, "--out", "second", "--json"]
    again = cli(*scripted_eval, *flags).json
    assert len(filled) == 4 + new
    assert again["usage"]["cached"] == 4 - new
    assert kept(cli) == before


def test_ls_lists_what_is_kept(cli: Cli, filled: list[Any], file: Path) -> None:
    listed = cli("cache", "ls")
    assert "scripted  scripted  4 answers" in listed.out
    assert str(file) in listed.out
    assert [row["answers"] for row in kept(cli)["held"]] == [4]


def test_nothing_kept_is_no_error(cli: Cli, file: Path) -> None:
    for command in (["ls"], ["prune", "--older-than", "1d"], ["clear"]):
        assert cli("cache", *command).code == 0
    assert not file.exists()


def test_prune_removes_what_is_older(cli: Cli, filled: list[Any], file: Path) -> None:
    assert "0 answers removed" in cli("cache", "prune", "--older-than", "1h").out
    with sqlite3.connect(file) as connection:
        connection.execute(
            "UPDATE answers SET made = ? WHERE digest IN (SELECT digest FROM answers LIMIT 3)",
            [int(time.time()) - 2 * 86_400],
        )
    connection.close()
    assert "3 answers removed" in cli("cache", "prune", "--older-than", "1d").out
    assert [row["answers"] for row in kept(cli)["held"]] == [1]
    assert "1 answers removed" in cli("cache", "prune", "--max-size", "0kB").out


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        ([], "give --older-than, --max-size, or both"),
        (["--older-than", "soon"], "'soon' is no age such as 1h, 1d, 1w"),
        (["--max-size", "2"], "'2' is no size such as 1kb, 1mb, 1gb"),
    ],
)
def test_a_prune_that_says_nothing_is_refused(
    cli: Cli, filled: list[Any], flags: list[str], reason: str
) -> None:
    refused = cli("cache", "prune", *flags)
    assert (refused.code, reason in refused.err) == (2, True)
    assert [row["answers"] for row in kept(cli)["held"]] == [4]


@pytest.mark.filterwarnings("default:.*put aside")
def test_clear_removes_all_also_what_was_put_aside(
    cli: Cli, filled: list[Any], scripted_eval: list[str], file: Path
) -> None:
    file.write_bytes(b"no database" * 1000)
    spoilt = cli(*scripted_eval, "--limit", "1", "--cache", "on", "--out", "second")
    assert spoilt.code == 0
    assert "put aside as" in spoilt.err
    assert len(list(file.parent.iterdir())) > 1
    assert cli("cache", "clear").code == 0
    assert list(file.parent.iterdir()) == []
