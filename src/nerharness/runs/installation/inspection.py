"""All checks of an installation, one after the other; none keeps another from being made."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nerharness
from nerharness.runs.installation.fact import Fact, Group, checked
from nerharness.runs.installation.folders import answer_facts, index_facts, run_facts
from nerharness.runs.installation.keys import key_facts, without_secrets
from nerharness.runs.installation.machine import processor_facts
from nerharness.runs.installation.models import hub_facts, model_fact
from nerharness.runs.installation.packages import base_facts, extra_facts, installed
from nerharness.runs.installation.plugins import default_of, key_variables, plugin_facts
from nerharness.runs.installation.settings import setting_facts
from nerharness.runs.installation.torch_check import torch_facts

if TYPE_CHECKING:
    from nerharness.plugin.host import Host, Kind

_MODELS: Sequence[tuple[str, Kind, str, str]] = (
    ("language model", "backends", "hf", "model"),
    ("encoder", "retrievers", "dense", "embedding_model"),
)
"""What eval loads by default: whose option names it."""


_REINSTALL = "install nerharness anew, for this Python and this system"


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found, in groups."""

    groups: tuple[Group, ...]

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts of all groups."""
        return tuple(fact for group in self.groups for fact in group.facts)

    @property
    def problems(self) -> tuple[Fact, ...]:
        """What is there and does not work."""
        return tuple(fact for fact in self.facts if fact.mark == "problem")

    @property
    def lacking(self) -> tuple[Fact, ...]:
        """What keeps `nerharness eval --backend hf --strategy rag` from running without network."""
        return tuple(f for f in self.facts if f.needed and f.mark in ("missing", "problem"))

    def to_json(self) -> dict[str, Any]:
        """Return the facts by group, and what follows from them."""
        return {
            "ready": not self.lacking,
            "lacking": [fact.name for fact in self.lacking],
            "problems": [fact.name for fact in self.problems],
            "groups": {group.title: [asdict(f) for f in group.facts] for group in self.groups},
        }


def inspect(
    *,
    settings: Callable[[], Collection[str]],
    huge_pages: Callable[[], bool],
    environ: Mapping[str, str] = os.environ,
) -> Inspection:
    """Look at everything, one check after the other; raises nothing, whatever is broken.

    `settings` names the variables that flags read; `huge_pages` tells whether `eval` starts itself
    anew with them. No network is asked and no model loaded; torch is imported by
    another process.
    """
    host, plugins = _load(environ)
    groups = {
        "nerharness": [
            *checked("package", _package_facts),
            *checked("rust core", _core_facts, needed=True, advice=_REINSTALL),
            *checked("packages", base_facts, needed=True),
            *checked("huge pages", lambda: _huge_page_facts(huge_pages())),
        ],
        "extras": checked("extras", _extra_facts),
        "device": [
            *checked("processor", processor_facts),
            *checked("torch", torch_facts),
        ],
        "models": [
            *(_models(host, environ) if host else ()),
            *checked("hub", lambda: hub_facts(environ)),
        ],
        "keys": checked("keys", lambda: key_facts(_variables(host), environ)),
        "folders": [
            *checked("runs", run_facts, needed=True),
            *checked("answers", answer_facts),
            *checked("indexes", index_facts),
        ],
        "plugins": plugins,
        "settings": checked("settings", lambda: setting_facts(settings(), environ)),
    }
    return Inspection(
        tuple(
            Group(title, tuple(without_secrets(fact, environ) for fact in facts))
            for title, facts in groups.items()
        )
    )


def _load(environ: Mapping[str, str]) -> tuple[Host | None, list[Fact]]:
    """Return a host, if only with what is built in, and what is to be said of plugins."""
    hosts: list[Host] = []

    def built_in() -> Iterator[Fact]:
        from nerharness.plugin.host import Host, builtin_modules

        hosts.append(Host(builtin_modules()))
        yield from ()

    def all_of_them() -> Iterator[Fact]:
        from nerharness.plugin.host import load_host

        host = load_host(environ)
        yield from plugin_facts(host)
        hosts.append(host)

    facts = checked("built in", built_in, needed=True)
    if hosts:
        facts += checked("plugins", all_of_them, needed=True)
    return (hosts[-1] if hosts else None), facts


def _package_facts() -> Iterator[Fact]:
    place = Path(nerharness.__file__).parent
    yield Fact("version", "ok", f"{installed('nerharness') or 'not installed'}, {place}")
    yield Fact("python", "ok", f"{platform.python_version()}, {sys.executable}")
    yield Fact("platform", "info", platform.platform())


def _core_facts() -> Iterator[Fact]:
    """Yield whether the Rust core works: it is asked for a place that is known."""
    from nerharness.align import Aligner

    (match,) = Aligner().align("Ataxia was noted.", ["ataxia"])
    if match is None or (match.start, match.end) != (0, 6):
        yield Fact("rust core", "problem", f"misplaces a mention: {match}", _REINSTALL)
        return
    yield Fact("rust core", "ok", "loads and aligns")


def _huge_page_facts(taken: bool) -> Iterator[Fact]:
    tell = "start themselves anew with" if taken else "do without"
    yield Fact("huge pages", "info", f"eval and train {tell} them")


def _extra_facts() -> Iterator[Fact]:
    for fact in extra_facts():
        yield replace(fact, needed=fact.name == "hf")


def _models(host: Host, environ: Mapping[str, str]) -> list[Fact]:
    """Return where eval would load its models from, or those that the environment names."""
    facts: list[Fact] = []
    for title, kind, name, option in _MODELS:
        default = default_of(host.find(kind, name), option)
        told = environ.get(f"NERHARNESS_{option.upper()}")
        if kind == "backends" and environ.get("NERHARNESS_BACKEND", name) != name:
            told = None  # what another backend calls its model
        model = told or default
        flag = f"--{option.replace('_', '-')}"
        facts += checked(title, partial(model_fact, title, model, flag), needed=True)
    return facts


def _variables(host: Host | None) -> Mapping[str, str]:
    return key_variables(host) if host else {}
