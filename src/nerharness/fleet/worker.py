"""A worker: holds the model on a node of the cluster, and labels documents."""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import ray

from nerharness.plugin import Ability
from nerharness.plugin.host import load_host
from nerharness.runs.engine import Engine
from nerharness.runs.evaluation import make_backend, make_engine
from nerharness.runs.inputs import Inputs
from nerharness.runs.prompting import make_prompting
from nerharness.runs.protection import go_offline
from nerharness.runs.record import Record
from nerharness.telemetry import turn_off

_BUNCH_SECONDS = 0.5
"""How long finished records are gathered before they are sent."""


@dataclass(frozen=True, slots=True)
class Card:
    """What a worker says of itself when its model is loaded."""

    identity: Mapping[str, str]
    abilities: frozenset[Ability]
    window: float
    version: str
    node: str


@dataclass(frozen=True, slots=True)
class Bunch:
    """Records that were finished, and what was warned of meanwhile."""

    records: tuple[Record, ...]
    warnings: tuple[str, ...]


class Worker:
    """Labels documents of the inputs with a model of its own.

    `folder` is where the driver works, from where relative paths are meant; `model` is what is
    known of the model already.
    """

    def __init__(self, inputs: Inputs, folder: Path, model: Mapping[str, str]) -> None:
        self._inputs = replace(inputs, model=model)
        self._folder = folder
        self._stopping = threading.Event()
        self._engine: Engine | None = None

    def load(self) -> Card:
        """Load the model; raises the errors of `nerharness.errors`."""
        with suppress(OSError):  # a node may have its own files elsewhere, under absolute paths
            os.chdir(self._folder)
        turn_off()  # a node's environment is its own
        if self._inputs.spec.protected:
            go_offline()
        host = load_host()
        backend = make_backend(self._inputs, host)
        self._engine = make_engine(self._inputs, make_prompting(self._inputs, host), backend)
        return Card(
            dict(backend.identity),
            getattr(backend, "abilities", frozenset()),
            self._engine.window,
            version("nerharness"),
            ray.util.get_node_ip_address(),
        )

    def label(self, places: Sequence[int]) -> Iterator[Bunch]:
        """Yield the records of the selected documents at these places, some at a time."""
        assert self._engine is not None
        examples = [self._inputs.selection.examples[place] for place in places]
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            records: list[Record] = []
            sent = time.monotonic()
            for record in self._engine.run(examples, stop=self._stopping.is_set):
                records.append(record)
                if time.monotonic() - sent >= _BUNCH_SECONDS:
                    yield _bunch(records, said)
                    sent = time.monotonic()
            yield _bunch(records, said)

    def stop(self) -> None:
        """Begin no other document; those that are begun are finished."""
        self._stopping.set()


def _bunch(records: list[Record], said: list[warnings.WarningMessage]) -> Bunch:
    """Return what was gathered, and empty both."""
    bunch = Bunch(tuple(records), tuple(str(one.message) for one in said))
    records.clear()
    said.clear()
    return bunch
