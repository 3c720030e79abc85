"""The course of a model that is prompted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from nerharness.align import Aligner
from nerharness.errors import MissingDependencyError, UsageError
from nerharness.models import ModelSource, locate
from nerharness.plugin import Backend
from nerharness.plugin.host import Host
from nerharness.runs.corpus import Selection
from nerharness.runs.description import describe
from nerharness.runs.engine import Engine
from nerharness.runs.inputs import Inputs
from nerharness.runs.lessons import (
    Told,
    check_answerable,
    fitting,
    lessons,
    repeated,
    unanswerable,
)
from nerharness.runs.prompting import make_prompting
from nerharness.runs.record import Record
from nerharness.runs.train_data import Data, TrainSpec
from nerharness.runs.units import units
from nerharness.scoring.agreement import Agreement
from nerharness.training.settings import Progress
from nerharness.types import Corpus, Example

if TYPE_CHECKING:
    from nerharness.backends.chat_model import ChatModel
    from nerharness.training.dev_score import DevScore
    from nerharness.training.trainer import Trained
    from nerharness.training.trial import DevTime, Trial

_TRIED = 32
"""Units of dev, at least, that are answered to see how long that takes."""


class PromptedCourse:
    """A model that is prompted: it learns to answer the prompts of an evaluation."""

    def __init__(self, spec: TrainSpec, data: Data, host: Host) -> None:
        host.find("backends", "hf").need(f"--method {spec.method}")
        _need_gpu(spec)
        _need_libraries(spec.method)
        self._spec, self._host = spec, host
        self._inputs = _inputs(spec, data, data.corpus, spec.corpus, host)
        self._prompting = make_prompting(self._inputs, host)
        self._mixed = [
            _inputs(spec, data, corpus, name, host)
            for corpus, name in zip(data.mixed, spec.mixed, strict=True)
        ]

    def describe(self) -> Mapping[str, Any]:
        """Return the spec of an evaluation with the same prompts, and their digests."""
        first = next(self._inputs.units(), None)
        opening = self._prompting.opening(first) if first else ()
        return {
            "spec": describe(self._inputs)["spec"],
            "prompts": self._prompting.describe(opening),
        }

    def run(self, out: Path, *, resume: bool, note: Callable[[Progress], None]) -> Trained:
        """Train on prompts with their answers."""
        from nerharness.training.prompted import train_prompted

        source = locate(self._spec.model)
        model, tokenizer, chat = self._load()
        every = [fitting(lesson, chat.context) for lesson in self._lessons(chat)]
        inputs = self._inputs
        check_answerable(self._prompting, inputs.selection.examples, inputs.spec.unit, chat)
        return train_prompted(
            model,
            tokenizer,
            every,
            lambda model: self._dev_score(model, tokenizer),
            self._spec.settings,
            out,
            source.hub_id or str(source.path),
            joined=_keeps_tokens_alone(model),
            resume=resume,
            report_to=self._spec.report_to,
            note=note,
        )

    def rehearse(self) -> Trial:
        """Train for a few steps, and keep nothing but what they took."""
        from nerharness.training.prompted import try_prompted

        model, tokenizer, chat = self._load()
        told = self._lessons(chat)
        every = [one.lesson for one in told]
        fit = [lesson for lesson in every if len(lesson.tokens) <= chat.context]
        if not fit:
            fitting(told[0], chat.context)
        answers = [len(lesson.tokens) - lesson.answer for lesson in fit]
        inputs = self._inputs
        _, refused = unanswerable(
            self._prompting, inputs.selection.examples, inputs.spec.unit, chat
        )
        with TemporaryDirectory() as folder:
            trial = try_prompted(
                model,
                tokenizer,
                fit,
                len(every) - len(fit),
                lambda model: self._dev_time(model, tokenizer, round(fmean(answers))),
                self._spec.settings,
                Path(folder),
                joined=_keeps_tokens_alone(model),
            )
        return replace(trial, unanswerable=len(refused))

    def _load(self) -> tuple[Any, Any, ChatModel]:
        from nerharness.backends.chat_model import ChatModel
        from nerharness.backends.gguf_once import read_once
        from nerharness.backends.tokenizer import load_tokenizer

        source = locate(self._spec.model)
        with read_once():
            tokenizer = load_tokenizer(source, None)
            model = self._model(source)
        return model, tokenizer, ChatModel(model, tokenizer, **self._sizes())

    def _lessons(self, chat: ChatModel) -> list[Told]:
        settings = self._spec.settings
        told = [
            one
            for inputs in (self._inputs, *self._mixed)
            for one in lessons(
                make_prompting(inputs, self._host),
                inputs.train,
                inputs.spec.unit,
                chat,
                negatives=settings.negatives,
                seed=settings.seed,
            )
        ]
        return list(repeated(told, settings.seed)) if settings.class_weights else told

    def _dev_time(self, model: Any, tokenizer: Any, answer: int) -> DevTime:
        """Return how long dev takes with answers as long as those of train are on average."""
        from nerharness.backends.adapter import merged
        from nerharness.backends.chat_model import ChatModel
        from nerharness.training.trial import time_dev

        sizes = self._sizes()
        sizes["max_tokens"] = max(1, min(answer, sizes["max_tokens"]))
        dev = self._inputs.selection.examples
        counts = [len(units(example.document, self._inputs.spec.unit)) for example in dev]
        model.eval()

        def score(some: int) -> None:
            """Answer what is asked about so many documents."""
            with merged(model) as plain:
                self._records(ChatModel(plain, tokenizer, **sizes), dev[:some])

        return time_dev(counts, self._spec.dev_limit, _TRIED, score)

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
        return with_adapters(model, self._spec.settings)

    def _sizes(self) -> dict[str, Any]:
        options = self._inputs.options["backends"]
        return {name: options[name] for name in ("batch_size", "batch_tokens", "max_tokens")}

    def _dev_score(self, model: Any, tokenizer: Any) -> DevScore:
        from nerharness.backends.adapter import merged
        from nerharness.backends.chat_model import ChatModel
        from nerharness.training.dev_score import DevScore

        examples = self._inputs.selection.examples[: self._spec.dev_limit]
        holding: AbstractContextManager[Any] = merged(model)
        with holding as plain:
            records = self._records(ChatModel(plain, tokenizer, **self._sizes()), examples)
        names = self._inputs.corpus.labels.names
        found = Agreement.of((one.pair() for one in records), names, resampling=None)
        strict = found.protocols["strict"]
        return DevScore(strict.micro.f1, strict.macro.f1, len(_failures(records)))

    def score(self, out: Path) -> Agreement:
        """Score the model by the `hf` backend."""
        adapter = self._spec.method != "full"
        options = {
            **self._inputs.options["backends"],
            **({"adapter": str(out)} if adapter else {"model": str(out)}),
        }
        backend = self._host.make("backends", "hf", options=options)
        records = self._records(backend, self._inputs.selection.examples)
        found = Agreement.of((one.pair() for one in records), self._inputs.corpus.labels.names)
        return replace(found, failures=_failures(records))

    def _records(self, backend: Backend, examples: Iterable[Example]) -> list[Record]:
        spec = self._inputs.spec
        engine = Engine(
            self._prompting.strategy,
            self._prompting.task,
            backend,
            Aligner(threshold=spec.threshold),
            spec.unit,
        )
        return list(engine.run(tuple(examples)))


def _failures(records: Iterable[Record]) -> dict[str, str]:
    return {one.id: one.error for one in records if one.error is not None}


def _inputs(spec: TrainSpec, data: Data, corpus: Corpus, name: str, host: Host) -> Inputs:
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
        protected=data.protected,
        seed=spec.settings.seed,
        options={**spec.prompting.options, "model": spec.model},
    )
    options = prompting.resolve(host)
    packages = tuple(host.package(kind, one) for kind, one in prompting.chosen.items())
    selection = Selection("dev", corpus.splits.get("dev", ()))
    return Inputs(prompting, options, packages, corpus, selection)


def _keeps_tokens_alone(model: Any) -> bool:
    """Tell whether every layer keeps every token, and nothing else of what it has read."""
    from nerharness.backends import key_values

    return key_values.is_plain(key_values.empty(model.config))


def _need_gpu(spec: TrainSpec) -> None:
    from nerharness.backends.loading import pick_device

    if spec.method != "qlora":
        return
    if pick_device(str(spec.prompting.options.get("device", "auto"))).type != "cuda":
        raise UsageError(
            "weights in 4 bits need a GPU that torch sees, and there is none",
            where="--method qlora",
            hint="train with --method lora",
        )


def _need_libraries(method: str) -> None:
    from importlib.util import find_spec

    needed = ["datasets", "peft", "trl", *(["bitsandbytes"] if method == "qlora" else [])]
    if lacking := [name for name in needed if find_spec(name) is None]:
        raise MissingDependencyError(
            f"--method {method} needs {', '.join(lacking)}, not installed here",
            hint="pip install 'nerharness[train]'",
        )
