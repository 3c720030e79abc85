"""Commands that compute are started anew with an allocator that takes huge pages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nerharness.cli import huge_pages
from nerharness.cli.huge_pages import TUNABLES, gains, with_tunables

EVAL = ["eval", "--tagger", "gazetteer"]


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine that gives huge pages to those that ask."""
    kernel = tmp_path / "enabled"
    kernel.write_text("always [madvise] never\n")
    monkeypatch.setattr(huge_pages, "_KERNEL", kernel)
    monkeypatch.setattr(os, "confstr", lambda _: "glibc 2.36", raising=False)
    return kernel


@pytest.mark.parametrize("words", [EVAL, ["train", "--out", "model"]])
def test_commands_that_compute_gain(words: list[str]) -> None:
    assert gains(words, {})


@pytest.mark.parametrize("words", [[], ["--help"], ["eval", "--help"], ["align", "-"], ["score"]])
def test_others_are_not_started_twice(words: list[str]) -> None:
    assert not gains(words, {})


def test_what_the_user_set_is_left(machine: Path) -> None:
    assert not gains(EVAL, {TUNABLES: ""})
    assert with_tunables({"HOME": "/"})["HOME"] == "/"
    assert not gains(EVAL, with_tunables({})), "it would be started for ever"


@pytest.mark.parametrize("version", [None, "musl", "glibc 2.34"])
def test_a_library_that_cannot_is_left(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(os, "confstr", lambda _: version)
    assert not gains(EVAL, {})


def test_a_machine_without_them_is_left(machine: Path) -> None:
    machine.write_text("always madvise [never]\n")
    assert not gains(EVAL, {})
    machine.unlink()
    assert not gains(EVAL, {})


def test_the_program_starts_anew_as_the_same_process(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[str, list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda *given: started.append(given))
    monkeypatch.setattr(sys, "orig_argv", ["python", "-W", "error", "-m", "nerharness", *EVAL])
    monkeypatch.delenv(TUNABLES, raising=False)
    huge_pages.take_huge_pages(EVAL)
    [(program, words, environment)] = started
    assert (program, words) == (
        sys.executable,
        [sys.executable, "-W", "error", "-m", "nerharness", *EVAL],
    )
    assert "glibc.malloc.hugetlb=1" in environment[TUNABLES]


def test_what_cannot_be_started_anew_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    monkeypatch.delenv(TUNABLES, raising=False)
    assert gains(EVAL, os.environ)
    huge_pages.take_huge_pages(EVAL)
    monkeypatch.setattr(sys, "executable", "")
    assert not gains(EVAL, os.environ)


@pytest.mark.parametrize("tunables", [None, ""])
def test_a_command_ends_as_it_does_without(tunables: str | None) -> None:
    environment = {name: value for name, value in os.environ.items() if name != TUNABLES}
    if tunables is not None:
        environment[TUNABLES] = tunables
    done = subprocess.run(
        [sys.executable, "-m", "nerharness", "eval", "--corpus", "/nowhere"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("nerharness: ")
    assert done.stderr.count("\n") == 1
