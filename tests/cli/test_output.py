"""What is printed: no text acts on a terminal, and whoever reads it may go away."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from nerharness.cli import main
from nerharness.cli.main import _COMMANDS
from nerharness.cli.output import keep_stdout
from nerharness.plugin.host import Host, builtin_modules
from nerharness.types import Completion, Prompt

Cli = Callable[..., Any]

REPOSITORY = Path(__file__).parents[2]
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
LABEL = "D\x1b[31m[red]:heart:"


@pytest.fixture
def corpus() -> str:
    """A corpus that would write to the terminal; its second document has what fails."""
    rows = [
        {"id": f"{id}\x1b[1m", "text": f"Gout \x1b]0;own\x07\x1b[2J{end}\x9b.", "entities": []}
        for id, end in (("a", ""), ("b", " boom"))
    ]
    for row in rows:
        row["entities"] = [{"label": LABEL, "start": 0, "end": 4}]
    lines = [json.dumps(row) + "\n" for row in rows]
    Path("c.jsonl").write_text("".join(lines), encoding="utf-8")
    return "c.jsonl"


def answer(prompt: Prompt) -> Completion | str:
    if "boom" in prompt.messages[-1][1]:
        raise ValueError("boom\n\x1b[31mhere")
    return json.dumps([{"text": "Gout", "label": LABEL}, {"text": "None", "label": LABEL}])


@pytest.fixture
def run(cli: Cli, answering: Callable[..., Any], scripted_eval: list[str], corpus: str) -> Any:
    answering(answer)
    return cli(*scripted_eval, "--corpus", corpus, "--out", "run")


def test_a_run_shows_control_characters_and_markup_as_text(cli: Cli, run: Any) -> None:
    assert run.code == 1
    assert not CONTROL.search(run.out + run.err)
    assert "[Gout] \\u001b]0;own\\u0007\\u001b[2J\\u009b." in run.out
    shown = "D\\u001b[31m[red]:heart:"
    assert shown in run.out
    assert "failed: ValueError: boom \\u001b[31mhere" in run.out
    assert f"\n {shown} " in cli("score", "run").out
    assert "\nfailed     b\\u001b[1m: ValueError: boom \\u001b[31mhere\n" in run.out


COMMANDS = (
    "score run",
    "score c.jsonl run",
    "compare run again",
    "plan --backend scripted --corpus c.jsonl --strategy zero-shot",
    "validate c.jsonl",
    "convert c.jsonl copy.jsonl --to jsonl",
    "ls formats",
    "plugins",
)


def test_every_command_shows_them_as_text(cli: Cli, run: Any) -> None:
    shutil.copytree("run", "again")
    for command in (*COMMANDS, "eval --tagger gazetteer --corpus c.jsonl --split \x1b[2J"):
        for form in ([], ["--json"]):
            outcome = cli(*command.split(), *form)
            assert outcome.out + outcome.err, command
            assert not CONTROL.search(outcome.out + outcome.err), command
            Path("copy.jsonl").unlink(missing_ok=True)


@contextmanager
def gone(name: str) -> Iterator[None]:
    """Let a standard stream be one that no one reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as stream, pytest.MonkeyPatch.context() as patch:
        for each in ("stdout", "stderr"):  # click puts others in their places
            patch.setattr(sys, each, stream if each == name else getattr(sys, each))
        yield


def code_of(command: str) -> object:
    with pytest.raises(SystemExit) as end:
        main(command.split())
    return end.value.code


def test_a_command_whose_reader_went_away_says_so_by_its_code(
    cli: Cli, run: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree("run", "again")
    for command in (*COMMANDS, "--help", "eval --help", "score run --json"):
        with gone("stdout"):
            assert code_of(command) == 141, command
        assert capsys.readouterr().err == "", command


@pytest.mark.parametrize("form", ["", " --json"])
def test_a_run_whose_reader_went_away_is_finished(cli: Cli, corpus: str, form: str) -> None:
    with gone("stdout"):
        assert code_of(f"eval --tagger gazetteer --out one{form}") == 141
    assert cli("eval", "--tagger", "gazetteer", "--out", "two").code == 0
    assert Path("one/scores.json").is_file()
    lines = [Path(run, "journal.jsonl").read_bytes().count(b"\n") for run in ("one", "two")]
    assert lines == [34, 34]


def test_a_run_goes_on_without_a_reader_of_stderr(
    cli: Cli, capsys: pytest.CaptureFixture[str]
) -> None:
    with gone("stderr"):
        assert code_of("eval --tagger gazetteer --out one --json") == 0
    assert json.loads(capsys.readouterr().out)["documents"]["total"] == 34
    with gone("stderr"):
        assert code_of("eval --tagger gazeteer") == 2


def test_a_pipe_that_breaks_leaves_no_word() -> None:
    paths = [str(REPOSITORY / "src"), os.environ.get("PYTHONPATH", "")]
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "nerharness", "ls", "formats"],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "NERHARNESS_PLUGINS": ""},
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_stdout_is_for_the_json_alone(
    cli: Cli, answering: Callable[..., Any], scripted_eval: list[str]
) -> None:
    def printing(prompt: Prompt) -> str:
        print("hello from a plugin")
        return "[]"

    answering(printing)
    quiet = cli(*scripted_eval, "--limit", 1, "--out", "quiet", "--json")
    assert quiet.json["documents"] == {"total": 1, "failed": 0}
    assert "hello from a plugin" in quiet.err
    assert "hello from a plugin" in cli(*scripted_eval, "--limit", 1, "--out", "plain").out


def test_what_a_plugin_prints_when_it_is_loaded_is_not_on_stdout(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loading() -> Host:
        print("hello from a hook")
        return Host(builtin_modules())

    for name in ("eval", "ls"):
        monkeypatch.setattr(f"nerharness.cli.{name}.load_host", loading)
    for arguments in (["eval", "--tagger", "gazetteer", "--limit", 1], ["ls", "taggers"]):
        outcome = cli(*arguments, "--json")
        assert outcome.json
        assert "hello from a hook" in outcome.err


@pytest.mark.parametrize("name", sorted({*_COMMANDS} - {"align", "guidelines", "report"}))
def test_each_json_flag_keeps_stdout(name: str) -> None:
    """But that of align, which prints other lines there."""
    module = importlib.import_module(f"nerharness.cli.{name}")
    group = module.command()
    commands = [group, *getattr(group, "commands", {}).values()]
    flags = [one for command in commands for one in command.params if "--json" in one.opts]
    assert flags
    assert all(flag.callback is keep_stdout for flag in flags)
