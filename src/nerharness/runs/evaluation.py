"""An evaluation, ready to run: corpus read, plugins made, model loaded, nothing written yet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from nerharness.align import Aligner
from nerharness.errors import UsageError
from nerharness.plugin import Ability, Backend
from nerharness.plugin.host import Host
from nerharness.pricing import Budget, Price
from nerharness.runs.abilities import check_declared, check_made, check_spread
from nerharness.runs.cache import cache_file
from nerharness.runs.cached import CachedBackend, CacheMode
from nerharness.runs.cuts import UnitCuts
from nerharness.runs.description import describe
from nerharness.runs.dialogue import Stop, never, takes
from nerharness.runs.engine import Engine, Tick, tag, timed
from nerharness.runs.familiarity import Familiarity
from nerharness.runs.inputs import Inputs, read_inputs
from nerharness.runs.prompting import Prompting, make_prompting
from nerharness.runs.record import Record
from nerharness.runs.resume import Known
from nerharness.runs.soundness import sound_identity
from nerharness.runs.spec import Spec
from nerharness.runs.task_tagger import TaskTagger
from nerharness.runs.units import units
from nerharness.types import Example, Prompt

Label = Callable[[tuple[Example, ...], Tick, Stop], Iterator[Record]]


class Fleet(Protocol):
    """What labels documents with backends that stand elsewhere."""

    @property
    def identity(self) -> Mapping[str, str]:
        """That of the backends."""

    @property
    def abilities(self) -> frozenset[Ability]:
        """Those of the backends."""

    @property
    def observed(self) -> Mapping[str, Any]:
        """What was seen while it was at work."""

    def run(self, examples: Sequence[Example], tick: Tick, stop: Stop) -> Iterator[Record]:
        """Yield a record per example, as `Engine.run` does."""


Gather = Callable[[Inputs], Fleet]
"""Makes what labels the documents of the inputs."""

Check = Callable[[Mapping[str, Any]], None]
"""Told what is known of the run so far; raises if it must not be gone on with."""


Recall = Callable[[Sequence[str], Iterable[tuple[str, Prompt]]], None]
"""Told the ids of all documents, and what was asked about those that are finished."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A spec made real."""

    inputs: Inputs
    description: Mapping[str, Any]
    """What `run.json` says."""
    cuts: UnitCuts
    """Gold that no answer can name."""
    _label: Label
    _backend: Any = None
    """The backend itself, behind the cache if there is one."""
    _observed: Callable[[], Mapping[str, Any]] = dict
    _recall: Recall | None = None
    """That of the backend, or of the cache before it."""

    @property
    def observed(self) -> Mapping[str, Any]:
        """What the backend learnt while it was asked, such as who answered; often nothing."""
        return self._observed()

    def check_budget(self) -> None:
        """Raise `UsageError` unless it is known what answers cost, and the backend heeds that."""
        if getattr(self._backend, "price", None) is None:
            raise UsageError(
                "what answers of this run cost is not known",
                where="--max-cost",
                hint="give --price-in and --price-out, if the backend takes them",
            )
        if not takes(self._backend, "budget"):
            raise UsageError(
                f"backend {self.inputs.spec.backend!r} heeds no budget", where="--max-cost"
            )

    def begin(self, folder: Path, budget: Budget | None = None) -> None:
        """Give the backend a folder for what it has to remember, and what may be spent."""
        if takes(self._backend, "folder"):
            self._backend.folder = folder
        if budget is not None:
            self.check_budget()
            self._backend.budget = budget

    def recall(self, done: Iterable[Record]) -> None:
        """Tell the backend what was asked about finished documents, if it wants to know."""
        if self._recall is not None:
            ids = [example.document.id for example in self.inputs.selection.examples]
            self._recall(ids, ((one.id, turn.prompt()) for one in done for turn in one.transcript))

    @property
    def labels(self) -> tuple[str, ...]:
        """The label set's names."""
        return self.inputs.corpus.labels.names

    def steps(self, done: Collection[str] = ()) -> int:
        """Return how many ticks `records` makes: units, or documents for a tagger."""
        left = [e.document for e in self.inputs.selection.examples if e.document.id not in done]
        if self.inputs.spec.tagger is not None:
            return len(left)
        return sum(len(units(document, self.inputs.spec.unit)) for document in left)

    @property
    def noun(self) -> str:
        """What a tick stands for."""
        return (
            "documents"
            if self.inputs.spec.tagger is not None
            else f"{self.inputs.spec.unit.partition(':')[0]}s"
        )

    def records(
        self,
        *,
        done: Collection[str] = (),
        tick: Tick = lambda _: None,
        stop: Stop = never,
    ) -> Iterator[Record]:
        """Yield a record per document as it is finished, but for those whose ids are `done`.

        Once `stop` is true, documents that are begun are finished, and no other.
        """
        left = tuple(e for e in self.inputs.selection.examples if e.document.id not in done)
        records = timed(self._label(left, tick, stop))
        known = self.inputs.train and self.inputs.selection.split != "train"
        return Familiarity.of(self.inputs.train).note(records) if known else records


