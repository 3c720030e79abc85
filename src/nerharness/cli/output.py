"""Lines and JSON for people and programs: no text in them acts on a terminal."""

from __future__ import annotations

import json
from typing import Any

import click

from nerharness.escapes import escaped


def say(text: object, *, err: bool = False, end: bool = True) -> None:
    """Print a text on stdout or stderr, escaped, with a line end unless it has its own."""
    click.echo(escaped(str(text)), err=err, nl=end)


def say_json(value: Any, *, err: bool = False) -> None:
    """Print a value as JSON on one line."""
    say(json.dumps(value, ensure_ascii=False), err=err)
