"""The driver's side: hands out documents to workers, and takes their records, each once."""

from __future__ import annotations

import math
import warnings
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ray
from ray.exceptions import RayError

from nerharness.errors import RunError
from nerharness.fleet.cluster import Size, reason
from nerharness.fleet.crew import LOST, ROOM, TRIES, Crew, cause
from nerharness.fleet.worker import Bunch
from nerharness.plugin import Ability
from nerharness.runs.dialogue import Stop, never
from nerharness.runs.engine import WINDOW, Tick, windows
from nerharness.runs.inputs import Inputs
from nerharness.runs.record import Record
from nerharness.runs.units import units
from nerharness.types import Example


@dataclass(slots=True)
class _Share:
    """Documents that one worker is to label: the places of those it has not, by their ids."""

    left: dict[str, int]
    tries: int = 0


class Fleet:
    """Workers on the joined cluster, each with the model, that label documents.

    A worker that is lost is replaced, and what it had not finished is done again by another.
    """

    def __init__(self, inputs: Inputs, size: Size) -> None:
        self._inputs = inputs
        self._crew = Crew(inputs, size)
        self._busy: dict[Any, tuple[Any, _Share]] = {}

    @property
    def identity(self) -> Mapping[str, str]:
        """That of the workers' backend, the same for all."""
        return self._crew.card.identity

    @property
    def abilities(self) -> frozenset[Ability]:
        """Those of the workers' backend."""
        return self._crew.card.abilities

    @property
    def observed(self) -> Mapping[str, Any]:
        """How many workers there were, and how many were lost."""
        return {"ray": {"workers": self._crew.joined, "lost": self._crew.lost}}

    def run(
        self, examples: Sequence[Example], tick: Tick = lambda _: None, stop: Stop = never
    ) -> Iterator[Record]:
        """Yield a record per example as each is finished; ticks come by the document.

        Once `stop` is true, documents that are begun are finished, and no other. Raises `RunError`
        when `TRIES` workers were lost with the same documents.
        """
        kind = self._inputs.spec.unit
        sizes = {e.document.id: len(units(e.document, kind)) for e in examples}
        todo = self._divided(examples, sizes)
        stopping = False
        while todo or self._busy:
            if stop() and not stopping:
                stopping = True
                for worker, _ in self._busy.values():
                    worker.stop.remote()
            if stopping:
                todo.clear()
            self._hand_out(todo)
            for work in self._crew.wait(list(self._busy)):
                for record in self._take(work, todo):
                    tick(sizes[record.id])
                    yield record

    def _divided(self, examples: Sequence[Example], sizes: Mapping[str, int]) -> deque[_Share]:
        """Return as shares the windows in which one machine alone would label them."""
        selected = self._inputs.selection.examples
        places = {example.document.id: place for place, example in enumerate(selected)}
        ids = [example.document.id for example in examples]
        most = self._crew.card.window
        most = WINDOW if math.isinf(most) else most
        return deque(
            _Share({id: places[id] for id in one}) for one in windows(ids, sizes.__getitem__, most)
        )

    def _hand_out(self, todo: deque[_Share]) -> None:
        while todo and self._crew.idle:
            worker, share = self._crew.idle.pop(), todo.popleft()
            label = worker.label.options(num_returns="streaming")
            self._busy[label.remote(list(share.left.values()))] = worker, share

    def _take(self, work: Any, todo: deque[_Share]) -> Iterator[Record]:
        """Yield the records that a worker has finished; set free one that has no more."""
        worker, share = self._busy[work]
        try:
            bunch: Bunch = ray.get(next(work))
        except StopIteration:
            del self._busy[work]
            self._crew.idle.append(worker)
            return
        except LOST as error:
            del self._busy[work]
            self._again(share, todo, error)
            self._crew.replace(worker)
            return
        except RayError as error:
            raise cause(error) from None
        for text in bunch.warnings:
            warnings.warn(text, stacklevel=2)
        for record in bunch.records:
            del share.left[record.id]
            yield record

    def _again(self, share: _Share, todo: deque[_Share], error: Exception) -> None:
        """Have what is left of a share done again, first of all."""
        if not share.left:
            return
        share.tries += 1
        first = next(iter(share.left))
        if share.tries == TRIES:
            raise RunError(
                f"{TRIES} workers were lost while they labelled the same documents: "
                f"{reason(error)}",
                where=first,
                hint=f"finished documents are kept, and --resume goes on; {ROOM}",
            )
        warnings.warn(
            f"a worker was lost: {len(share.left)} documents are done again, from {first!r} on",
            stacklevel=2,
        )
        todo.appendleft(share)
