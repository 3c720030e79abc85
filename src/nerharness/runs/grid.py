"""A grid: runs that differ in what a TOML file lists, and what each of them is called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, time
from itertools import product
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from nerharness.errors import UsageError
from nerharness.text_files import read_toml

Value = str | int | float | bool

FILE = "grid.toml"
"""The copy of a grid's file, beside its run folders."""
SITTINGS = "sittings.jsonl"
"""What each sitting of a grid was told, beside them."""
RUNS = "runs"
"""The tables of a grid's file."""
NAME = "name"
"""What a table is called by, which is no flag."""


class Variant(NamedTuple):
    """One run of a grid."""

    settings: Mapping[str, Value]
    """Flags of `nerharness eval` by their names, with underscores."""
    parts: Mapping[str, str]
    """What its name is made of: that of its table, and what settings add to it."""

    @property
    def name(self) -> str:
        """That of its folder."""
        return _name(self.parts.values())

    def name_but_for(self, key: str) -> str:
        """Return its name without what a setting adds to it."""
        return _name(part for of, part in self.parts.items() if of != key)


class _Setting(NamedTuple):
    key: str
    value: Value


def read_grid(file: Path) -> tuple[Variant, ...]:
    """Read a grid's runs from a TOML file; raises `UsageError` for one that means none.

    Keys are flags; those at the top are for all runs. Each table `[[runs]]` has further ones, which
    win over those at the top, and may have a `name`. A list is an axis: a table stands for as many
    runs as there are ways to take a value from each list. Without a table there is one, empty. A
    run is called by its table's name and what it takes from lists; without both, by what else its
    table says.
    """
    where = str(file)
    try:
        top = read_toml(file)
    except ValueError as error:
        raise UsageError(f"cannot be read: {error}", where=where) from None
    tables = top.pop(RUNS, [{}])
    if not (isinstance(tables, list) and tables and all(isinstance(one, dict) for one in tables)):
        raise UsageError(f"{RUNS} are tables, each under [[{RUNS}]]", where=where)
    found = [variant for table in tables for variant in _variants(top, table, where)]
    _check_names(found, where)
    return tuple(found)


def _variants(top: Mapping[str, Any], table: Mapping[str, Any], where: str) -> Iterator[Variant]:
    own = dict(table)
    called = own.pop(NAME, None)
    if called is not None and not (isinstance(called, str) and called.strip()):
        raise UsageError(f"{NAME}: {called!r} is no name", where=where)
    upper, lower = _keyed(top, where), _keyed(own, where)
    merged = {**upper, **lower}
    axes = [[_Setting(key, value) for value in _values(given)] for key, given in merged.items()]
    listed = {key for key, given in merged.items() if isinstance(given, list)}
    naming = listed if listed or called else lower.keys()
    for settings in product(*axes):
        parts = {NAME: called} if called else {}
        parts |= {one.key: _part(one) for one in settings if one.key in naming}
        yield Variant({one.key: one.value for one in settings}, parts)


def _keyed(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return what each key has, a value or values, with underscores in its name."""
    found: dict[str, Any] = {}
    for key, given in table.items():
        name, values = key.replace("-", "_"), _values(given)
        if name in found:
            raise UsageError(f"{key} stands twice", where=where)
        if not values:
            raise UsageError(f"{key} is an empty list", where=where)
        for one in values:
            if isinstance(one, (list, dict, date, time)):
                raise UsageError(f"{key}: {one!r} is no value", where=where)
        if len({(type(one), one) for one in values}) < len(values):
            raise UsageError(f"{key} has a value twice", where=where)
        found[name] = given
    return found


def _values(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def _part(setting: _Setting) -> str:
    """Return what a value adds to a name: the end of a path, and the key of what is no word."""
    key, value = setting.key.replace("_", "-"), setting.value
    if isinstance(value, bool):
        return key if value else f"no-{key}"
    if isinstance(value, (int, float)):
        return f"{key}-{value}"
    return PurePath(value).name or value


def _name(parts: Iterable[str]) -> str:
    words = (re.sub(r"[^\w.+-]+", "-", part).strip("-.") for part in parts)
    return "-".join(filter(None, words)) or "run"


def _check_names(variants: Sequence[Variant], where: str) -> None:
    """Raise `UsageError` for names that are one on some disks."""
    known: set[str] = set()
    for variant in variants:
        if (folded := variant.name.casefold()) in {FILE, SITTINGS}:
            raise UsageError(f"a file of the grid is called {variant.name!r}, too", where=where)
        if folded in known:
            hint = f"give their tables under [[{RUNS}]] a {NAME}"
            raise UsageError(f"two runs are called {variant.name!r}", where=where, hint=hint)
        known.add(folded)
