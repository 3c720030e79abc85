"""What a run was made with, as names and texts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from nerharness.plugin.host import SINGULAR, Kind
from nerharness.runs.spec import Spec

Facts = Iterator[tuple[str, str]]

_DEFAULTS = Spec()
_SETTINGS = ("unit", "decode", "read_as", "confidence", "hints")
"""What the spec of a prompted run says besides its plugins."""
_CHANGED = ("continuations", "reasoning_tokens", "threshold")
"""What is said where it is not as by default."""
_GIVEN = ("guidelines", "templates", "training", "knowledge")
"""Files and names of what prompts are made from."""


def run_facts(description: Mapping[str, Any], *, places: bool) -> Facts:
    """Yield the facts; without `places` no path, address or option of a plugin.

    What an unusual `run.json` lacks is left out.
    """
    spec = _inner(description, "spec")
    yield from _corpus(description, spec, places=places)
    yield from _plugins(description, spec, places=places)
    if model := _model(_inner(description, "model"), places=places):
        yield "model", model
    if "taggers" not in _named_kinds(spec):
        yield from _settings(spec, places=places)
    yield "seed", str(spec.get("seed", 0))
    if started := description.get("started"):
        yield "started", str(started)
    if version := _inner(description, "versions").get("nerharness"):
        yield "nerharness", str(version)


def _corpus(description: Mapping[str, Any], spec: Mapping[str, Any], *, places: bool) -> Facts:
    name = str(_inner(description, "corpus").get("name", "unknown"))
    given = str(spec.get("corpus", name))
    yield "corpus", f"{name} ({given})" if places and given != name else name
    if split := spec.get("split"):
        limit = spec.get("limit")
        yield "split", f"{split}, the first {limit} documents" if limit else str(split)
    for name in ("labels", "tokens"):
        if spec.get(name):
            yield name, str(spec[name]) if places else "given"


def _plugins(description: Mapping[str, Any], spec: Mapping[str, Any], *, places: bool) -> Facts:
    for kind, singular in _named_kinds(spec).items():
        one = _inner(_inner(spec, "plugins"), kind)
        name = str(one.get("name"))
        if kind == "retrievers" and name == _DEFAULTS.retriever and not _looked_up(description):
            continue  # named by default, and not used
        options = _inner(one, "options") if places else {}
        given = [f"{key} {value}" for key, value in options.items() if value not in (None, False)]
        yield singular, f"{name} ({', '.join(given)})" if given else name


def _looked_up(description: Mapping[str, Any]) -> bool:
    seen = description.get("observed")
    sittings = seen if isinstance(seen, list) else []
    return any("retriever" in one for one in (description, *sittings))


def _named_kinds(spec: Mapping[str, Any]) -> dict[Kind, str]:
    plugins = _inner(spec, "plugins")
    return {kind: name for kind, name in SINGULAR.items() if isinstance(plugins.get(kind), dict)}


def _model(model: Mapping[str, Any], *, places: bool) -> str:
    name = str(model.get("model", ""))
    if not places:
        return re.split(r"[/\\]", name)[-1]
    rest = [f"{key} {value}" for key, value in model.items() if key != "model"]
    return ", ".join(filter(None, [name, *rest]))


def _settings(spec: Mapping[str, Any], *, places: bool) -> Facts:
    for name in _SETTINGS:
        if (value := spec.get(name)) and value != "none":
            yield name.replace("_", " "), "yes" if value is True else str(value)
    for name in _CHANGED:
        usual = getattr(_DEFAULTS, name)
        if (value := spec.get(name, usual)) != usual:
            yield name.replace("_", " "), str(value)
    for name in _GIVEN:
        if spec.get(name):
            yield name, str(spec[name]) if places else "given"


def _inner(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, dict) else {}
