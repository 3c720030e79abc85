"""The pluggy host: loads plugins one by one and finds what they offer by kind and name."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any, Literal

import pluggy

from nerharness.errors import PluginError, UsageError
from nerharness.plugin import hookspecs
from nerharness.plugin.provider import OptionValue, Provider

Kind = Literal["backends", "strategies", "formats", "retrievers", "taggers", "corpora"]
KINDS: tuple[Kind, ...] = (
    "backends",
    "strategies",
    "formats",
    "retrievers",
    "taggers",
    "corpora",
)
SINGULAR: Mapping[Kind, str] = {
    "backends": "backend",
    "strategies": "strategy",
    "formats": "format",
    "retrievers": "retriever",
    "taggers": "tagger",
    "corpora": "corpus",
}
BUILTIN = "nerharness"


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin that was found: its entry-point name, its package, and why it is not in use."""

    name: str
    package: str
    version: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A provider and the package it comes from."""

    provider: Provider
    package: str


class Host:
    """Holds what all loaded plugins offer; made anew for each use, with no global state."""

    def __init__(self, modules: Iterable[ModuleType] = ()) -> None:
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self.plugins: list[Plugin] = []
        self._packages: dict[str, str] = {}
        for module in modules:
            self.register(module, package=BUILTIN)

    def register(self, module: object, *, package: str) -> None:
        """Register the hook implementations of `module` as coming from `package`."""
        if self._manager.is_registered(module):
            raise PluginError("registered twice", where=package)
        try:
            name = self._manager.register(module)
            self._manager.check_pending()
        except pluggy.PluginValidationError:
            if self._manager.is_registered(module):  # its other hooks would stay
                self._manager.unregister(module)
            raise
        if name is None:
            raise PluginError("blocked", where=package)
        self._packages[name] = package

    def load_entry_points(self, allowed: frozenset[str] | None = None) -> None:
        """Load the entry points of group `nerharness`; a broken one is noted and skipped.

        `allowed` limits them to these entry-point names; `None` loads all.
        """
        for point in sorted(entry_points(group=hookspecs.PROJECT), key=lambda point: point.name):
            if allowed is not None and point.name not in allowed:
                continue
            self.plugins.append(self._load(point))

    def _load(self, point: EntryPoint) -> Plugin:
        package = point.dist.name if point.dist else point.module
        version = point.dist.version if point.dist else ""
        try:
            self.register(point.load(), package=package)
        except (Exception, SystemExit) as error:  # a stranger's module may raise anything
            reason = f"{type(error).__name__}: {error}"
            return Plugin(point.name, package, version, " ".join(reason.split()))
        return Plugin(point.name, package, version)

    def offers(self, kind: Kind) -> dict[str, Offer]:
        """Return all offers of a kind by name, sorted; a name offered twice is a `PluginError`."""
        found: dict[str, Offer] = {}
        hook = getattr(self._manager.hook, f"nerharness_{kind}")
        for implementation in hook.get_hookimpls():
            package = self._packages[implementation.plugin_name]
            for name, provider in self._call(implementation.function, package, kind).items():
                if other := found.get(name):
                    raise PluginError(
                        f"{SINGULAR[kind]} {name!r} is offered by {other.package} and by {package}",
                        hint="uninstall one, or choose with NERHARNESS_PLUGINS",
                    )
                found[name] = Offer(provider, package)
        return dict(sorted(found.items()))

    def _call(self, hook: Any, package: str, kind: Kind) -> Mapping[str, Provider]:
        try:
            answer = hook()
        except Exception as error:  # a stranger's hook may raise anything
            raise PluginError(
                f"nerharness_{kind} raised {type(error).__name__}: {error}", where=package
            ) from error
        if not isinstance(answer, Mapping) or not all(
            isinstance(name, str) and isinstance(offer, Provider) for name, offer in answer.items()
        ):
            raise PluginError(
                f"nerharness_{kind} must return a mapping of name to Provider", where=package
            )
        return answer

    def find(self, kind: Kind, name: str) -> Provider:
        """Return the provider `name`; `UsageError` with a suggestion when there is none."""
        offers = self.offers(kind)
        if name in offers:
            return offers[name].provider
        near = difflib.get_close_matches(name, offers, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise UsageError(
            f"unknown {SINGULAR[kind]} {name!r}", hint=f"{hint}known: {', '.join(offers)}"
        )

    def make(
        self, kind: Kind, name: str, *args: Any, options: Mapping[str, OptionValue] | None = None
    ) -> Any:
        """Make the thing `name` with `args` and its options; defaults fill what is not given."""
        provider = self.find(kind, name)
        return provider.make(
            f"{SINGULAR[kind]} {name!r}", *args, options=provider.resolve(options or {})
        )


def builtin_modules() -> tuple[ModuleType, ...]:
    """Return the built-in plugins: the folders of floor 3."""
    from nerharness import backends, corpora, formats, retrievers, strategies, taggers

    return (backends, strategies, formats, retrievers, taggers, corpora)


def load_host(environ: Mapping[str, str] = os.environ) -> Host:
    """Return a host with the built-ins and the installed plugins.

    `NERHARNESS_PLUGINS=a,b` limits the latter to the entry points `a` and `b`; empty allows none.
    """
    host = Host(builtin_modules())
    wanted = environ.get("NERHARNESS_PLUGINS")
    allowed = None
    if wanted is not None:
        allowed = frozenset(part.strip() for part in wanted.split(",") if part.strip())
    host.load_entry_points(allowed)
    if allowed is not None and (lost := sorted(allowed - {plugin.name for plugin in host.plugins})):
        raise UsageError(f"no installed plugin {lost[0]!r}", where="NERHARNESS_PLUGINS")
    return host
