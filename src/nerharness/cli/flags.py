"""Flags that plugins declare, flags in sections, and flags from a config file."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from datetime import date, time
from pathlib import Path
from typing import Any, NamedTuple

import click

from nerharness.cli.output import keep_stdout
from nerharness.errors import UsageError
from nerharness.plugin.host import SINGULAR, Host, Kind
from nerharness.plugin.provider import Option
from nerharness.text_files import read_toml

SECTION = "Options"


class Flag(click.Option):
    """An option that knows its section of the help page and its environment variable."""

    def __init__(self, declarations: Iterable[str], *, section: str = SECTION, **rest: Any) -> None:
        self.section = section
        super().__init__(list(declarations), **rest)
        if self.envvar is None:
            long = max(self.opts, key=len).removeprefix("--")
            self.envvar = f"NERHARNESS_{long.replace('-', '_').upper()}"
        if isinstance(self.type, (click.IntRange, click.FloatRange)):  # as errors call them
            self.type.name = "integer" if isinstance(self.type, click.IntRange) else "number"


def json_flag() -> Flag:
    """Return the `--json` of a command that prints JSON in place of tables."""
    names = ["--json", "as_json"]
    return Flag(names, is_flag=True, callback=keep_stdout, help="print JSON on stdout")


class SectionedCommand(click.Command):
    """A command whose help page shows its flags by section.

    A config file may also hold the names in `passed_over`: flags of another command. `skipped` is
    told where a flag is not known: it may be one of a plugin that was skipped.
    """

    passed_over: frozenset[str] = frozenset()

    def __init__(self, *arguments: Any, skipped: str = "", **rest: Any) -> None:
        self.skipped = skipped
        super().__init__(*arguments, **rest)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the command line."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if not self.skipped:
                raise
            message = f"{error.format_message()} ({self.skipped})"
            raise click.NoSuchOption(error.option_name, message, ctx=ctx) from None

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each section with its flags, in the order of their first flag."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            if row := parameter.get_help_record(ctx):
                sections.setdefault(getattr(parameter, "section", SECTION), []).append(row)
        for title, rows in sections.items():
            with formatter.section(title):
                formatter.write_dl(rows)


class _Declared(NamedTuple):
    kind: Kind
    plugin: str
    option: Option


def plugin_flags(host: Host, kinds: Iterable[Kind], taken: Iterable[str]) -> list[Flag]:
    """Return one flag per option name that any plugin of the kinds declares.

    Plugins may share a name; its value is checked against what the chosen one declares. Names in
    `taken` belong to the command itself.
    """
    declared: dict[str, list[_Declared]] = {}
    for kind in kinds:
        for name, offer in host.offers(kind).items():
            for option in offer.provider.options:
                declared.setdefault(option.name, []).append(_Declared(kind, name, option))
    reserved = set(taken)
    return [
        _flag(rows, negated=f"no_{name}" not in declared)
        for name, rows in declared.items()
        if name not in reserved
    ]


def _flag(rows: list[_Declared], *, negated: bool) -> Flag:
    """Return the flag; one for yes or no takes a value if `--no-NAME` is not free."""
    option = rows[0].option
    flag = option.flag
    section = f"Options {'; '.join(_owners(rows))}"
    help = f"{_help(rows)}{_defaults(rows)}"
    if negated and all(row.option.type is bool for row in rows):
        return Flag([f"{flag}/--no-{flag[2:]}"], section=section, default=None, help=help)
    return Flag([flag], section=section, metavar=_metavar(option), help=help)


def _owners(rows: list[_Declared]) -> list[str]:
    """Return "of KIND NAME, NAME" for each kind of plugin that declares the option."""
    kinds = dict.fromkeys(row.kind for row in rows)
    names = {kind: ", ".join(row.plugin for row in rows if row.kind == kind) for kind in kinds}
    return [f"of {SINGULAR[kind]} {names[kind]}" for kind in kinds]


_METAVARS = {str: "TEXT", int: "N", float: "X", bool: "BOOL"}


def _help(rows: list[_Declared]) -> str:
    if len({row.option.help for row in rows}) == 1:
        return rows[0].option.help
    return "; ".join(f"{row.plugin}: {row.option.help}" for row in rows)


def _metavar(option: Option) -> str:
    return f"[{'|'.join(option.choices)}]" if option.choices else _METAVARS[option.type]


def _defaults(rows: list[_Declared]) -> str:
    values = {row.plugin: row.option.default for row in rows if row.option.default is not None}
    if not values:
        return ""
    if len(set(values.values())) == 1:
        return f"  [default: {next(iter(values.values()))}]"
    return f"  [default: {', '.join(f'{name} {value}' for name, value in values.items())}]"


def load_config(ctx: click.Context, _: click.Parameter, path: Path | None) -> None:
    """Read flags from a TOML file: `name = value`, with hyphens or underscores; flags given win.

    Raises `UsageError` for a file that is missing, malformed, or names an unknown flag.
    """
    if path is None:
        return
    try:
        table = read_toml(path)
    except ValueError as error:
        raise UsageError(f"cannot be read: {error}", where=f"--config {path}") from None
    known = {p.name for p in ctx.command.params if p.name and p.name != "config"}
    passed_over: frozenset[str] = getattr(ctx.command, "passed_over", frozenset())
    named = {key.replace("-", "_"): value for key, value in table.items()}
    values = {key: value for key, value in named.items() if key not in passed_over}
    for key in values:
        check_known(key, known, ctx.command, f"--config {path}")
        if isinstance(values[key], (list, dict, date, time)):
            raise UsageError(f"{key}: {values[key]!r} is no value", where=f"--config {path}")
    # As text, so that a value means what it means on a command line: 1.5 is no whole number.
    texts = {key: str(value) for key, value in values.items()}
    ctx.default_map = {**(ctx.default_map or {}), **texts}


def check_known(key: str, known: Collection[str], command: click.Command, where: str) -> None:
    """Raise `UsageError` unless a setting is among the known names of a command's flags."""
    if key in known:
        return
    near = difflib.get_close_matches(key, known, n=1)
    see = f"see nerharness {command.name} --help"
    skipped = getattr(command, "skipped", "")
    hint = skipped or (f"did you mean {near[0]!r}?" if near else see)
    raise UsageError(f"unknown setting {key!r}", where=where, hint=hint)
