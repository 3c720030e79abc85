"""What a grid asks of `nerharness eval`: the command line of each run, and the spec it means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from nerharness.cli import eval as evaluate
from nerharness.cli.flags import check_known
from nerharness.errors import UsageError
from nerharness.plugin.host import Host
from nerharness.runs.grid import Value, Variant
from nerharness.runs.spec import Spec

OWN = frozenset({"out", "resume", "retry_failed", "max_cost", "show", "json", "quiet"})
"""Flags of `eval` that are the grid's to give, or have no use in one."""


class Order(NamedTuple):
    """A run of a grid, as `nerharness eval` is asked for it."""

    variant: Variant
    words: tuple[str, ...]
    """The flags on its command line."""
    spec: Spec


def orders_of(
    variants: Sequence[Variant], where: str, host: Host, config: Path | None = None
) -> Iterator[Order]:
    """Yield what is asked for each run; raises `UsageError` that names the first that is wrong.

    `config` is a file of flags for all of them.
    """
    command = evaluate.command()
    shared = (f"--config={config}",) if config else ()
    for variant in variants:
        place = f"{where}, run {variant.name}"
        words = (*shared, *_words(command, variant, place))
        try:
            spec = evaluate.asked_for(command, words, OWN)
            spec.resolve(host)
        except click.ClickException as error:
            raise UsageError(error.format_message(), where=place) from None
        except UsageError as error:
            flag = f"{error.where}: " if error.where else ""
            raise UsageError(f"{flag}{error.what}", where=place, hint=error.hint) from None
        yield Order(variant, words, spec)


def _words(command: click.Command, variant: Variant, where: str) -> Iterator[str]:
    flags = {param.name: param for param in command.params if param.name}
    for key, value in variant.settings.items():
        check_known(key, flags.keys() - OWN - {"config"}, command, where)
        yield from _flag(flags[key], value, where)


def _flag(flag: click.Parameter, value: Value, where: str) -> Iterator[str]:
    """Yield a flag as it stands on a command line; nothing for one that is off by itself."""
    if not (isinstance(flag, click.Option) and flag.is_flag):
        yield f"{flag.opts[0]}={value}"
    elif not isinstance(value, bool):
        raise UsageError(f"{flag.name}: {value!r} is not true or false", where=where)
    elif value:
        yield flag.opts[0]
    elif flag.secondary_opts:
        yield flag.secondary_opts[0]
