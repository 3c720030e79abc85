"""Courses: what each way of training does with the data, and how its model is scored on dev."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from nerharness.align import Aligner
from nerharness.errors import MissingDependencyError, UsageError
from nerharness.models import ModelSource, locate
from nerharness.plugin import Backend
from nerharness.plugin.host import Host
from nerharness.runs.corpus import Selection
from nerharness.runs.description import describe
from nerharness.runs.engine import Engine
from nerharness.runs.inputs import Inputs
from nerharness.runs.lessons import lessons
from nerharness.runs.prompting import make_prompting
from nerharness.runs.train_data import Data, TrainSpec
from nerharness.scoring.agreement import Agreement
from nerharness.scoring.pair import Pair
from nerharness.training.settings import Progress
from nerharness.types import Example

if TYPE_CHECKING:
    from nerharness.training.prompted import DevScore
    from nerharness.training.trainer import Trained

Note = Callable[[Progress], None]


class Course(Protocol):
    """One way of training, with its data."""

    def describe(self) -> Mapping[str, Any]:
        """Return what `training.json` is to say of it, besides data and settings."""

    def run(self, out: Path, *, resume: bool, note: Note) -> Trained:
        """Train, and write the model to `out`."""

    def score(self, out: Path) -> Agreement:
        """Score the model in `out` on dev, as an evaluation would load it."""


class EncoderCourse:
    """A token classifier."""

    def __init__(self, spec: TrainSpec, data: Data, host: Host) -> None:
        if spec.mixed:
            raise UsageError(
                "a token classifier has one label set: it learns from one corpus", where="--mix"
            )
        host.find("taggers", "encoder").need("--method encoder")
        self._spec, self._data, self._host = spec, data, host

    def describe(self) -> Mapping[str, Any]:
        """Return which of overlapping entities is learned."""
        policy = self._spec.policy
        return {"policy": {"name": policy.name, "labels": list(policy.labels)}}

    def run(self, out: Path, *, resume: bool, note: Note) -> Trained:
        """Train on tagged sentences."""
        from nerharness.training.encoder import train_encoder
        from nerharness.training.sentences import tagged_sentences

        spec, data = self._spec, self._data
        return train_encoder(
            spec.model,
            list(tagged_sentences(data.train, spec.policy)),
            list(tagged_sentences(data.dev[: spec.dev_limit], spec.policy)),
            data.labels,
            spec.settings,
            out,
            resume=resume,
            report_to=spec.report_to,
            note=note,
        )

    def score(self, out: Path) -> Agreement:
        """Score the tagger `encoder`."""
        data = self._data
        tagger = self._host.make("taggers", "encoder", data.train, options={"model": str(out)})
        documents = [example.document for example in data.dev]
        pairs = [
            Pair(example.entities, tuple(found), example.document, policy=self._spec.policy)
            for example, found in zip(data.dev, tagger.tag(documents), strict=True)
        ]
        return Agreement.of(pairs, data.labels)


class PromptedCourse:
    """A model that is prompted: it learns to answer the prompts of an evaluation."""

    def __init__(self, spec: TrainSpec, data: Data, host: Host) -> None:
        _need_libraries(spec.method)
        host.find("backends", "hf").need(f"--method {spec.method}")
        self._spec, self._host = spec, host
        self._inputs = _inputs(spec, data.corpus, spec.corpus, host)
        self._prompting = make_prompting(self._inputs, host)
        self._mixed = [
            _inputs(spec, corpus, name, host)
            for corpus, name in zip(data.mixed, spec.mixed, strict=True)
        ]

    def describe(self) -> Mapping[str, Any]:
        """Return the spec of an evaluation with the same prompts, and their digests."""
        first = next(self._inputs.units(), None)
        opening = self._prompting.opening(first) if first else ()
        return {
            "spec": describe(self._inputs)["spec"],
            "prompts": self._prompting.describe(opening),
            "mixed": list(self._spec.mixed),
        }

    def run(self, out: Path, *, resume: bool, note: Note) -> Trained:
        """Train on prompts with their answers."""
        from nerharness.backends.chat_model import ChatModel
        from nerharness.backends.tokenizer import load_tokenizer
        from nerharness.training.prompted import train_prompted

        spec, settings = self._spec, self._spec.settings
        source = locate(spec.model)
        tokenizer = load_tokenizer(source, None)
        model = self._model(source)
        chat = ChatModel(model, tokenizer, **self._sizes())
        learned = [
            lesson
            for inputs in (self._inputs, *self._mixed)
            for lesson in lessons(
                make_prompting(inputs, self._host),
                inputs.train,
                inputs.spec.unit,
                chat,
                negatives=settings.negatives,
                seed=settings.seed,
            )
        ]
        return train_prompted(
            model,
            tokenizer,
            learned,
            lambda model: self._dev_score(model, tokenizer),
            settings,
            out,
            resume=resume,
            report_to=spec.report_to,
            note=note,
        )

    def _model(self, source: ModelSource) -> Any:
        from nerharness.backends.loading import four_bits, load_model, pick_device, pick_dtype
        from nerharness.training.prompted import with_adapters

        options, method = self._inputs.options["backends"], self._spec.method
        device = pick_device(str(options["device"]))
        dtype = pick_dtype("float32" if method == "full" else str(options["dtype"]), device)
        quantization = four_bits(dtype) if method == "qlora" else None
        model = load_model(source, None, dtype, quantization).to(device)
        if method == "full":
            return model
        return with_adapters(model, self._spec.settings, source.hub_id or str(source.path))

    def _sizes(self) -> dict[str, Any]:
        options = self._inputs.options["backends"]
        return {name: options[name] for name in ("batch_size", "batch_tokens", "max_tokens")}

    def _dev_score(self, model: Any, tokenizer: Any) -> DevScore:
        from nerharness.backends.adapter import merged
        from nerharness.backends.chat_model import ChatModel
        from nerharness.training.prompted import DevScore

        examples = self._inputs.selection.examples[: self._spec.dev_limit]
        holding: AbstractContextManager[Any] = merged(model)
        with holding as plain:
            pairs = self._pairs(ChatModel(plain, tokenizer, **self._sizes()), examples)
            found = Agreement.of(pairs, self._inputs.corpus.labels.names, resampling=None)
        strict = found.protocols["strict"]
        return DevScore(strict.micro.f1, strict.macro.f1)

    def score(self, out: Path) -> Agreement:
        """Score the model by the `hf` backend."""
        adapter = self._spec.method != "full"
        options = {
            **self._inputs.options["backends"],
            **({"adapter": str(out)} if adapter else {"model": str(out)}),
        }
        backend = self._host.make("backends", "hf", options=options)
        return Agreement.of(
            self._pairs(backend, self._inputs.selection.examples),
            self._inputs.corpus.labels.names,
        )

    def _pairs(self, backend: Backend, examples: Iterable[Example]) -> list[Pair]:
        spec = self._inputs.spec
        engine = Engine(
            self._prompting.strategy,
            self._prompting.task,
            backend,
            Aligner(threshold=spec.threshold),
            spec.unit,
        )
        return [record.pair() for record in engine.run(tuple(examples))]


def _inputs(spec: TrainSpec, corpus: Any, name: str, host: Host) -> Inputs:
    """Return what an evaluation on dev with these prompts works on; a mixed corpus has no dev."""
    prompting = replace(
        spec.prompting,
        backend="hf",
        tagger=None,
        corpus=name,
        split="dev",
        limit=None,
        labels=spec.labels,
        tokens=spec.tokens,
        seed=spec.settings.seed,
        options={**spec.prompting.options, "model": spec.model},
    )
    options = prompting.resolve(host)
    packages = tuple(host.package(kind, one) for kind, one in prompting.chosen.items())
    selection = Selection("dev", corpus.splits.get("dev", ()))
    return Inputs(prompting, options, packages, corpus, selection)


def _need_libraries(method: str) -> None:
    from importlib.util import find_spec

    needed = ["datasets", "peft", "trl", *(["bitsandbytes"] if method == "qlora" else [])]
    if lacking := [name for name in needed if find_spec(name) is None]:
        raise MissingDependencyError(
            f"--method {method} needs {', '.join(lacking)}, not installed here",
            hint="pip install 'nerharness[train]'",
        )


def find_course(spec: TrainSpec, data: Data, host: Host) -> Course:
    """Return the course of the spec's method; raises the errors of `nerharness.errors`."""
    kind = EncoderCourse if spec.method == "encoder" else PromptedCourse
    return kind(spec, data, host)
