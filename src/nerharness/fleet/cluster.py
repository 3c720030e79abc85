"""The Ray cluster that a run is spread over, and how many workers it has room for."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from nerharness.errors import MissingDependencyError, RunError, UsageError
from nerharness.telemetry import turn_off

Resources = Mapping[str, float]
"""What a node has, by Ray's names."""


@contextmanager
def joined(address: str | None) -> Iterator[None]:
    """Use the cluster at `address`, by default that of `RAY_ADDRESS`, or else one of its own.

    Its own is on this machine alone, and ends with the context. Ray's usage statistics are off.
    Raises `MissingDependencyError` without Ray, `RunError` where there is no cluster, and for what
    Ray raises while it is used.
    """
    turn_off()
    try:
        import ray
        from ray.exceptions import RayError
    except ImportError:
        raise MissingDependencyError(
            "--executor ray needs ray, not installed here", hint="pip install 'nerharness[ray]'"
        ) from None
    begun = not ray.is_initialized()
    try:
        if begun:
            _begin(address)
        yield
    except RayError as error:
        raise failure(error) from error
    finally:
        if begun:
            ray.shutdown()


def _begin(address: str | None) -> None:
    import ray

    try:
        ray.init(
            address or os.environ.get("RAY_ADDRESS") or "local",
            include_dashboard=None if address or "RAY_ADDRESS" in os.environ else False,
            log_to_driver=False,
            logging_level="ERROR",
        )
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise RunError(f"no Ray cluster there: {error}", where="--ray-address") from None


def reason(error: Exception) -> str:
    """Return the line that tells most of what Ray says of an error, which can be forty.

    Of an actor that died that is the last one, else the first: the others describe nodes.
    """
    from ray.exceptions import RayActorError

    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[-1 if isinstance(error, RayActorError) else 0].strip()


def failure(error: Exception) -> RunError:
    """Build the error for what Ray raised."""
    return RunError(
        f"Ray failed: {reason(error)}",
        where="--executor",
        hint="finished documents are kept; see Ray's logs",
    )


@dataclass(frozen=True, slots=True)
class Size:
    """How many workers there are to be, and what each holds; `None` is up to the cluster.

    By default a worker is on each GPU, with its share of the node's cores; in a cluster without,
    each has as many cores as the smallest node.
    """

    workers: int | None = None
    cpus: int | None = None
    gpus: int | None = None

    def __post_init__(self) -> None:
        for name, least in (("workers", 1), ("cpus", 1), ("gpus", 0)):
            value = getattr(self, name)
            if value is not None and value < least:
                flag = "--workers" if name == "workers" else f"--{name}-per-worker"
                raise UsageError(f"must be at least {least}, got {value}", where=flag)

    def fitted(self, nodes: Sequence[Resources]) -> Size:
        """Return it without `None`; `RunError` if no node has room for a worker.

        Where not all have room, a warning says so: the others join as soon as there is.
        """
        gpus = self.gpus
        if gpus is None:
            gpus = int(any(node.get("GPU", 0) >= 1 for node in nodes))
        fit = [node for node in nodes if node.get("GPU", 0) >= gpus and node.get("CPU", 0) >= 1]
        cpus = self.cpus or min((_share(node, gpus) for node in fit), default=1)
        room = sum(_room(node, cpus, gpus) for node in nodes)
        if not room:
            raise RunError(
                f"no node of the cluster has the {cpus} CPUs and {gpus} GPUs of a worker",
                hint="see --cpus-per-worker and --gpus-per-worker",
            )
        if self.workers is not None and self.workers > room:
            warnings.warn(
                f"the cluster has room for {room} of {self.workers} workers now", stacklevel=2
            )
        return replace(self, workers=self.workers or room, cpus=cpus, gpus=gpus)


def nodes() -> list[Resources]:
    """Return what each living node of the joined cluster has."""
    import ray

    return [node["Resources"] for node in ray.nodes() if node["Alive"]]


def stay_here() -> Any:
    """Return how to schedule on this node alone; `UsageError` if the cluster has other machines."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    here = ray.util.get_node_ip_address()
    if any(node["NodeManagerAddress"] != here for node in ray.nodes() if node["Alive"]):
        raise UsageError(
            "the texts are protected, and the cluster has other machines",
            where="--executor",
            hint="see docs/privacy.md",
        )
    return NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)


def _share(node: Resources, gpus: int) -> int:
    """Return the cores of one worker where the node holds as many as it has GPUs for."""
    if not gpus:
        return int(node["CPU"])
    return max(1, int(node["CPU"]) // max(1, int(node.get("GPU", 0)) // gpus))


def _room(node: Resources, cpus: int, gpus: int) -> int:
    fits = int(node.get("CPU", 0)) // cpus
    return min(fits, int(node.get("GPU", 0)) // gpus) if gpus else fits
