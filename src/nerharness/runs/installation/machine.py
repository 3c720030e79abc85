"""The machine: how many cores and how much memory there are for this process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from nerharness.memory import free_memory, size_text, whole_memory
from nerharness.runs.installation.fact import Fact

_CGROUP = Path("/sys/fs/cgroup")


def processor_facts() -> Iterator[Fact]:
    """Yield how many cores this process may use, and the memory it may still have."""
    here, whole = usable_cores(), os.cpu_count() or 1
    yield Fact("cores", "info", f"{here:g} of {whole}" if here != whole else f"{whole}")
    free, total = free_memory(), whole_memory()
    if free is not None and total is not None:
        limit = _memory_limit()
        held = f"; this container has {size_text(limit)} at most" if limit else ""
        yield Fact("memory", "info", f"{size_text(free)} free of {size_text(total)}{held}")


def usable_cores() -> float:
    """Return how many cores this process may use, by its affinity and its control group."""
    try:
        cores: float = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        cores = os.cpu_count() or 1
    quota, _, period = _limit("cpu.max").partition(" ")
    if quota.isdigit() and period.isdigit() and int(period):
        cores = min(cores, int(quota) / int(period))
    return cores


def _memory_limit() -> int | None:
    told = _limit("memory.max")
    return int(told) if told.isdigit() else None


def _limit(name: str) -> str:
    """Return a limit of the control group (Linux, version 2); empty where there is none."""
    try:
        return (_CGROUP / name).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
