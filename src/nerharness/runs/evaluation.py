"""An evaluation, ready to run: corpus read, plugins made, model loaded, nothing written yet."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from nerharness.align import Aligner
from nerharness.corpora.labels import read_labels
from nerharness.errors import CorpusError, NerharnessError, PluginError, UsageError
from nerharness.guidelines import read_guidelines
from nerharness.plugin import (
    Backend,
    Decoding,
    KnowledgeReader,
    Retriever,
    Strategy,
    Task,
    Wording,
)
from nerharness.plugin.host import Host
from nerharness.plugin.shelf import Indexer
from nerharness.runs.corpus import Selection, choose_split, digest, load_corpus
from nerharness.runs.engine import Engine, Tick, tag, timed
from nerharness.runs.reading import find_reader
from nerharness.runs.record import Record
from nerharness.runs.spec import PATHS, Options, Spec
from nerharness.runs.units import unit_examples, units
from nerharness.templates import Templates
from nerharness.types import Corpus, Example, Knowledge, LabelSet, Prompt, Unit

_RECORDED_PACKAGES = (
    "nerharness",
    "torch",
    "transformers",
    "tokenizers",
    "gguf",
    "llguidance",
    "faiss-cpu",
    "bm25s",
    "numpy",
)

Label = Callable[[tuple[Example, ...], Tick], Iterator[Record]]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A spec made real."""

    spec: Spec
    corpus: Corpus
    selection: Selection
    description: Mapping[str, Any]
    """What `run.json` says."""
    _label: Label

    @property
    def labels(self) -> tuple[str, ...]:
        """The label set's names."""
        return self.corpus.labels.names

    def steps(self, done: Collection[str] = ()) -> int:
        """Return how many ticks `records` makes: units, or documents for a tagger."""
        left = [e.document for e in self.selection.examples if e.document.id not in done]
        if self.spec.tagger is not None:
            return len(left)
        return sum(len(units(document, self.spec.unit)) for document in left)

    @property
    def noun(self) -> str:
        """What a tick stands for."""
        return "documents" if self.spec.tagger is not None else f"{self.spec.unit}s"

    def records(
        self, *, done: Collection[str] = (), tick: Tick = lambda _: None
    ) -> Iterator[Record]:
        """Yield a record per document as it is finished, but for those whose ids are `done`."""
        left = tuple(e for e in self.selection.examples if e.document.id not in done)
        return timed(self._label(left, tick))


def prepare(spec: Spec, host: Host) -> Evaluation:
    """Read the corpus, make the plugins and load the model.

    Everything that can be wrong with what a user gave is found here, before anything is written;
    raises the errors of `nerharness.errors`.
    """
    options = spec.resolve(host)
    if spec.continuations < 0:
        raise UsageError(f"{spec.continuations} is negative", where="--continuations")
    if not 0 < spec.threshold <= 1:
        raise UsageError(
            f"must be above 0 and at most 1, got {spec.threshold}", where="--threshold"
        )
    labels = read_labels(spec.labels) if spec.labels else None
    corpus = load_corpus(host, spec.corpus, labels)
    if not len(corpus.labels):
        raise CorpusError(
            f"corpus {corpus.name!r} has no label: no entity in it, and none declared",
            where="--corpus",
            hint="declare labels with --labels FILE or a corpus.toml",
        )
    selection = choose_split(corpus, spec.split, spec.limit)
    maker = _tagging if spec.tagger is not None else _prompting
    first = _first_unit(spec, selection)
    label, extra = maker(spec, host, options, corpus, first)
    packages = [host.package(kind, name) for kind, name in spec.chosen.items()]
    description = _describe(spec, packages, options, corpus, selection)
    return Evaluation(spec, corpus, selection, {**description, **extra}, label)


def _tagging(
    spec: Spec, host: Host, options: Mapping[Any, Options], corpus: Corpus, _: Unit | None
) -> tuple[Label, dict[str, Any]]:
    if spec.split == "train":
        raise UsageError("a tagger cannot be tested on what it learns from", where="--split")
    train = corpus.splits.get("train", ())
    tagger = host.make("taggers", str(spec.tagger), train, options=options["taggers"])
    return (lambda examples, tick: tag(tagger, examples, tick)), {}


