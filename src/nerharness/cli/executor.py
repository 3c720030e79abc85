"""Where a run is worked on: on this machine, or on a Ray cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from nerharness.cli.flags import Flag
from nerharness.errors import UsageError

if TYPE_CHECKING:
    from nerharness.runs.evaluation import Gather

_CLUSTER_FLAGS = ("workers", "cpus_per_worker", "gpus_per_worker", "ray_address")

EXECUTOR_FLAGS = frozenset({"executor", *_CLUSTER_FLAGS})
"""The names of the flags."""


def executor_flags() -> list[Flag]:
    """Return the flags of the section about where to run."""
    return [
        _flag(
            "executor",
            "on this machine (local), or by workers on a Ray cluster (ray)",
            type=click.Choice(["local", "ray"]),
            default="local",
            show_default=True,
        ),
        _flag(
            "workers",
            "workers, each with the model  [default: one per GPU; if none, all there is room for]",
            type=int,
            metavar="N",
        ),
        _flag(
            "cpus-per-worker",
            "cores of each  [default: its GPU's share; without, those of the smallest node]",
            type=int,
            metavar="N",
        ),
        _flag("gpus-per-worker", "GPUs of each  [default: 1, if any]", type=int, metavar="N"),
        _flag(
            "ray-address",
            "the cluster  [default: RAY_ADDRESS, or else one on this machine]",
            metavar="ADDRESS",
            envvar="NERHARNESS_RAY_ADDRESS",
        ),
    ]


@contextmanager
def executing(given: Mapping[str, Any]) -> Iterator[Gather | None]:
    """Join the cluster that the flags' values name; yields how to gather workers on it.

    Yields `None` for a run on this machine. Raises `UsageError` for flags that do not go together.
    """
    if given["executor"] == "local":
        if said := next((name for name in _CLUSTER_FLAGS if given[name] is not None), None):
            raise UsageError("only with --executor ray", where="--" + said.replace("_", "-"))
        yield None
        return
    from nerharness.fleet.cluster import Size, joined

    size = Size(given["workers"], given["cpus_per_worker"], given["gpus_per_worker"])
    with joined(given["ray_address"]):
        from nerharness.fleet.fleet import Fleet

        yield lambda inputs: Fleet(inputs, size)


def _flag(name: str, help: str, **rest: Any) -> Flag:
    return Flag([f"--{name}"], section="Where to run", help=help, **rest)
