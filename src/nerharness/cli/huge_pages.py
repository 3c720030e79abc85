"""Memory in huge pages, for commands that compute with models here.

A model walks through gigabytes in every step, and training lets them go after each. In pages of
4 KiB the processor looks addresses up all the time, and Linux empties the same pages again and
again. The allocator of glibc (2.35 and newer) can ask for pages of 2 MiB and keep what it has, but
reads that from its environment as a program starts, and at no other time.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

TUNABLES = "GLIBC_TUNABLES"
_KEPT = 1 << 40
"""Bytes that are given back to Linux if there are as many: never."""
_WANTED = (
    "glibc.malloc.hugetlb=1"
    f":glibc.malloc.mmap_threshold={_KEPT}:glibc.malloc.trim_threshold={_KEPT}"
)
_COMMANDS = ("eval", "train")
_HELP = ("-h", "--help")
_KERNEL = Path("/sys/kernel/mm/transparent_hugepage/enabled")
_OLDEST = (2, 35)


def take_huge_pages(words: Sequence[str]) -> None:
    """Start this program anew with such an allocator if the command, its `words`, gains by it.

    The process stays the same one, and so do its streams. Tunables that the user has set, if only
    to nothing, are left as they are. Where it cannot be started anew it goes on as it is.
    """
    if not gains(words, os.environ):
        return
    with suppress(OSError):
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], with_tunables(os.environ))


def gains(words: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Tell whether a command should be started anew."""
    return (
        bool(words and sys.executable)
        and words[0] in _COMMANDS
        and not set(_HELP) & set(words)
        and TUNABLES not in environment
        and _glibc() >= _OLDEST
        and _gives_huge_pages()
    )


def with_tunables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with what the allocator is to do."""
    return {**environment, TUNABLES: _WANTED}


def _glibc() -> tuple[int, ...]:
    """Return the version of glibc; empty for another library."""
    try:
        said = os.confstr("CS_GNU_LIBC_VERSION") or ""
        return tuple(int(part) for part in said.removeprefix("glibc ").split("."))
    except (AttributeError, ValueError):
        return ()


def _gives_huge_pages() -> bool:
    """Tell whether Linux gives them to all, or to those that ask."""
    try:
        return "[never]" not in _KERNEL.read_text(encoding="ascii")
    except OSError:
        return False
