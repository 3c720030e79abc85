"""Fixtures for the command line: calls of `main`, in an empty folder, by nobody's settings."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from nerharness.cli import main
from nerharness.plugin.host import Host
from nerharness.types import Completion, Prompt


class Outcome(NamedTuple):
    """What a call of the command line came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value on stdout; fails if there is anything else."""
        return json.loads(self.out)


Cli = Callable[..., Outcome]
Answer = Callable[[Prompt], Completion | str]


@pytest.fixture
def cli(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    own_cache: Path,
) -> Cli:
    """Call the command line in an empty current folder; installed plugins are not loaded."""
    for name in [name for name in os.environ if name.startswith("NERHARNESS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NERHARNESS_CACHE", str(own_cache))
    for name, value in {"NERHARNESS_PLUGINS": "", "TQDM_DISABLE": "1", "COLUMNS": "120"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def call(*arguments: object) -> Outcome:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        assert isinstance(end.value.code, int)
        return Outcome(end.value.code, *capsys.readouterr())

    return call


@pytest.fixture
def answering(
    host: Host, scripted: Callable[[Answer], Any], monkeypatch: pytest.MonkeyPatch
) -> Callable[[Answer], list[Prompt]]:
    """Give `eval` and `plan` a backend `scripted`; returns the list of what it is asked."""

    def answering(answer: Answer) -> list[Prompt]:
        backend = scripted(answer)
        for command in ("eval", "plan"):
            monkeypatch.setattr(f"nerharness.cli.{command}.load_host", lambda: host)
        return backend.asked  # type: ignore[no-any-return]

    return answering


SCRIPTED = ["eval", "--backend", "scripted", "--strategy", "zero-shot", "--unit", "document"]
TAGGER = ["eval", "--tagger", "gazetteer"]


@pytest.fixture
def scripted_eval() -> list[str]:
    """The command that asks the scripted backend once per document."""
    return list(SCRIPTED)


@pytest.fixture
def tagger_eval() -> list[str]:
    """The command that runs the baseline: no model, hardly any time."""
    return list(TAGGER)


@pytest.fixture
def marked() -> str:
    """A copy of the sample corpus whose corpus.toml protects it."""
    shutil.copytree(str(files("nerharness") / "data/sample"), "corpus")
    toml = Path("corpus/corpus.toml")
    toml.write_text(f"protected = true\n{toml.read_text()}")
    return "corpus"