def _prompting(
    spec: Spec, host: Host, options: Mapping[Any, Options], corpus: Corpus, first: Unit | None
) -> tuple[Label, dict[str, Any]]:
    train = corpus.splits.get("train", ())
    form = host.make("formats", spec.format, options=options["formats"])
    strategy = host.make("strategies", spec.strategy, options=options["strategies"])
    knowledge = load_knowledge(host, spec.knowledge or "glossary")
    templates = Templates(spec.templates, more=(form.template,))
    guidelines = read_guidelines(spec.guidelines) if spec.guidelines else ""
    decoding = Decoding(spec.decode, confidence=spec.confidence, continuations=spec.continuations)
    task = Task(
        corpus.labels,
        form,
        examples=tuple(unit_examples(train, spec.unit)),
        originals=[example.document for example in train],
        passages=knowledge.passages,
        index=_indexer(spec, host, options["retrievers"]),
        hints=spec.hints,
        formats=cache(lambda name: host.make("formats", name)),
        wording=Wording(templates, guidelines),
        decoding=decoding,
    )
    opening = _opening(strategy, first, task) if first else ()
    backend = host.make("backends", spec.backend, options=options["backends"])
    _check_abilities(spec.backend, backend, decoding, opening)
    engine = Engine(strategy, task, backend, Aligner(threshold=spec.threshold), spec.unit)
    extra = {
        "model": dict(backend.identity),
        "knowledge": {"passages": len(knowledge.passages), "skipped": dict(knowledge.skipped)},
        "knowledge_sha256": _sha256(repr(knowledge.passages)),
        "templates_sha256": dict(templates.digests),
        "guidelines_sha256": _sha256(guidelines),
        "first_prompt_sha256": _sha256(repr([prompt.messages for prompt in opening])),
    }
    return engine.run, extra


def load_knowledge(host: Host, wanted: str) -> Knowledge:
    """Read `NAME` of built-in knowledge, `PATH`, or `PATH:READER`; errors as of `find_reader`."""
    reader: KnowledgeReader
    reader, path = find_reader(host, "knowledge", wanted, flag="--knowledge", built_in="glossary")
    return reader.read(path)


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


def _opening(strategy: Strategy, unit: Unit, task: Task) -> Sequence[Prompt]:
    try:
        return next(strategy.solve(unit, task), ())
    except NerharnessError:
        raise
    except Exception as error:  # a stranger's strategy or format may raise anything
        raise PluginError(f"{type(error).__name__}: {error}", where="--strategy") from error


def _indexer(spec: Spec, host: Host, options: Options) -> Indexer:
    """Return what indexes texts; the retriever is made when it is first needed, and once."""

    @cache
    def retriever() -> Retriever:
        made: Retriever = host.make("retrievers", spec.retriever, options=options)
        return made

    return lambda items: retriever().index(items)


def _first_unit(spec: Spec, selection: Selection) -> Unit | None:
    found = (unit for e in selection.examples for unit in units(e.document, spec.unit))
    return next(found, None)


def _describe(
    spec: Spec,
    packages: Sequence[str],
    options: Mapping[Any, Options],
    corpus: Corpus,
    selection: Selection,
) -> dict[str, Any]:
    plugins = {
        kind: {"name": name, "package": package, "options": options[kind]}
        for (kind, name), package in zip(spec.chosen.items(), packages, strict=True)
    }
    return {
        "spec": {
            "plugins": plugins,
            "corpus": spec.corpus,
            "split": selection.split,
            "limit": spec.limit,
            "unit": spec.unit,
            "decode": spec.decode,
            "confidence": spec.confidence,
            "continuations": spec.continuations,
            "threshold": spec.threshold,
            "seed": spec.seed,
            "knowledge": spec.knowledge,
            "hints": spec.hints,
            **{key: _path(getattr(spec, key)) for key in PATHS},
        },
        "corpus": {
            "name": corpus.name,
            "documents": len(selection.examples),
            "sha256": digest(selection.examples),
            "train_sha256": digest(corpus.splits.get("train", ())),
        },
        "labels": _labels(corpus.labels),
        "versions": _versions(packages),
        "git": _git_state(),
        "platform": platform.platform(),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _labels(labels: LabelSet) -> list[dict[str, str]]:
    return [{"name": label.name, "definition": label.definition} for label in labels]


def _versions(packages: Iterable[str]) -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in dict.fromkeys((*packages, *_RECORDED_PACKAGES)):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _git_state() -> dict[str, Any] | None:
    """Return commit and cleanliness of the repository the run is started in, if it is in one."""
    try:
        commit = _git("rev-parse", "HEAD")
        return {"commit": commit, "dirty": bool(_git("status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return None


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=True, timeout=10)
    return done.stdout.strip()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
