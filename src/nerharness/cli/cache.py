"""`nerharness cache`: what `eval --cache on` keeps."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from nerharness.cli.flags import Flag, json_flag
from nerharness.cli.output import say, say_json
from nerharness.memory import size_text

if TYPE_CHECKING:
    from nerharness.runs.cache import Held

_SECONDS = {"h": 3600, "d": 86_400, "w": 7 * 86_400}
_BYTES = {"kb": 1000, "mb": 1000**2, "gb": 1000**3}


class _Amount(click.ParamType[int]):
    """A number with one of some units, such as `30d`."""

    def __init__(self, name: str, units: dict[str, int]) -> None:
        self.name = name
        self._units = units

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        found = re.fullmatch(r"(\d{1,9})\s*([a-z]+)", str(value).strip().lower())
        if found is None or found[2] not in self._units:
            units = ", ".join(f"1{unit}" for unit in self._units)
            self.fail(f"{value!r} is no {self.name} such as {units}", param, ctx)
        return int(found[1]) * self._units[found[2]]


def command() -> click.Command:
    """Build the command."""
    return click.Group(
        "cache",
        commands=[
            click.Command(
                "ls",
                params=[json_flag()],
                callback=_list,
                help="List how many answers of which backend and model are kept.",
            ),
            click.Command(
                "prune",
                params=[
                    Flag(
                        ["--older-than"],
                        type=_Amount("age", _SECONDS),
                        metavar="AGE",
                        help="remove what is older: 12h, 30d, 8w",
                    ),
                    Flag(
                        ["--max-size"],
                        type=_Amount("size", _BYTES),
                        metavar="SIZE",
                        help="remove the oldest until the rest is no larger: 500kB, 100MB, 2GB",
                    ),
                ],
                callback=_prune,
                help="Remove answers by age, or by size, the oldest first.",
            ),
            click.Command("clear", callback=_clear, help="Remove all answers."),
        ],
        help="The answers that eval --cache on keeps, in a file that all runs share: under "
        "NERHARNESS_CACHE, else in the user's cache folder.",
    )


def _list(as_json: bool) -> None:
    from nerharness.runs.cache import Cache, cache_file, parts

    file = cache_file()
    held = Cache(file).held() if file.exists() else []
    size = sum(part.stat().st_size for part in parts(file))
    if as_json:
        rows = [one._asdict() for one in held]
        say_json({"file": str(file), "bytes": size, "held": rows})
        return
    width = max((len(f"{one.backend}  {one.model}") for one in held), default=0)
    for one in held:
        say(_row(one, width))
    say(f"{file}  {size_text(size)}")


def _row(held: Held, width: int) -> str:
    name = f"{held.backend}  {held.model}"
    days = [datetime.fromtimestamp(at, UTC).date().isoformat() for at in (held.oldest, held.newest)]
    made = " to ".join(dict.fromkeys(days))
    return f"{name:{width}}  {held.answers:,} answers  {size_text(held.size)}  {made}"


def _prune(older_than: int | None, max_size: int | None) -> None:
    from nerharness.runs.cache import Cache, cache_file

    if older_than is None and max_size is None:
        raise click.UsageError("give --older-than, --max-size, or both; cache clear removes all")
    before = None if older_than is None else time.time() - older_than
    file = cache_file()
    removed = Cache(file).prune(before=before, size=max_size) if file.exists() else 0
    say(f"{removed:,} answers removed")


def _clear() -> None:
    from nerharness.runs.cache import cache_file, parts

    found = parts(cache_file())
    for file in found:
        file.unlink()
    say(f"{len(found)} files removed")