def prepare(
    spec: Spec,
    host: Host,
    check: Check = lambda _: None,
    *,
    cache: CacheMode = "off",
    gather: Gather | None = None,
    known: Known | None = None,
) -> Evaluation:
    """Read the corpus, make the plugins and load the model, here or as `gather` does.

    Everything that can be wrong with what a user gave is found here, before anything is written;
    raises the errors of `nerharness.errors`. `check` is called with the run's description as it
    grows, for the last time when the model is loaded. `known` is what `run.json` says of models, if
    the run is gone on with: the revisions there are those that are loaded.
    """
    if gather is not None:
        check_spread(spec, host, cached=cache != "off")
    inputs = replace(read_inputs(spec, host), **(known or Known())._asdict())
    description = describe(inputs)
    check(description)
    if spec.tagger is not None:
        tagger = _make_tagger(inputs, host)
        seen = partial(getattr, tagger, "observed")
        evaluated = {inputs.selection.split: inputs.selection.examples}
        cuts = UnitCuts.of(evaluated, tagger.unit, chosen=False)
        description["cut_by_units"] = cuts.to_json()
        return Evaluation(inputs, description, cuts, partial(tag, tagger), _observed=seen)
    return _prompted(inputs, description, host, check, cache=cache, gather=gather)


def _make_tagger(inputs: Inputs, host: Host) -> TaskTagger:
    name, options = str(inputs.spec.tagger), inputs.options["taggers"]
    if inputs.selection.split == "train" and host.find("taggers", name).learns:
        what = "a tagger cannot be tested on what it learns from"
        raise UsageError(what, where="--split", hint="choose another split than 'train'")
    tagger = host.make("taggers", name, inputs.train, options=options)
    return TaskTagger(tagger, inputs.corpus.labels, host.title("taggers", name))


def _prompted(
    inputs: Inputs,
    description: Mapping[str, Any],
    host: Host,
    check: Check,
    *,
    cache: CacheMode,
    gather: Gather | None,
) -> Evaluation:
    spec, prompting = inputs.spec, make_prompting(inputs, host)
    cuts = UnitCuts.of(inputs.splits, spec.unit)
    first = next(inputs.units(), None)
    opening = prompting.opening(first) if first else ()
    description = {
        **description,
        **prompting.describe(opening),
        "cut_by_units": cuts.to_json(),
    }
    check(description)
    decoding = prompting.task.decoding
    check_declared(spec, host, decoding, opening)
    inputs = replace(inputs, retriever=prompting.looked_up_by() or inputs.retriever)
    fleet = gather(inputs) if gather else None
    backend: Any = fleet or make_backend(inputs, host)
    check_made(spec, host, backend, decoding, opening)
    identity = sound_identity(backend, host.title("backends", spec.backend))
    description = {**description, "model": identity, **_price(backend)}
    check(description)
    if fleet is not None:
        return Evaluation(inputs, description, cuts, fleet.run, fleet, lambda: fleet.observed)
    asked = backend if cache == "off" else _cached(backend, inputs, host, write=cache == "on")
    engine = make_engine(inputs, prompting, asked)
    recall = getattr(asked, "recall", None)

    def seen() -> Mapping[str, Any]:
        later = {} if "retriever" in description else prompting.looked_up_by()
        return {**getattr(asked, "observed", {}), **({"retriever": later} if later else {})}

    return Evaluation(inputs, description, cuts, engine.run, backend, seen, recall)


def make_backend(inputs: Inputs, host: Host) -> Backend:
    """Make the backend, which loads the model; raises the errors of `nerharness.errors`."""
    options = inputs.pinned("backends")
    made: Backend = host.make("backends", inputs.spec.backend, options=options)
    return made


def make_engine(inputs: Inputs, prompting: Prompting, backend: Backend) -> Engine:
    """Return what labels the inputs' documents with the backend."""
    spec = inputs.spec
    aligner = Aligner(threshold=spec.threshold)
    strategy, task = prompting.strategy, prompting.task
    return Engine(strategy, task, backend, aligner, spec.unit, prompting.title)


def _price(backend: Backend) -> dict[str, Any]:
    price: Price | None = getattr(backend, "price", None)
    return {"price": dict(price.describe())} if price else {}


def _cached(backend: Backend, inputs: Inputs, host: Host, *, write: bool) -> CachedBackend:
    name = inputs.spec.backend
    decide = {option.name for option in host.find("backends", name).options if option.decides}
    options = {k: v for k, v in inputs.options["backends"].items() if k in decide}
    return CachedBackend(backend, cache_file(), name=name, options=options, write=write)
