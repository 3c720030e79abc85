"""What an inspection found, a line for each fact, in groups."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from nerharness.runs.installation.fact import Fact, Group, Mark
from nerharness.runs.installation.inspection import Inspection

_STYLES: dict[Mark, str] = {"ok": "green", "missing": "yellow", "problem": "bold red", "info": ""}
_MARK = max(len(mark) for mark in _STYLES)
_DEFAULT = "nerharness eval --backend hf --strategy rag"
_LEAST = 24
"""Columns that a value has at least, however narrow the screen."""


def print_installation(console: Console, found: Inspection) -> None:
    """Print each group with its facts; on a terminal, long lines go on under where they began."""
    for group in found.groups:
        if not group.facts:
            continue
        console.print(Text(group.title, style="bold"))
        for line in _lines(group, console.width if console.is_terminal else None):
            console.print(line, soft_wrap=True)
    console.print(Text(_verdict(found)), soft_wrap=not console.is_terminal)


def _lines(group: Group, width: int | None) -> Iterator[Text]:
    names = max((len(fact.name) for fact in group.facts), default=0)
    for fact in group.facts:
        mark = "" if fact.mark == "info" else fact.mark
        begin = f"  {mark:{_MARK}}  {fact.name:{names}}  "
        first, *rest = _wrapped(fact, width and max(_LEAST, width - len(begin)))
        line = Text(begin + first)
        line.stylize(_STYLES[fact.mark], 2, 2 + _MARK)
        yield line
        for more in rest:
            yield Text(" " * len(begin) + more)


def _wrapped(fact: Fact, width: int | None) -> Sequence[str]:
    """Return the lines of a fact: what is to be done stands by itself, where that is too long."""
    advice = f"→ {fact.advice}" if fact.advice else ""
    whole = f"{fact.value}  {advice}".rstrip()
    if width is None or len(whole) <= width:
        return [whole]
    return [line for part in (fact.value, advice) for line in _filled(part, width)] or [""]


def _filled(text: str, width: int) -> list[str]:
    """Return a text in lines; a path or a command's quoted word is not broken at its hyphens."""
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def _verdict(found: Inspection) -> str:
    """Return whether the default `eval` can run, and how much is broken."""
    if found.lacking:
        names = ", ".join(fact.name for fact in found.lacking)
        said = f"{_DEFAULT} cannot run here without network: see {names}"
    else:
        said = f"{_DEFAULT} can run here, without network"
    if problems := len(found.problems):
        said += f"; {problems} {'problem' if problems == 1 else 'problems'}"
    return said
