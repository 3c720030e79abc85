"""A plugin's offer: how to make the thing, what it is, and the options it declares."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from nerharness.errors import (
    MissingDependencyError,
    NerharnessError,
    PluginError,
    UsageError,
)
from nerharness.plugin.protocols import Ability

OptionValue = str | int | float | bool | None

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Option:
    """One setting of a plugin: what `--help`, `--config` and `run.json` know about it.

    `name` is the keyword argument; its flag is `--` and the name with hyphens. `default` may be
    `None` for "not set". `decides` is false for what changes no answer, such as a timeout: a cached
    answer is then used whatever its value, and it may change when a run is resumed.
    """

    name: str
    type: type[str] | type[int] | type[float] | type[bool]
    default: OptionValue
    help: str
    choices: tuple[str, ...] = ()
    decides: bool = True

    @property
    def flag(self) -> str:
        """The option on a command line."""
        return "--" + self.name.replace("_", "-")


@dataclass(frozen=True, slots=True)
class Provider:
    """A lazy factory: a callable, or "module:attribute", imported only when the thing is made.

    `requires` names the modules that must be importable and `extra` the pip requirement that brings
    them, so that a missing one is reported before any work. A strategy that `wraps` another is
    called with that one.
    """

    target: str | Callable[..., Any]
    summary: str
    options: tuple[Option, ...] = ()
    requires: tuple[str, ...] = ()
    extra: str = ""
    wraps: bool = False
    counter: str | Callable[..., Any] | None = None
    """A backend's `TokenCounter`, called with the backend's options."""
    remote: bool | str | Callable[[Mapping[str, OptionValue]], bool | None] | None = None
    """Whether the thing sends texts to another machine, or what tells it, given the options.

    One that does not say, `None`, is refused where texts are protected.
    """
    needs: frozenset[Ability] = frozenset()
    """What a strategy cannot do without in a backend, whatever it asks first."""
    abilities: frozenset[Ability] | None = None
    """A backend's own, where they are known before it is made."""
    learns: bool = True
    """Whether a tagger learns from the corpus's train, on which it then cannot be tested."""
    price: str | Callable[[Mapping[str, OptionValue]], Any] | None = None
    """What tells a backend's `nerharness.pricing.Price`, given the options; it may be `None`."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The required modules that are not installed; imports none of them."""
        return tuple(name for name in self.requires if not _installed(name))

    def resolve(self, given: Mapping[str, OptionValue]) -> dict[str, OptionValue]:
        """Return every declared option with its given or default value, of the declared type.

        Raises `UsageError` for an undeclared option, a wrong type or a value outside the choices.
        """
        declared = {option.name: option for option in self.options}
        if unknown := sorted(set(given) - set(declared)):
            known = ", ".join(sorted(declared)) or "none"
            raise UsageError(f"unknown option {unknown[0]!r}", hint=f"it takes: {known}")
        return {
            name: option.default if given.get(name) is None else _checked(option, given[name])
            for name, option in declared.items()
        }

    def make(self, name: str, *args: Any, options: Mapping[str, OptionValue]) -> Any:
        """Import the target and call it with `args` and every option of `options`.

        `name` is what errors call it. Raises `MissingDependencyError` when a required library is
        not installed, and `PluginError` when the target cannot be imported or called.
        """
        self.need(name)
        factory = blaming(name, "cannot be imported", self._factory)
        return blaming(name, "cannot be made", lambda: factory(*args, **options))

    def need(self, name: str) -> None:
        """Raise `MissingDependencyError` when a required library is not installed."""
        if missing := self.missing:
            advice = f"pip install '{self.extra}'" if self.extra else f"install {missing[0]}"
            raise MissingDependencyError(
                f"{name} needs {', '.join(missing)}, not installed here", hint=advice
            )

    def make_counter(self, name: str, *, options: Mapping[str, OptionValue]) -> Any:
        """Return the backend's `TokenCounter`, or `None` if it has none; raises as `make` does."""
        if self.counter is None:
            return None
        return replace(self, target=self.counter).make(name, options=options)

    def sends(self, options: Mapping[str, OptionValue]) -> bool | None:
        """Tell whether texts leave this machine, `None` if the plugin does not say."""
        if self.remote is None or isinstance(self.remote, bool):
            return self.remote
        said = _imported(self.remote)(options)
        return None if said is None else bool(said)

    def find_price(self, options: Mapping[str, OptionValue]) -> Any:
        """Return the backend's price; `None` where it is not known."""
        return None if self.price is None else _imported(self.price)(options)

    def _factory(self) -> Callable[..., Any]:
        return _imported(self.target)


def blaming(name: str, failure: str, action: Callable[[], T]) -> T:
    """Return what the action returns; `PluginError` for any exception of it that is not our own.

    It names the plugin and the failure.
    """
    try:
        return action()
    except NerharnessError:
        raise
    except Exception as error:  # a stranger's module, or a library of its, may raise anything
        raise PluginError(f"{failure}: {type(error).__name__}: {error}", where=name) from error


def _imported(target: str | Callable[..., Any]) -> Callable[..., Any]:
    if not isinstance(target, str):
        return target
    module, _, attribute = target.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return found


def _installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # a package above it is not there
        return False


_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def _checked(option: Option, value: OptionValue) -> OptionValue:
    """Return the value in the option's type; text is read as on a command line."""
    try:
        typed = _typed(option.type, value)
    except (ValueError, KeyError):
        raise UsageError(f"{value!r} is not {_ARTICLES[option.type]}", where=option.flag) from None
    if option.choices and typed not in option.choices:
        raise UsageError(
            f"{value!r} is not a choice",
            where=option.flag,
            hint=f"choose from {', '.join(option.choices)}",
        )
    return typed


_ARTICLES = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


def _typed(
    kind: type[str] | type[int] | type[float] | type[bool], value: OptionValue
) -> OptionValue:
    if isinstance(value, str):
        return _TRUTH[value.strip().casefold()] if kind is bool else kind(value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise ValueError(value)
    return value
