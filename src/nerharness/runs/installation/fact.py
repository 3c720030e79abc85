"""A fact about an installation, and checks whose faults become facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

Mark = Literal["ok", "missing", "problem", "info"]
"""`missing`: what can be installed and is not; `problem`: what is there and does not work; `info`:
what is neither good nor bad."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: what was looked at, what was found, and what is to be done, if anything."""

    name: str
    mark: Mark
    value: str
    advice: str = ""
    needed: bool = False
    """Whether `nerharness eval --backend hf --strategy rag` cannot do without it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Facts that belong together."""

    title: str
    facts: tuple[Fact, ...]


Check = Callable[[], Iterable[Fact]]


def checked(name: str, check: Check, *, needed: bool = False, advice: str = "") -> list[Fact]:
    """Return the facts of a check; what it raises is a problem of that name. Never raises.

    `needed` is said of all of its facts, `advice` of what it raises.
    """
    facts: list[Fact] = []
    try:
        facts.extend(replace(fact, needed=fact.needed or needed) for fact in check())
    except (Exception, SystemExit) as error:  # a library that is broken may raise anything
        facts.append(Fact(name, "problem", reason(error), advice, needed))
    return facts


def reason(error: BaseException) -> str:
    """Return an error as one line; our own say by themselves what they are."""
    from nerharness.errors import NerharnessError

    said = " ".join(str(error).split())
    if isinstance(error, NerharnessError):
        return said
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
