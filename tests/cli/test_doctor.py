"""`nerharness doctor`, as it is called."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nerharness.cli.doctor import BROKEN
from nerharness.report.installation import print_installation
from nerharness.report.screen import Screen
from nerharness.runs.installation.fact import Fact, Group
from nerharness.runs.installation.inspection import Inspection

Cli = Callable[..., Any]

GROUPS = [
    "nerharness",
    "extras",
    "device",
    "models",
    "keys",
    "folders",
    "plugins",
    "settings",
]
SECRET = "sk-proj-0123456789abcdef0123456789"


def test_each_fact_is_a_line_in_its_group(cli: Cli) -> None:
    outcome = cli("doctor")
    assert outcome.err == ""
    lines = outcome.out.splitlines()
    assert [line for line in lines if not line.startswith(" ")][:-1] == GROUPS
    assert "  ok       rust core   loads and aligns" in lines
    assert lines[-1].startswith("nerharness eval --backend hf --strategy rag can")
    assert outcome.code == (BROKEN if " problem " in outcome.out else 0)


def test_json_is_one_object_with_the_same_facts(cli: Cli) -> None:
    outcome = cli("doctor", "--json")
    assert outcome.out.count("\n") == 1
    said = outcome.json
    assert list(said) == ["ready", "lacking", "problems", "groups"]
    assert list(said["groups"]) == GROUPS
    facts = [fact for group in said["groups"].values() for fact in group]
    for fact in facts:
        assert list(fact) == ["name", "mark", "value", "advice", "needed"]
        assert fact["mark"] in ("ok", "missing", "problem", "info")
    assert said["problems"] == [fact["name"] for fact in facts if fact["mark"] == "problem"]
    assert outcome.code == (BROKEN if said["problems"] else 0)


def test_flags_of_all_commands_are_known_and_others_are_not(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MODEL", "CACHE_MODE", "EPOCHS", "OLDER_THAN", "EMBEDDING_MODEL", "STRATGY"):
        monkeypatch.setenv(f"NERHARNESS_{name}", "all-minilm-l6-v2")
    outcome = cli("doctor", "--json")
    (used, typo) = outcome.json["groups"]["settings"]
    for name in ("MODEL", "CACHE_MODE", "EPOCHS", "OLDER_THAN", "EMBEDDING_MODEL", "PLUGINS"):
        assert f"NERHARNESS_{name}" in used["value"].split(", "), name
    assert typo["advice"] == "did you mean NERHARNESS_STRATEGY?"
    assert outcome.code == BROKEN


def test_no_secret_is_printed(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["OPENAI_API_KEY", "HF_TOKEN", "NERHARNESS_API_KEY", "NERHARNESS_API_KEY_ENV"]
    for name in [*names, "NERHARNESS_BASE_URL", "NERHARNESS_API_KEY_FILE", "NERHARNESS_PLUGINS"]:
        monkeypatch.setenv(name, SECRET)
    for arguments in (["doctor"], ["doctor", "--json"]):
        outcome = cli(*arguments)
        assert SECRET[:12] not in outcome.out + outcome.err
        assert "NERHARNESS_API_KEY_ENV" in outcome.out
        assert "Traceback" not in outcome.err


BREAKING = """
import sys

class Breaking:
    def find_spec(self, name, path=None, target=None):
        if name in ("nerharness._core", "sqlite3"):
            raise OSError(f"lib{name}.so: cannot open shared object file")

sys.meta_path.insert(0, Breaking())
from nerharness.cli import main
main(sys.argv[1:])
"""


def test_a_core_that_does_not_load_is_told(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BREAKING, "doctor"], capture_output=True, text=True, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (BROKEN, "")
    broken = [line for line in done.stdout.splitlines() if "problem  rust core" in line]
    assert "lib" in broken[0]
    assert "install nerharness anew" in broken[0]


LONG = Fact("hf", "missing", "models: not installed: torch, faiss-cpu", "pip install 'x[hf]'")
FOUND = Inspection((Group("extras", (LONG, Fact("openai", "info", "fine"))), Group("keys", ())))


@pytest.mark.parametrize(
    ("width", "terminal", "expected"),
    [
        (
            40,
            True,
            [
                "extras",
                "  missing  hf      models: not installed:",
                "                   torch, faiss-cpu",
                "                   → pip install 'x[hf]'",
                "           openai  fine",
            ],
        ),
        (
            40,
            False,
            [
                "extras",
                f"  missing  hf      {LONG.value}  → {LONG.advice}",
                "           openai  fine",
            ],
        ),
    ],
)
def test_long_lines_go_on_under_where_they_began_on_a_terminal(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    width: int,
    terminal: bool,
    expected: list[str],
) -> None:
    monkeypatch.setattr(Screen, "is_terminal", terminal)
    print_installation(Screen(width=width), FOUND)
    shown = re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out)
    assert shown.splitlines()[: len(expected)] == expected
