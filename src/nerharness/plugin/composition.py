"""Strategies made of others: `few-shot+verify` is `verify` around `few-shot`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nerharness.errors import UsageError
from nerharness.plugin.provider import Option, OptionValue, Provider

PLUS = "+"
INNERMOST = "zero-shot"
"""What a strategy that wraps another is put around if it is asked for alone."""


def parts(name: str) -> list[str]:
    """Return the names of which a strategy's name is made, innermost first."""
    return [part.strip() for part in name.split(PLUS)]


def compose(chain: Sequence[tuple[str, Provider]]) -> Provider:
    """Return the provider of a chain, innermost first; its options are those of all of its parts.

    Raises `UsageError` unless the first stands alone and each of the others wraps one.
    """
    for place, (name, provider) in enumerate(chain):
        if provider.wraps != (place > 0):
            fault = "wraps another, and cannot stand first" if provider.wraps else "wraps no other"
            raise UsageError(f"{name!r} {fault}", where=f"--strategy {_written(chain)}")

    def make(**options: OptionValue) -> Any:
        made: list[Any] = []
        for name, provider in chain:
            own = _own(provider, options)
            made = [provider.make(f"strategy {name!r}", *made, options=own)]
        return made[0]

    declared: dict[str, Option] = {}
    for _, provider in chain:
        for option in provider.options:
            declared.setdefault(option.name, option)
    return Provider(
        make,
        "; ".join(provider.summary for _, provider in chain),
        options=tuple(declared.values()),
        requires=tuple({name: None for _, provider in chain for name in provider.requires}),
        extra=next((provider.extra for _, provider in chain if provider.extra), ""),
        needs=frozenset().union(*(provider.needs for _, provider in chain)),
        remote=lambda options: _sends([(provider, options) for _, provider in chain]),
    )


def _sends(chain: Sequence[tuple[Provider, Mapping[str, OptionValue]]]) -> bool | None:
    said = [provider.sends(_own(provider, options)) for provider, options in chain]
    return True if True in said else None if None in said else False


def _own(provider: Provider, options: Mapping[str, OptionValue]) -> dict[str, OptionValue]:
    names = {option.name for option in provider.options}
    return {name: value for name, value in options.items() if name in names}


def _written(chain: Sequence[tuple[str, Provider]]) -> str:
    return PLUS.join(name for name, _ in chain)
