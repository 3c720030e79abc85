"""The plugin that docs/plugins.md shows is installed as it stands there, and run."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nerharness.cli import main

GUIDE = Path(__file__).parents[2] / "docs" / "plugins.md"
BLOCK = re.compile(r"```(\w+)\n# (\S+)\n(.*?)```", re.DOTALL)


@pytest.fixture
def documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    blocks = {name: body for _, name, body in BLOCK.findall(GUIDE.read_text(encoding="utf-8"))}
    site = tmp_path / "site"
    info = site / "my_plugin-0.1.dist-info"
    (site / "my_plugin").mkdir(parents=True)
    info.mkdir()
    for name in ("my_plugin/__init__.py", "my_plugin/echo.py"):
        (site / name).write_text(blocks[name], encoding="utf-8")
    (point,) = re.findall(r'^([\w-]+) = "(\w+)"$', blocks["pyproject.toml"], re.MULTILINE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-plugin\nVersion: 0.1\n")
    (info / "entry_points.txt").write_text("[nerharness]\n{} = {}\n".format(*point))
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setenv("NERHARNESS_PLUGINS", point[0])
    monkeypatch.setenv("TQDM_DISABLE", "1")
    monkeypatch.chdir(tmp_path)
    importlib.invalidate_caches()
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "my_plugin"]:
        del sys.modules[name]


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert isinstance(end.value.code, int)
    return end.value.code


@pytest.mark.usefixtures("documented")
def test_the_documented_plugin_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("plugins") == 0
    assert re.search(
        r"^my-plugin: my-plugin .*\n  backends: echo$", capsys.readouterr().out, re.MULTILINE
    )
    assert run("ls", "backends") == 0
    listed = capsys.readouterr().out
    assert re.search(r"^echo +answers with the question +\[my-plugin\]$", listed, re.MULTILINE)


@pytest.mark.usefixtures("documented")
def test_the_documented_plugin_runs_with_its_option(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--backend", "echo", "--loud", "--strategy", "zero-shot", "--limit", "1"]
    assert run("eval", *flags, "--out", "run") == 0
    journal = (tmp_path / "run" / "journal.jsonl").read_text(encoding="utf-8")
    assert '"completion": "TEXT: ' in journal
    assert '"loud": true' in (tmp_path / "run" / "run.json").read_text(encoding="utf-8")
    assert run("eval", "--help") == 0
    assert "--loud" in capsys.readouterr().out
