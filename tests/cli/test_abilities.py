"""What a backend cannot do is refused before it is made, where its provider says what it can."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import pytest

from nerharness.plugin import Provider
from nerharness.plugin.host import Host

Cli = Callable[..., Any]


@pytest.mark.parametrize("name", ["hf", "openai"])
def test_a_provider_names_the_abilities_of_its_backend(host: Host, name: str) -> None:
    provider = host.find("backends", name)
    if provider.missing:
        pytest.skip(f"needs {provider.missing[0]}")
    module, _, attribute = str(provider.target).partition(":")
    assert provider.abilities == getattr(importlib.import_module(module), attribute).abilities


@pytest.mark.parametrize("level", ["schema", "grounded"])
@pytest.mark.parametrize("command", ["plan", "eval"])
def test_no_grammar_goes_with_room_for_thoughts_by_hf(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, command: str, level: str
) -> None:
    monkeypatch.setattr(Provider, "make", _unless_backend(Provider.make))
    flags = ["--backend", "hf", "--strategy", "zero-shot", "--limit", "1", "--decode", level]
    outcome = cli(command, *flags, "--reasoning-tokens", "50")
    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert "--reasoning-tokens: backend 'hf' holds answers to a grammar from their" in outcome.err


@pytest.mark.parametrize("command", ["plan", "eval"])
def test_what_a_strategy_needs_is_asked_of_the_provider(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(Provider, "make", _unless_backend(Provider.make))
    outcome = cli(command, "--backend", "openai", "--strategy", "judge", "--limit", "1")
    assert outcome.code == 2
    fault = "--strategy: backend 'openai' cannot do what this needs: go on from the beginning"
    assert fault in outcome.err


def _unless_backend(make: Callable[..., Any]) -> Callable[..., Any]:
    def refusing(self: Provider, *args: Any, **given: Any) -> Any:
        assert "backends." not in str(self.target), "a model would be loaded"
        return make(self, *args, **given)

    return refusing
