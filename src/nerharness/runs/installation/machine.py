"""The machine: processor, memory, accelerators, as torch and Linux see them."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nerharness.memory import free_memory, size_text, whole_memory
from nerharness.runs.installation.fact import Fact, reason
from nerharness.runs.installation.packages import installed

_CGROUP = Path("/sys/fs/cgroup")
_DEVICES = Path("/dev")
_TORCH_HINT = "install torch for CUDA: https://pytorch.org/get-started/locally"


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


def torch_facts() -> Iterator[Fact]:
    """Yield how torch computes on the processor; it is imported, which takes seconds."""
    if installed("torch") is None:
        advice = "pip install 'nerharness[hf]'"
        yield Fact("torch", "missing", "not installed: no local model can run", advice)
        return
    import torch

    from nerharness.products import computes_in_bfloat16

    yield Fact("torch", "ok", f"{torch.__version__}, {torch.get_num_threads()} threads")
    vectors = torch.backends.cpu.get_cpu_capability()
    tell = "computes" if computes_in_bfloat16() else "does not compute"
    dtype = "bfloat16" if computes_in_bfloat16() else "float32"
    said = f"{vectors}; {tell} in bfloat16: models run in {dtype} on it"
    yield Fact("processor", "info", said)


def accelerator_facts(environ: Mapping[str, str]) -> Iterator[Fact]:
    """Yield what torch has besides the processor; nothing where it is not imported."""
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        cuda = torch.cuda.is_available()
    if cuda:
        for index in range(torch.cuda.device_count()):
            yield _cuda(torch, index)
    elif torch.backends.mps.is_available():
        yield Fact("mps", "ok", "Apple's GPU")
    else:
        yield _none(torch, environ, " ".join(str(one.message) for one in said))


def _cuda(torch: Any, index: int) -> Fact:
    name = f"cuda:{index}"
    try:
        free, whole = torch.cuda.mem_get_info(index)
        title = torch.cuda.get_device_name(index)
    except RuntimeError as error:  # a device that others keep for themselves, or that is broken
        return Fact(name, "problem", reason(error), "choose others with CUDA_VISIBLE_DEVICES")
    return Fact(name, "ok", f"{title}, {size_text(free)} free of {size_text(whole)}")


def _none(torch: Any, environ: Mapping[str, str], said: str) -> Fact:
    """Return why there is no accelerator, if there is one that torch does not see."""
    there = sorted(_DEVICES.glob("nvidia[0-9]*"))
    hidden = "CUDA_VISIBLE_DEVICES" in environ
    if not there or hidden:
        by = " (CUDA_VISIBLE_DEVICES is set)" if there else ""
        return Fact("accelerator", "info", f"none: models run on the processor{by}")
    if torch.version.cuda is None and getattr(torch.version, "hip", None) is None:
        text = f"{there[0]} is there, and this torch is a build without CUDA"
        return Fact("accelerator", "missing", text, _TORCH_HINT)
    text = f"{there[0]} is there, and torch, built for CUDA {torch.version.cuda}, cannot use it"
    return Fact("accelerator", "problem", f"{text}: {said}" if said else text, _TORCH_HINT)
