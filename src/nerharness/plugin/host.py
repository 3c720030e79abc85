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
from nerharness.plugin.composition import INNERMOST, Part, compose, parts
from nerharness.plugin.declaration import find_fault, name_fault
from nerharness.plugin.provider import OptionValue, Provider, blaming

Kind = Literal[
    "backends",
    "strategies",
    "formats",
    "retrievers",
    "taggers",
    "corpora",
    "writers",
    "knowledge",
]
KINDS: tuple[Kind, ...] = (
    "backends",
    "strategies",
    "formats",
    "retrievers",
    "taggers",
    "corpora",
    "writers",
    "knowledge",
)
SINGULAR: Mapping[Kind, str] = {
    "backends": "backend",
    "strategies": "strategy",
    "formats": "format",
    "retrievers": "retriever",
    "taggers": "tagger",
    "corpora": "corpus",
    "writers": "writer",
    "knowledge": "knowledge",
}
_WITHOUT_FLAGS: frozenset[Kind] = frozenset({"corpora", "writers", "knowledge"})
"""Their options stand behind their names: `PATH:NAME:OPTION=VALUE`."""
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
        self._offered: dict[Kind, list[tuple[str, Offer]]] = {kind: [] for kind in KINDS}
        for module in modules:
            self.register(module, package=BUILTIN)

    def register(self, module: object, *, package: str) -> None:
        """Register the hook implementations of `module` as coming from `package`.

        All or nothing: a plugin with a fault in any of its hooks, `PluginError` or pluggy's own,
        leaves no trace.
        """
        if self._manager.is_registered(module):
            raise PluginError("registered twice", where=package)
        try:
            name = self._manager.register(module)
            self._manager.check_pending()
            offered = {kind: self._ask(name, package, kind) for kind in KINDS}
        except (PluginError, pluggy.PluginValidationError):
            if self._manager.is_registered(module):
                self._manager.unregister(module)
            raise
        for kind, offers in offered.items():
            self._offered[kind] += offers

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

    @property
    def skipped(self) -> str:
        """Which plugins were skipped, and why, for where something of theirs is missed."""
        broken = [plugin for plugin in self.plugins if plugin.error]
        return "; ".join(f"plugin {one.name!r} was skipped: {one.error}" for one in broken)

    def offers(self, kind: Kind) -> dict[str, Offer]:
        """Return all offers of a kind by name, sorted; a name offered twice is a `PluginError`."""
        found: dict[str, Offer] = {}
        for name, offer in self._offered[kind]:
            if other := found.get(name):
                raise PluginError(
                    f"{SINGULAR[kind]} {name!r} is offered by {other.package} and {offer.package}",
                    hint="uninstall one, or choose with NERHARNESS_PLUGINS",
                )
            found[name] = offer
        return dict(sorted(found.items()))

    def offered_by(self, package: str) -> dict[Kind, list[str]]:
        """Return the names that a package offers, by kind; kinds without any are left out."""
        names = {
            kind: sorted(name for name, offer in offers if offer.package == package)
            for kind, offers in self._offered.items()
        }
        return {kind: found for kind, found in names.items() if found}

    def _ask(self, plugin: str | None, package: str, kind: Kind) -> list[tuple[str, Offer]]:
        hook = getattr(self._manager.hook, f"nerharness_{kind}")
        own = [one for one in hook.get_hookimpls() if one.plugin_name == plugin]
        answers = [self._call(one.function, package, kind) for one in own]
        return [
            (name, Offer(provider, package))
            for answer in answers
            for name, provider in answer.items()
        ]

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
        for name, offer in answer.items():
            if fault := name_fault(name) or find_fault(kind, offer.options):
                raise PluginError(f"{SINGULAR[kind]} {name!r}: {fault}", where=package)
        return answer

    def find(self, kind: Kind, name: str) -> Provider:
        """Return the provider `name`, for a strategy also `a+b`, which is `b` around `a`.

        Raises `UsageError`, with a suggestion, when there is none.
        """
        chain = [(part, self._find(kind, part)) for part in self._parts(kind, name)]
        if len(chain) == 1:
            return chain[0][1]
        return compose([Part(part, self.title(kind, part), made) for part, made in chain])

    def package(self, kind: Kind, name: str) -> str:
        """Return the package that offers `name`, or the packages of its parts."""
        return ", ".join(self._packages(kind, name))

    def _packages(self, kind: Kind, name: str) -> list[str]:
        offers = self.offers(kind)
        return list(dict.fromkeys(offers[part].package for part in self._parts(kind, name)))

    def _parts(self, kind: Kind, name: str) -> list[str]:
        if kind != "strategies":
            return [name]
        chain = parts(name)
        return [INNERMOST, *chain] if self._find(kind, chain[0]).wraps else chain

    def _find(self, kind: Kind, name: str) -> Provider:
        offers = self.offers(kind)
        if name in offers:
            return offers[name].provider
        near = difflib.get_close_matches(name, offers, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        missed = f"{self.skipped}; " if self.skipped else ""
        raise UsageError(
            f"unknown {SINGULAR[kind]} {name!r}", hint=f"{missed}{hint}known: {', '.join(offers)}"
        )

    def make(
        self, kind: Kind, name: str, *args: Any, options: Mapping[str, OptionValue] | None = None
    ) -> Any:
        """Make the thing `name` with `args` and its options; defaults fill what is not given.

        Raises the errors of `find`, of `Provider.resolve` and of `Provider.make`.
        """
        provider, given = self.find(kind, name), options or {}
        try:
            return provider.make(self.title(kind, name), *args, options=provider.resolve(given))
        except UsageError as error:
            if kind in _WITHOUT_FLAGS:
                error.where = _written(name, given, error.where) or self.title(kind, name)
            raise

    def sends(self, kind: Kind, name: str, options: Mapping[str, OptionValue]) -> bool | None:
        """Tell what `Provider.sends` says of these options, with defaults for the others."""
        provider = self.find(kind, name)
        resolved, title = provider.resolve(options), self.title(kind, name)
        return blaming(title, "cannot tell whether it is local", lambda: provider.sends(resolved))

    def find_price(self, name: str, options: Mapping[str, OptionValue]) -> Any:
        """Return what `Provider.find_price` finds for a backend and all of its options."""
        provider, title = self.find("backends", name), self.title("backends", name)
        return blaming(title, "cannot tell its price", lambda: provider.find_price(options))

    def title(self, kind: Kind, name: str) -> str:
        """Return what errors call a plugin: its kind and name, and a package other than ours."""
        packages = [one for one in self._packages(kind, name) if one != BUILTIN]
        return f"{SINGULAR[kind]} {name!r}" + (f" of {', '.join(packages)}" if packages else "")


def _written(name: str, given: Mapping[str, OptionValue], where: str) -> str:
    """Return the place where an error is as `NAME:OPTION=VALUE` if it is a given option."""
    flags = {f"--{option.replace('_', '-')}": option for option in given}
    option = flags.get(where, where)
    return f"{name}:{option}={given[option]}" if option in given else where


def builtin_modules() -> tuple[ModuleType, ...]:
    """Return the built-in plugins: the folders of floor 3."""
    from nerharness import backends, corpora, formats, knowledge, retrievers, strategies, taggers

    return (backends, strategies, formats, retrievers, taggers, corpora, knowledge)


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
