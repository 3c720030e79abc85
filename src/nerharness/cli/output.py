"""Lines and JSON for people and programs: no text in them acts on a terminal."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from typing import IO, Any

import click

from nerharness.escapes import escaped

_STDOUT = "nerharness.stdout"


def say(text: object, *, err: bool = False, end: bool = True, file: IO[str] | None = None) -> None:
    """Print a text on stdout, stderr or a file, escaped, with a line end unless it has its own."""
    click.echo(escaped(str(text)), err=err, nl=end, file=file)


def say_json(value: Any, *, err: bool = False) -> None:
    """Print a value as JSON on one line."""
    stdout = click.get_current_context().meta.get(_STDOUT)
    say(json.dumps(value, ensure_ascii=False), err=err, file=None if err else stdout)


def keep_stdout(context: click.Context, _: click.Parameter, as_json: bool) -> bool:
    """Keep stdout for `say_json`, if that is asked for: what others print goes to stderr.

    The callback of a `--json`; plugins and libraries print whatever they like.
    """
    if as_json and _STDOUT not in context.meta:
        context.meta[_STDOUT] = sys.stdout
        context.with_resource(redirect_stdout(sys.stderr))
    return as_json
