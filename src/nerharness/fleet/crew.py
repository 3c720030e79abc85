"""The workers of a fleet: hired, welcomed when their model is loaded, replaced when lost."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import (
    NodeDiedError,
    ObjectLostError,
    OutOfMemoryError,
    RayActorError,
    RayError,
    RayTaskError,
    WorkerCrashedError,
)

from nerharness.errors import NerharnessError, PluginError, RunError
from nerharness.fleet.cluster import Size, failure, nodes, reason, stay_here
from nerharness.fleet.worker import Card, Worker
from nerharness.runs.inputs import Inputs

PATIENCE = 600.0
"""Seconds to wait for a worker while there is none."""

TRIES = 3
"""How many workers may be lost in a row before their model is loaded."""

LOST = (RayActorError, ObjectLostError, OutOfMemoryError, NodeDiedError, WorkerCrashedError)
"""What Ray raises when a worker or its node is gone, or was killed as memory ran out."""

ROOM = "see Ray's logs on that node; if it has too little memory, give it fewer workers"
"""What helps when workers are lost again and again."""


class Crew:
    """Workers that are loading, and `idle` ones that wait for work.

    Raises what the first worker raises when it loads the model; a later one that fails is warned
    of, and missed.
    """

    def __init__(self, inputs: Inputs, size: Size) -> None:
        size = size.fitted(nodes())
        self._worker: Any = ray.remote(Worker).options(
            num_cpus=size.cpus,
            num_gpus=size.gpus,
            max_concurrency=2,  # `stop` is heard while `label` is at work
            max_restarts=0,
            max_task_retries=0,
            scheduling_strategy=stay_here() if inputs.spec.protected else "SPREAD",
        )
        self._inputs = ray.put(inputs)
        self._model = inputs.model
        self._loading: dict[Any, Any] = {}
        self._stillborn = 0
        self.idle: list[Any] = []
        self.joined = self.lost = 0
        for _ in range(size.workers or 1):
            self._hire()
        self._card: Card | None = None
        while self._card is None:
            self.wait([])

    @property
    def card(self) -> Card:
        """That of the first worker; the others hold the same model."""
        assert self._card is not None
        return self._card

    def wait(self, work: Sequence[Any]) -> list[Any]:
        """Return which of the `work` has news, if any; welcomes workers that have loaded meanwhile.

        Raises `RunError` when there is nothing but loading workers for `PATIENCE` seconds.
        """
        awaited = [*work, *self._loading]
        patience = 0.2 if work or self.idle else PATIENCE
        if not ray.wait(awaited, num_returns=1, timeout=patience)[0] and patience == PATIENCE:
            raise RunError(
                f"no worker was ready within {PATIENCE:g} s",
                hint="has the cluster nodes with room for one? finished documents are kept",
            )
        news, _ = ray.wait(awaited, num_returns=len(awaited), timeout=0)
        for one in news:
            if one in self._loading:
                self._welcome(one)
        return [one for one in news if one not in self._loading and one in work]

    def replace(self, worker: Any) -> None:
        """Hire another in place of one that is lost."""
        self.lost += 1
        self._dismiss(worker)
        self._hire()

    def _dismiss(self, worker: Any) -> None:
        with suppress(Exception):  # it may be dead already, and that is all that is wanted
            ray.kill(worker)

    def _hire(self) -> None:
        worker = self._worker.remote(self._inputs, Path.cwd(), self._model)
        self._loading[worker.load.remote()] = worker

    def _welcome(self, loading: Any) -> None:
        worker = self._loading.pop(loading)
        try:
            card: Card = ray.get(loading)
            self._check(card)
        except LOST as error:
            self._stillborn += 1
            if self._stillborn == TRIES:
                raise RunError(
                    f"workers die while they load the model: {reason(error)}", hint=ROOM
                ) from None
            self.replace(worker)
        except (RayError, NerharnessError) as error:
            self._dismiss(worker)
            self._miss(cause(error))
        else:
            self._stillborn = 0
            self.joined += 1
            self.idle.append(worker)

    def _check(self, card: Card) -> None:
        """Raise `RunError` unless the worker is of this version, and holds the others' model."""
        if card.version != version("nerharness"):
            raise RunError(
                f"it has nerharness {card.version}, the driver {version('nerharness')}",
                where=f"node {card.node}",
            )
        if self._card is None:
            self._card, self._model = card, card.identity  # who comes later loads the same commit
        if card.identity != self.card.identity:
            raise RunError(
                f"it holds another model: {dict(card.identity)}, not {dict(self.card.identity)}",
                where=f"node {card.node}",
            )

    def _miss(self, error: Exception) -> None:
        """Go on without a worker; raises the error when no other has loaded."""
        if self._card is None:
            raise error
        warnings.warn(f"a worker could not load the model, and is missed: {error}", stacklevel=2)


def cause(error: Exception) -> Exception:
    """Return what a worker raised, or Ray for it, as this package's errors."""
    raised = error.cause if isinstance(error, RayTaskError) else error
    if isinstance(raised, NerharnessError):
        return raised
    if isinstance(raised, RayError):
        return failure(raised)
    return PluginError(f"{type(raised).__name__}: {raised}", where="a worker")
