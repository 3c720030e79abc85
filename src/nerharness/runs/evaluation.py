"""An evaluation, ready to run: corpus read, plugins made, model loaded, nothing written yet."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nerharness.align import Aligner
from nerharness.errors import UsageError
from nerharness.grammar import Level
from nerharness.plugin import Backend, Decoding
from nerharness.plugin.host import Host
from nerharness.runs.cache import cache_file
from nerharness.runs.cached import CachedBackend, CacheMode
from nerharness.runs.description import describe
from nerharness.runs.dialogue import Stop, never
from nerharness.runs.engine import Engine, Tick, tag, timed
from nerharness.runs.familiarity import Familiarity
from nerharness.runs.inputs import Inputs, read_inputs
from nerharness.runs.prompting import make_prompting
from nerharness.runs.record import Record
from nerharness.runs.spec import Spec
from nerharness.runs.units import units
from nerharness.types import Example, Prompt

Label = Callable[[tuple[Example, ...], Tick, Stop], Iterator[Record]]

Check = Callable[[Mapping[str, Any]], None]
"""Told what is known of the run so far; raises if it must not be gone on with."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A spec made real."""

    inputs: Inputs
    description: Mapping[str, Any]
    """What `run.json` says."""
    _label: Label
    _observe: Callable[[], Mapping[str, Any]] = dict

    @property
    def observed(self) -> Mapping[str, Any]:
        """What the backend learnt while it was asked, such as who answered; often nothing."""
        return self._observe()

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
    spec: Spec, host: Host, check: Check = lambda _: None, *, cache: CacheMode = "off"
) -> Evaluation:
    """Read the corpus, make the plugins and load the model.

    Everything that can be wrong with what a user gave is found here, before anything is written;
    raises the errors of `nerharness.errors`. `check` is called with the run's description as it
    grows, for the last time when the model is loaded.
    """
    inputs = read_inputs(spec, host)
    description = describe(inputs)
    check(description)
    if spec.tagger is not None:
        return Evaluation(inputs, description, _tagging(inputs, host))
    return _prompted(inputs, description, host, check, cache)


def _tagging(inputs: Inputs, host: Host) -> Label:
    if inputs.spec.split == "train":
        raise UsageError("a tagger cannot be tested on what it learns from", where="--split")
    options = inputs.options["taggers"]
    tagger = host.make("taggers", str(inputs.spec.tagger), inputs.train, options=options)
    return lambda examples, tick, stop: tag(tagger, examples, tick, stop)


def _prompted(
    inputs: Inputs, description: Mapping[str, Any], host: Host, check: Check, cache: CacheMode
) -> Evaluation:
    spec, prompting = inputs.spec, make_prompting(inputs, host)
    first = next(inputs.units(), None)
    opening = prompting.opening(first) if first else ()
    description = {**description, **prompting.describe(opening)}
    check(description)
    backend = host.make("backends", spec.backend, options=inputs.options["backends"])
    _check_abilities(spec.backend, backend, prompting.task.decoding, opening)
    description = {**description, "model": dict(backend.identity)}
    check(description)
    if cache != "off":
        backend = _cached(backend, inputs, host, write=cache == "on")
    aligner = Aligner(threshold=spec.threshold)
    engine = Engine(prompting.strategy, prompting.task, backend, aligner, spec.unit)
    return Evaluation(inputs, description, engine.run, lambda: getattr(backend, "observed", {}))


def _cached(backend: Backend, inputs: Inputs, host: Host, *, write: bool) -> CachedBackend:
    name = inputs.spec.backend
    decide = {option.name for option in host.find("backends", name).options if option.decides}
    options = {k: v for k, v in inputs.options["backends"].items() if k in decide}
    return CachedBackend(backend, cache_file(), name=name, options=options, write=write)


def _check_abilities(
    name: str, backend: Backend, decoding: Decoding, opening: Sequence[Prompt]
) -> None:
    """Raise `UsageError` for a way of decoding that the backend does not know."""
    able: frozenset[str] = getattr(backend, "abilities", frozenset())  # a stranger's may lack it
    lacking = {
        "--decode": decoding.level != "free" and not able & {"grammar", "schema"},
        "--confidence": decoding.confidence and "logprobs" not in able,
        "--continuations": decoding.continuations and "prefix" not in able,
        "--strategy": any(prompt.sampling for prompt in opening) and "sampling" not in able,
    }
    for flag, lacks in lacking.items():
        if lacks:
            raise UsageError(f"backend {name!r} cannot do what this needs", where=flag)
    if decoding.level != "free" and "grammar" not in able:
        _warn_of_schemas(name, decoding.level, opening)


def _warn_of_schemas(name: str, level: Level, opening: Sequence[Prompt]) -> None:
    """Warn of what a backend that knows JSON schemas, but no grammars, leaves open."""
    held = [prompt.constraint for prompt in opening if prompt.constraint is not None]
    if any(constraint.schema is None for constraint in held):
        warnings.warn(
            f"backend {name!r} holds answers only to JSON schemas, and this format has none: "
            "they are free",
            stacklevel=2,
        )
    elif level == "grounded":
        warnings.warn(
            f"backend {name!r} holds answers to their shape, but not to the words of the text: "
            "a mention that is not in the text can be written, and is then counted as ungrounded",
            stacklevel=2,
        )
