"""Torch, as a process of its own sees it: a library that is broken may end the one it is in."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nerharness.memory import size_text
from nerharness.runs.installation.fact import Fact, checked, reason
from nerharness.runs.installation.packages import installed

_DEVICES = Path("/dev")
_TORCH_HINT = "install torch for CUDA: https://pytorch.org/get-started/locally"
_REINSTALL = "install torch anew"
_PATIENCE = 300.0
"""Seconds that an import may take, from a slow disk."""
_CHILD = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from nerharness.runs.installation.torch_check import tell; tell()"
)


def torch_facts() -> Iterator[Fact]:
    """Yield what torch computes with, as a process says that imports it, which takes seconds."""
    if installed("torch") is None:
        advice = "pip install 'nerharness[hf]'"
        yield Fact("torch", "missing", "not installed: no local model can run", advice, needed=True)
        return
    try:
        done = subprocess.run(
            [sys.executable, "-c", _CHILD, json.dumps(sys.path)],
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        yield _broken(f"is not imported after {_PATIENCE:g} seconds")
        return
    told = done.stdout.decode(errors="replace").splitlines()
    if done.returncode or not told:
        yield _broken(_end(done.returncode, done.stderr.decode(errors="replace")))
        return
    yield from (Fact(**fact) for fact in json.loads(told[-1]))


def _broken(what: str) -> Fact:
    return Fact("torch", "problem", what, _REINSTALL, needed=True)


def _end(code: int, said: str) -> str:
    """Return how a process ended that should have told of torch, with its last words."""
    try:
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"code {code}"
    except ValueError:
        how = f"signal {-code}"
    last = (said.strip().splitlines() or [""])[-1]
    return f"its import ends Python ({how})" + (f": {last}" if last else "")


def tell() -> None:
    """Print what is known of torch as JSON, in the last line: the process that is asked."""
    facts = checked("torch", processor_fact, needed=True, advice=_REINSTALL)
    facts += checked("accelerator", lambda: accelerator_facts(os.environ))
    sys.stdout.write("\n" + json.dumps([asdict(fact) for fact in facts]) + "\n")


def processor_fact() -> Iterator[Fact]:
    """Yield how torch computes on the processor."""
    import torch

    from nerharness.products import computes_in_bfloat16

    vectors = torch.backends.cpu.get_cpu_capability()
    tell = "computes" if computes_in_bfloat16() else "does not compute"
    dtype = "bfloat16" if computes_in_bfloat16() else "float32"
    yield Fact("torch", "ok", f"{torch.__version__}, {torch.get_num_threads()} threads")
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
