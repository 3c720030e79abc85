"""`nerharness plugins new` writes packages that pass their own tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from plugin.editable_install import install

from nerharness.cli import main
from nerharness.errors import UsageError
from nerharness.plugin.host import Host
from nerharness.scaffold import NEW_KINDS, NewKind, new_plugin


def installed(project: Path, site: Path) -> dict[str, str]:
    """Install the package as `pip install -e` would, and return the environment that sees it."""
    install(project, site)
    paths = [str(site), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *((f"my-{kind}", kind) for kind in NEW_KINDS),
        ("nerharness-completion", "backend"),
        ("nerharness-2nd", "strategy"),
    ],
)
def test_a_new_plugin_passes_its_own_tests(
    name: str, kind: NewKind, host: Host, tmp_path: Path
) -> None:
    written = new_plugin(name, kind, tmp_path, host)
    assert sorted(written) == sorted(
        file.relative_to(tmp_path) for file in tmp_path.rglob("*") if file.is_file()
    )
    project = tmp_path / name
    environment = installed(project, tmp_path / "site")
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^2 passed", done.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "kind", "called"),
    [
        ("nerharness-echo", "backend", "Echo"),
        ("two-words", "backend", "TwoWords"),
        ("nerharness-1a", "backend", "Backend1a"),
        ("nerharness-2nd", "format", "Format2nd"),
        ("nerharness-none", "backend", "BackendNone"),
        ("nerharness-completion", "backend", "BackendCompletion"),
        ("nerharness-completion", "tagger", "Completion"),
        ("nerharness-unit", "strategy", "StrategyUnit"),
        ("nerharness-reading", "format", "FormatReading"),
        ("nerharness-hit", "retriever", "RetrieverHit"),
        ("nerharness-word-index", "retriever", "RetrieverWordIndex"),
        ("nerharness-exception", "tagger", "TaggerException"),
    ],
)
def test_the_class_is_called_as_the_offer_unless_that_is_no_name_or_anothers(
    name: str, kind: NewKind, called: str, host: Host, tmp_path: Path
) -> None:
    new_plugin(name, kind, tmp_path, host)
    (code,) = tmp_path.rglob(f"src/*/{kind}.py")
    hook = code.with_name("__init__.py").read_text(encoding="utf-8")
    assert f".{kind}:{called}" in hook
    assert f"\nclass {called}:\n" in code.read_text(encoding="utf-8")


def test_a_new_plugin_whose_code_is_broken_fails_its_tests(host: Host, tmp_path: Path) -> None:
    new_plugin("my-backend", "backend", tmp_path, host)
    project = tmp_path / "my-backend"
    code = project / "src" / "my_backend" / "backend.py"
    right = code.read_text(encoding="utf-8")
    broken = right.replace("words[: prompt.max_tokens or _LONGEST]", "words")
    assert broken != right
    code.write_text(broken, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    environment = installed(project, tmp_path / "site")
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "An answer has no more tokens than `max_tokens`" in done.stdout


def test_what_is_written_leaves_no_blanks_and_no_licence(host: Host, tmp_path: Path) -> None:
    for kind in NEW_KINDS:
        for path in new_plugin(f"nerharness-x-{kind}", kind, tmp_path, host):
            text = (tmp_path / path).read_text(encoding="utf-8")
            assert not re.search(r"\$\w", text), path
        project = tmp_path / f"nerharness-x-{kind}"
        declared = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
        assert "license" not in declared["project"]
        assert not list(project.glob("LICEN*"))
        hook = (project / "src" / f"nerharness_x_{kind}" / "__init__.py").read_text()
        assert f'"x-{kind}": Provider(' in hook
        compile(hook, "hook", "exec")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("My_Plugin", "no name for a package.*'my-plugin'"),
        ("../x", "no name for a package.*'x'"),
        ("9lives", "no name for a package.*'lives'"),
        ("a--b", "no name for a package.*'a-b'"),
        ("", "no name for a package.*'my-plugin'"),
        ("nerharness-", "no name for a package.*; for example 'my-plugin'"),
        ("json!", "no name for a package.*; for example 'my-plugin'"),
        ("json", "there is a module 'json' already; try 'nerharness-json'"),
        ("lambda", "there is a module 'lambda' already"),
        ("click", "there is a module 'click' already"),
        ("nerharness", "there is a module 'nerharness' already"),
        ("nerharness-hf", "nerharness offers a backend 'hf' already; try 'nerharness-hf-backend'"),
    ],
)
def test_a_name_that_cannot_be_is_refused(
    name: str, reason: str, host: Host, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=reason):
        new_plugin(name, "backend", tmp_path, host)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_there_is_left_as_it_is(host: Host, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="mine: is there already"):
        new_plugin("mine", "backend", tmp_path, host)
    assert [file.name for file in tmp_path.rglob("*")] == ["mine", "thesis.txt"]


def test_the_command_writes_and_says_what_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        main(["plugins", "new", "mine", "--kind", "retriever"])
    said = capsys.readouterr()
    assert end.value.code == 0
    assert "mine/src/mine/retriever.py" in said.out.splitlines()
    assert said.err == "next: cd mine && pip install -e '.[dev]' && pytest\n"
    with pytest.raises(SystemExit) as end:
        main(["plugins", "new", "mine"])
    assert end.value.code == 2
    assert capsys.readouterr().err == "nerharness: mine: is there already; choose another name\n"
