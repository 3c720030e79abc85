"""The spec: everything a run depends on, as asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from nerharness.errors import RunError, UsageError
from nerharness.grammar import Level
from nerharness.plugin.hints import HintSource
from nerharness.plugin.host import SINGULAR, Host, Kind
from nerharness.plugin.provider import Option, OptionValue
from nerharness.runs.units import UnitKind

Options = dict[str, OptionValue]

PATHS = ("labels", "guidelines", "templates", "training")
"""The fields that name a file or folder."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What `nerharness eval` was asked to do.

    With `tagger` set, backend, strategy, format and retriever are not used. `options` are those of
    the chosen plugins, by name, as far as given.
    """

    backend: str = "hf"
    strategy: str = "rag"
    format: str = "json"
    retriever: str = "dense"
    tagger: str | None = None
    corpus: str = "sample"
    split: str | None = None
    limit: int | None = None
    unit: UnitKind = "sentence"
    decode: Level = "free"
    read_as: str | None = None
    """The format, with its defaults, that reads the answers, where that is another one."""
    confidence: bool = False
    continuations: int = 0
    reasoning_tokens: int = 0
    guidelines: Path | None = None
    templates: Path | None = None
    threshold: float = 0.8
    seed: int = 0
    knowledge: str | None = None
    hints: HintSource = "none"
    labels: Path | None = None
    tokens: str | None = None
    protected: bool = False
    training: Path | None = None
    """What tells of the model's training, whose label set is asked for where none is given."""
    options: Mapping[str, OptionValue] = field(default_factory=dict)

    @property
    def chosen(self) -> dict[Kind, str]:
        """The plugins this run uses, by kind."""
        if self.tagger is not None:
            return {"taggers": self.tagger}
        return {
            "backends": self.backend,
            "strategies": self.strategy,
            "formats": self.format,
            "retrievers": self.retriever,
        }

    @classmethod
    def of(cls, description: Mapping[str, Any]) -> Self:
        """Return the spec that `run.json` describes; `RunError` when it describes none."""
        try:
            value = dict(description["spec"])
            plugins = value.pop("plugins")
            options = {
                name: value
                for one in plugins.values()
                for name, value in {**one["options"], **one.get("conduct", {})}.items()
            }
            names = {SINGULAR[kind]: one["name"] for kind, one in plugins.items()}
            for key in PATHS:
                value[key] = Path(value[key]) if value.get(key) else None
            return cls(**names, **value, options=options)
        except (KeyError, TypeError, AttributeError) as error:
            raise RunError(f"run.json holds no spec: {error!r}") from None

    def conduct(self, host: Host) -> frozenset[str]:
        """Return the options of the chosen plugins that decide nothing about results."""
        options = self.declared(host)
        deciding = {option.name for option in options if option.decides}
        return frozenset(option.name for option in options) - deciding

    def changed(self, host: Host, changes: Mapping[str, Any], options: Options) -> Self:
        """Return the spec with other values of fields and options.

        Its own options of plugins that are then no longer chosen are dropped.
        """
        other = replace(self, **changes)
        taken = {option.name for option in other.declared(host)}
        kept = {name: value for name, value in self.options.items() if name in taken}
        return replace(other, options={**kept, **options})

    def declared(self, host: Host) -> list[Option]:
        """Return the options that the chosen plugins declare."""
        providers = (host.find(kind, name) for kind, name in self.chosen.items())
        return [option for provider in providers for option in provider.options]

    def resolve(self, host: Host) -> dict[Kind, Options]:
        """Return every option of every chosen plugin, defaults filled in.

        Raises `UsageError` for an unknown plugin, or a given option that none of the chosen takes.
        """
        if self.tagger is not None:  # unused, but a name that does not exist is a slip all the same
            replace(self, tagger=None, options={}).resolve(host)
        if self.read_as:
            host.find("formats", self.read_as)
        providers = {kind: host.find(kind, name) for kind, name in self.chosen.items()}
        declared = {o.name for provider in providers.values() for o in provider.options}
        given = {name: value for name, value in self.options.items() if value is not None}
        if unused := sorted(set(given) - declared):
            flag = "--" + unused[0].replace("_", "-")
            using = ", ".join(f"{SINGULAR[kind]} {name}" for kind, name in self.chosen.items())
            raise UsageError(f"not an option of this run ({using})", where=flag)
        if self.seed and "seed" in declared:
            given.setdefault("seed", self.seed)
        resolved: dict[Kind, Options] = {}
        for kind, provider in providers.items():
            names = {option.name for option in provider.options}
            own = {name: value for name, value in given.items() if name in names}
            resolved[kind] = provider.resolve(own)
        return resolved
