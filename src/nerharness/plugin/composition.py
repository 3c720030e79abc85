"""Strategies made of others: `few-shot+verify` is `verify` around `few-shot`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from nerharness.errors import UsageError
from nerharness.plugin.provider import Option, OptionValue, Provider

PLUS = "+"
INNERMOST = "zero-shot"
"""What a strategy that wraps another is put around if it is asked for alone."""


def parts(name: str) -> list[str]:
    """Return the names of which a strategy's name is made, innermost first."""
    return [part.strip() for part in name.split(PLUS)]


class Part(NamedTuple):
    """A strategy in a chain."""

    name: str
    title: str
    """What errors call it."""
    provider: Provider


def compose(chain: Sequence[Part]) -> Provider:
    """Return the provider of a chain, innermost first; its options are those of all of its parts.

    Raises `UsageError` unless the first stands alone and each of the others wraps one, and where
    two declare an option of one name, but not the same one.
    """
    for place, (name, _, provider) in enumerate(chain):
        if provider.wraps != (place > 0):
            fault = "wraps another, and cannot stand first" if provider.wraps else "wraps no other"
            raise UsageError(f"{name!r} {fault}", where=f"--strategy {_written(chain)}")

    def make(**options: OptionValue) -> Any:
        made: list[Any] = []
        for part in chain:
            own = _own(part.provider, options)
            made = [part.provider.make(part.title, *made, options=own)]
        return made[0]

    providers = [part.provider for part in chain]
    return Provider(
        make,
        "; ".join(provider.summary for provider in providers),
        options=_shared_options(chain),
        requires=tuple({name: None for provider in providers for name in provider.requires}),
        extra=next((provider.extra for provider in providers if provider.extra), ""),
        needs=frozenset().union(*(provider.needs for provider in providers)),
        remote=lambda options: _sends(providers, options),
    )


def _shared_options(chain: Sequence[Part]) -> tuple[Option, ...]:
    """Return the options of all parts; one that several declare is there once."""
    declared: dict[str, tuple[str, Option]] = {}
    for name, _, provider in chain:
        for option in provider.options:
            other, same = declared.setdefault(option.name, (name, option))
            if _meaning(option) != _meaning(same):
                raise UsageError(
                    f"{other!r} and {name!r} each have an option {option.flag}, but not the same "
                    f"one: by default {same.default!r} and {option.default!r}",
                    where=f"--strategy {_written(chain)}",
                )
    return tuple(option for _, option in declared.values())


def _meaning(option: Option) -> tuple[object, ...]:
    return option.type, option.choices, option.default


def _sends(providers: Sequence[Provider], options: Mapping[str, OptionValue]) -> bool | None:
    said = [provider.sends(_own(provider, options)) for provider in providers]
    return True if True in said else None if None in said else False


def _own(provider: Provider, options: Mapping[str, OptionValue]) -> dict[str, OptionValue]:
    names = {option.name for option in provider.options}
    return {name: value for name, value in options.items() if name in names}


def _written(chain: Sequence[Part]) -> str:
    return PLUS.join(part.name for part in chain)
