"""Bytes: how many of them programs may still have, and how people read them."""

from __future__ import annotations

from pathlib import Path

_LINUX = Path("/proc/meminfo")


def free_memory() -> int | None:
    """Return the bytes that Linux says programs may still have; `None` where it says nothing."""
    return _told("MemAvailable:")


def whole_memory() -> int | None:
    """Return the bytes of the machine's memory; `None` where Linux says nothing."""
    return _told("MemTotal:")


def _told(name: str) -> int | None:
    try:
        lines = _LINUX.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return None
    found = (line.split() for line in lines)
    return next((int(words[1]) << 10 for words in found if words[:1] == [name]), None)


def size_text(size: float) -> str:
    """Return a number of bytes for people."""
    for unit in ("B", "kB", "MB"):
        if round(size) < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} GB" if round(size) < 1000 else f"{size:,.0f} GB"
