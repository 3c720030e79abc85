"""Settings in the environment: those that flags read, and those that nothing reads."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping

from nerharness.runs.installation.fact import Fact

_PREFIX = "NERHARNESS_"
_NO_FLAGS = ("NERHARNESS_CACHE", "NERHARNESS_PLUGINS")
"""Read, though no flag has their name."""


def setting_facts(read: Collection[str], environ: Mapping[str, str]) -> Iterator[Fact]:
    """Yield the names of the variables that are set; `read` are those that flags read.

    One that nothing reads is a problem if its name is nearly that of one that is read; others may
    be a plugin's.
    """
    known = {*read, *_NO_FLAGS}
    given = sorted(name for name in environ if name.startswith(_PREFIX))
    if used := [name for name in given if name in known]:
        yield Fact("in effect", "info", ", ".join(used))
    for name in given:
        if name not in known:
            yield _unread(name, known)
    if not given:
        yield Fact("in effect", "info", f"no {_PREFIX}… variable is set")


def _unread(name: str, known: Collection[str]) -> Fact:
    bare = {one.removeprefix(_PREFIX): one for one in known}
    near = difflib.get_close_matches(name.removeprefix(_PREFIX), bare, n=1, cutoff=0.75)
    if near:
        return Fact(name, "problem", "no flag reads it", f"did you mean {bare[near[0]]}?")
    return Fact(name, "info", "no flag reads it")
