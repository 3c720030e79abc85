"""Help pages, the commands that the documents show, and how little is imported to print them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from nerharness.cli.main import nerharness
from nerharness.plugin.host import SINGULAR, Host, Kind

Cli = Callable[..., Any]

REPOSITORY = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [REPOSITORY / "README.md", REPOSITORY / "Makefile", *REPOSITORY.joinpath("docs").glob("*.md")]
)
COMMANDS = (
    "eval",
    "plan",
    "grid",
    "train",
    "guidelines",
    "score",
    "compare",
    "report",
    "align",
    "convert",
    "validate",
    "cache",
    "ls",
    "plugins",
    "doctor",
)


def command(name: str) -> click.Command:
    found = nerharness.get_command(click.Context(nerharness), name)
    assert found is not None, name
    return found


def test_the_help_page_lists_every_command_with_its_purpose(cli: Cli) -> None:
    outcome = cli("--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert nerharness.list_commands(click.Context(nerharness)) == list(COMMANDS)
    for name in COMMANDS:
        assert re.search(rf"^  {name} +\w", outcome.out, re.MULTILINE), name
    assert "130 interrupted" in outcome.out.replace("\n ", "")
    assert cli("-h").out == outcome.out


def test_without_a_command_the_help_page_is_shown_with_the_code_of_a_mistake(cli: Cli) -> None:
    outcome = cli()
    assert outcome.code == 2
    assert "eval" in outcome.out + outcome.err


def test_the_version_is_that_of_the_package(cli: Cli) -> None:
    outcome = cli("--version")
    assert outcome.code == 0
    assert re.search(r"\b\d+\.\d+", outcome.out)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_page_of_a_command_shows_each_of_its_flags(cli: Cli, name: str) -> None:
    outcome = cli(name, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    for parameter in command(name).params:
        for flag in [*parameter.opts, *parameter.secondary_opts]:
            shown = re.escape(flag) if flag.startswith("-") else f"(?i:{re.escape(flag)})"
            assert re.search(rf"(^|[\s/\[]){shown}\b", outcome.out, re.MULTILINE), flag
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
    assert cli(name, "-h").out == outcome.out


@pytest.mark.parametrize("command", ["eval", "plan"])
def test_the_help_page_shows_each_option_that_a_plugin_declares(
    cli: Cli, host: Host, command: str
) -> None:
    page = " ".join(cli(command, "--help").out.split())
    kinds: list[Kind] = ["backends", "strategies", "formats", "retrievers", "taggers"]
    for kind in kinds:
        for name, offer in host.offers(kind).items():
            for option in offer.provider.options:
                assert f"{option.flag} " in page
                if option.name != "seed":
                    assert option.help in page
                    assert re.search(
                        rf"Options [\w,; -]*of {SINGULAR[kind]} [\w, -]*{name}", page
                    ), name


def documented_commands() -> list[str]:
    found: list[str] = []
    for document in DOCUMENTS:
        if document.name == "plugins.md":  # followed word for word by a test of its own
            continue
        content = document.read_text(encoding="utf-8")
        blocks = re.findall(r"^```\w*\n(.*?)^```", content, re.MULTILINE | re.DOTALL)
        shown = "\n".join(blocks) if document.suffix == ".md" else content
        found += re.findall(r"^\s*(?:PATH=\S+ )?(nerharness \w.*)$", shown, re.MULTILINE)
    return found


def test_the_readme_shows_every_command() -> None:
    shown = {shlex.split(line)[1] for line in documented_commands()}
    assert shown == set(COMMANDS)


def test_the_readme_names_every_document_to_read_on() -> None:
    (_, more) = REPOSITORY.joinpath("README.md").read_text(encoding="utf-8").split("## Read on")
    linked = set(re.findall(r"\]\((docs/[\w-]+\.md)\)", more))
    assert linked == {f"docs/{page.name}" for page in REPOSITORY.joinpath("docs").glob("*.md")}


@pytest.mark.parametrize("line", documented_commands())
def test_a_command_that_the_documents_show_can_be_called(line: str, host: Host) -> None:
    _, name, *arguments = shlex.split(line, comments=True)
    context = command(name).make_context(name, arguments)
    for kind, flag in SINGULAR.items():
        if kind not in ("corpora", "knowledge") and (chosen := context.params.get(flag)):
            host.find(kind, chosen)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_flags_that_the_documents_name_exist(document: Path) -> None:
    tops = [command(name) for name in COMMANDS]
    inner = [one for top in tops if isinstance(top, click.Group) for one in top.commands.values()]
    known = {
        flag
        for one in (*tops, *inner)
        for parameter in one.params
        for flag in [*parameter.opts, *parameter.secondary_opts]
    } | {"--help", "--version"}
    content = document.read_text(encoding="utf-8")
    for span in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", content):
        if "pip " in span or "cargo" in span or "--loud" in span:  # --loud: the guide's own plugin
            continue
        for flag in re.findall(r"(?<![\w-])--[a-z][a-z-]*", span):
            assert flag in known, span


HEAVY = (
    "torch",
    "transformers",
    "faiss",
    "bm25s",
    "gguf",
    "accelerate",
    "openai",
    "spacy",
    "datasets",
)
PROBE = """
import sys
from nerharness.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    print("code", end.code, file=sys.stderr)
print("imported", *sys.modules, file=sys.stderr)
"""


@pytest.mark.parametrize(
    "arguments", ["--help", "ls backends", "eval --help", "plan --help", "align --help", "plugins"]
)
def test_listing_and_helping_import_no_heavy_library(tmp_path: Path, arguments: str) -> None:
    paths = [str(REPOSITORY / "src"), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments.split()],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "NERHARNESS_PLUGINS": ""},
    )
    code, imported = done.stderr.splitlines()
    assert code == "code 0"
    assert not set(HEAVY) & set(imported.split())
    assert done.stdout
