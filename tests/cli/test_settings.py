"""Where a flag may come from, and which place wins: command line, environment, config, default."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nerharness.cli.flags import plugin_flags
from nerharness.plugin import Option, Provider, hookimpl
from nerharness.plugin.host import Host

Cli = Callable[..., Any]


def spec_of(cli: Cli, *arguments: object) -> dict[str, Any]:
    outcome = cli("eval", *arguments, "--show", "0", "--out", "run")
    assert outcome.code == 0, outcome.err
    return json.loads(Path("run/run.json").read_text(encoding="utf-8"))["spec"]  # type: ignore[no-any-return]


def config(content: str) -> list[str]:
    Path("c.toml").write_text(content, encoding="utf-8")
    return ["--config", "c.toml"]


@pytest.mark.parametrize(
    ("command_line", "environment", "file", "wanted"),
    [
        (None, None, None, None),
        (None, None, 4, 4),
        (None, 3, 4, 3),
        (2, 3, 4, 2),
        (2, None, 4, 2),
        (2, 3, None, 2),
    ],
)
def test_the_command_line_wins_over_the_environment_and_that_over_the_config(
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    command_line: int | None,
    environment: int | None,
    file: int | None,
    wanted: int | None,
) -> None:
    flags = ["--tagger", "gazetteer"]
    if file is not None:
        flags += config(f"limit = {file}")
    if environment is not None:
        monkeypatch.setenv("NERHARNESS_LIMIT", str(environment))
    if command_line is not None:
        flags += ["--limit", str(command_line)]
    assert spec_of(cli, *flags)["limit"] == wanted


@pytest.mark.parametrize("place", ["command line", "environment", "config"])
def test_an_option_of_a_plugin_may_come_from_each_place(
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    answering: Callable[..., Any],
    scripted_eval: list[str],
    place: str,
) -> None:
    answering(lambda prompt: "[]")
    flags = ["--strategy", "few-shot", "--retriever", "random", "--limit", "1"]
    if place == "command line":
        flags += ["--shots", "2"]
    elif place == "environment":
        monkeypatch.setenv("NERHARNESS_SHOTS", "2")
    else:
        flags += config("shots = 2")
    spec = spec_of(cli, *scripted_eval[1:], *flags)
    assert spec["plugins"]["strategies"] == {
        "name": "few-shot",
        "package": "nerharness",
        "options": {"shots": 2},
    }


def test_every_flag_may_stand_in_a_config_with_hyphens_or_underscores(cli: Cli) -> None:
    Path("labels.toml").write_text(
        "".join(
            f'[[labels]]\nname = "{name}"\n'
            for name in ("disease", "rare_disease", "skin_rare_disease", "sign", "symptom")
        ),
        encoding="utf-8",
    )
    content = """
tagger = "gazetteer"
corpus = "sample"
split = "dev"
limit = 2
labels = "labels.toml"
unit = "document"
threshold = 1
seed = 5
out = "elsewhere"
show = 0
json = true
"""
    outcome = cli("eval", *config(content))
    assert outcome.code == 0
    assert outcome.json["documents"]["total"] == 2
    spec = json.loads(Path("elsewhere/run.json").read_text(encoding="utf-8"))["spec"]
    assert (spec["split"], spec["limit"], spec["unit"]) == ("dev", 2, "document")
    assert (spec["threshold"], spec["seed"]) == (1.0, 5)


def test_the_environment_may_name_the_config_and_the_command_line_another(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    tagger = ["--tagger", "gazetteer"]
    Path("named.toml").write_text("limit = 4\n", encoding="utf-8")
    monkeypatch.setenv("NERHARNESS_CONFIG", "named.toml")
    assert spec_of(cli, *tagger)["limit"] == 4
    Path("run").rename("before")
    assert spec_of(cli, *tagger, *config("limit = 3"))["limit"] == 3
    monkeypatch.setenv("NERHARNESS_CONFIG", "nowhere.toml")
    outcome = cli("eval", *tagger)
    assert outcome.code == 2
    assert "nowhere.toml: cannot be read" in outcome.err


@pytest.mark.parametrize("place", ["environment", "config"])
def test_what_a_tagger_does_not_use_may_stand_where_several_runs_look(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    flags = ["--tagger", "gazetteer", "--limit", "1"]
    if place == "environment":
        monkeypatch.setenv("NERHARNESS_DECODE", "schema")
    else:
        flags += config('decode = "schema"\nconfidence = true')
    assert spec_of(cli, *flags)["decode"] == "schema"


@pytest.mark.parametrize("name", ["batch-size", "batch_size", "\ufeffbatch-size"])
def test_hyphens_and_underscores_are_one_in_a_config(cli: Cli, name: str) -> None:
    outcome = cli("eval", "--tagger", "gazetteer", *config(f"{name} = 4"))
    assert "--batch-size: not an option of this run" in outcome.err


def test_a_number_in_a_config_is_the_text_of_a_flag_that_takes_text(cli: Cli) -> None:
    outcome = cli("eval", "--tagger", "gazetteer", *config("out = 5\nlimit = 1"))
    assert outcome.code == 0
    assert Path("5/run.json").is_file()


def test_the_seed_of_the_run_is_that_of_every_plugin_that_has_one(
    cli: Cli, answering: Callable[..., Any], scripted_eval: list[str]
) -> None:
    answering(lambda prompt: "[]")
    flags = ["--strategy", "few-shot", "--retriever", "random", "--seed", "9", "--limit", "1"]
    spec = spec_of(cli, *scripted_eval[1:], *flags)
    assert spec["seed"] == 9
    assert spec["plugins"]["retrievers"] == {
        "name": "random",
        "package": "nerharness",
        "options": {"seed": 9},
    }


def test_an_empty_environment_variable_is_not_set(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NERHARNESS_LIMIT", "")
    monkeypatch.setenv("NERHARNESS_SPLIT", "")
    spec = spec_of(cli, "--tagger", "gazetteer")
    assert (spec["limit"], spec["split"]) == (None, "test")


def test_no_flag_is_the_negation_of_one_and_another_besides() -> None:
    @hookimpl
    def nerharness_backends() -> dict[str, Provider]:
        options = (Option("loud", bool, True, "louder"), Option("deep", bool, True, "deeper"))
        other = Option("no_loud", int, 3, "where it is not loud")
        return {"one": Provider("x:y", "one", options), "other": Provider("x:y", "other", (other,))}

    host = Host()
    host.register(SimpleNamespace(nerharness_backends=nerharness_backends), package="tests")
    flags = {flag.name: flag for flag in plugin_flags(host, ("backends",), ())}
    assert flags["deep"].secondary_opts == ["--no-deep"]
    assert (flags["loud"].opts, flags["loud"].secondary_opts) == (["--loud"], [])
    assert flags["no_loud"].opts == ["--no-loud"]


def test_the_variable_of_a_flag_has_its_name_in_every_command(
    cli: Cli, tagger_eval: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli(*tagger_eval, "--out", "run").code == 0
    monkeypatch.setenv("NERHARNESS_JSON", "1")
    assert cli("score", "run").json["documents"]["total"] > 0
    assert cli(*tagger_eval, "--out", "two").json["documents"]["total"] > 0
