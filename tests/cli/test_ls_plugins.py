"""`nerharness ls` and `nerharness plugins`."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from nerharness.plugin import Option, Provider, hookimpl
from nerharness.plugin.host import KINDS, Host, Plugin, builtin_modules

Cli = Callable[..., Any]


@pytest.fixture
def stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the commands a host with one plugin that works and one that does not."""
    options = (Option("loud", bool, True, "louder"),)
    provider = Provider("x:y", "a stranger's", options, requires=("no_such_module_at_all",))

    @hookimpl
    def nerharness_backends() -> dict[str, Provider]:
        return {"strange": provider}

    def load() -> Host:
        host = Host(builtin_modules())
        host.register(SimpleNamespace(nerharness_backends=nerharness_backends), package="stray")
        host.plugins += [Plugin("ok", "stray", "1.0"), Plugin("bad", "wreck", "2.0", "KeyError: x")]
        return host

    monkeypatch.setattr("nerharness.cli.ls.load_host", load)
    monkeypatch.setattr("nerharness.cli.plugins.load_host", load)


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_names_each_offer_with_its_summary(cli: Cli, host: Host, kind: str) -> None:
    outcome = cli("ls", kind)
    offers = host.offers(kind)  # type: ignore[arg-type]
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert [line.split()[0] for line in lines] == list(offers)
    for line, offer in zip(lines, offers.values(), strict=True):
        assert offer.provider.summary in line


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_in_json_is_one_object(cli: Cli, host: Host, kind: str) -> None:
    outcome = cli("ls", kind, "--json")
    assert outcome.out.count("\n") == 1
    assert list(outcome.json) == list(host.offers(kind))  # type: ignore[arg-type]
    for entry in outcome.json.values():
        assert set(entry) == {"summary", "package", "missing", "options"}
        assert entry["package"] == "nerharness"


@pytest.mark.usefixtures("stranger")
def test_a_list_says_where_a_strangers_offer_comes_from_and_what_it_lacks(cli: Cli) -> None:
    lines = cli("ls", "backends").out.splitlines()
    (line,) = [line for line in lines if line.startswith("strange")]
    assert line.endswith("a stranger's  [stray]  (not installed: no_such_module_at_all)")
    assert cli("ls", "backends", "--json").json["strange"] == {
        "summary": "a stranger's",
        "package": "stray",
        "missing": ["no_such_module_at_all"],
        "options": {"loud": True},
    }


def test_the_options_of_a_list_are_those_of_its_plugins(cli: Cli) -> None:
    assert cli("ls", "strategies", "--json").json["rag"]["options"] == {"shots": 4, "passages": 2}


@pytest.mark.usefixtures("stranger")
def test_plugins_says_what_is_loaded_and_what_failed_and_why(cli: Cli) -> None:
    outcome = cli("plugins")
    assert (outcome.code, outcome.err) == (0, "")
    assert " (built in)\n  backends: hf, openai, replay\n" in outcome.out
    assert "ok: stray 1.0\n  backends: strange\n" in outcome.out
    assert "bad: wreck 2.0\n  failed: KeyError: x\n" in outcome.out


@pytest.mark.usefixtures("stranger")
def test_plugins_in_json_is_one_object(cli: Cli) -> None:
    outcome = cli("plugins", "--json")
    assert outcome.out.count("\n") == 1
    assert outcome.json["plugins"] == [
        {"name": "ok", "package": "stray", "version": "1.0", "error": None},
        {"name": "bad", "package": "wreck", "version": "2.0", "error": "KeyError: x"},
    ]
    assert outcome.json["offers"]["stray"] == {"backends": ["strange"]}
    assert set(outcome.json["offers"]["nerharness"]) == set(KINDS)


def test_without_strangers_plugins_lists_the_built_ins(cli: Cli) -> None:
    outcome = cli("plugins", "--json")
    assert outcome.json["plugins"] == []
    assert list(outcome.json["offers"]) == ["nerharness"]
