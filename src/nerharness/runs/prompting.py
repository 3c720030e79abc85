"""The way from a run's inputs to its prompts, all of which is known before a model is loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from nerharness.errors import UsageError
from nerharness.formats.read_as import ReadAs
from nerharness.guidelines import read_guidelines
from nerharness.plugin import (
    Decoding,
    Format,
    Index,
    Indexed,
    KnowledgeReader,
    Retriever,
    Strategy,
    Task,
    Wording,
)
from nerharness.plugin.composition import parts
from nerharness.plugin.host import Host
from nerharness.plugin.provider import blaming
from nerharness.runs.description import sha256
from nerharness.runs.inputs import Inputs
from nerharness.runs.protection import check_local
from nerharness.runs.ranking import SoundIndex
from nerharness.runs.reading import find_reader
from nerharness.runs.reasoning_room import ReasoningRoom
from nerharness.runs.soundness import sound_identity, sound_turn
from nerharness.runs.spec import Options, Spec
from nerharness.runs.units import unit_examples
from nerharness.templates import Templates
from nerharness.types import Knowledge, Prompt, Unit

_CHOOSING = frozenset({"per-label", "verify", "judge", "sure", "vote"})
"""Strategies that choose among what another one names, and name nothing besides."""


@dataclass(frozen=True, slots=True)
class Prompting:
    """A strategy, and the task that it is to solve for each unit."""

    strategy: Strategy
    task: Task
    knowledge: Knowledge
    title: str
    """What errors call strategy and format."""
    looked_up_by: Callable[[], Mapping[str, str]] = dict
    """Tells the identity of the retriever, if it has one, once it was needed."""

    def opening(self, unit: Unit) -> Sequence[Prompt]:
        """Return the prompts of the first turn about a unit."""

        def first() -> Sequence[Prompt]:
            for prompts in self.strategy.solve(unit, self.task):
                return sound_turn(prompts, title=self.title)
            return ()

        return blaming(self.title, "cannot ask", first)

    def describe(self, opening: Sequence[Prompt]) -> dict[str, Any]:
        """Return the digests of all that prompts are made of; `opening` is about the first unit."""
        wording, retriever = self.task.wording, dict(self.looked_up_by())
        return {
            **({"retriever": retriever} if retriever else {}),
            "knowledge": {
                "passages": len(self.knowledge.passages),
                "skipped": dict(self.knowledge.skipped),
            },
            "knowledge_sha256": sha256(repr(self.knowledge.passages)),
            "templates_sha256": dict(wording.templates.digests),
            "guidelines_sha256": sha256(wording.guidelines),
            "first_prompt_sha256": sha256(repr([prompt.messages for prompt in opening])),
        }


def make_prompting(inputs: Inputs, host: Host) -> Prompting:
    """Make strategy, format and task; raises the errors of `nerharness.errors`."""
    spec, options = inputs.spec, inputs.options
    _check_hints(spec, options["strategies"])
    retriever = _Librarian(spec.retriever, inputs.pinned("retrievers"), host)
    form: Format = host.make("formats", spec.format, options=options["formats"])
    if spec.read_as:
        form = ReadAs(form, host.make("formats", spec.read_as))
    strategy: Strategy = host.make("strategies", spec.strategy, options=options["strategies"])
    title = f"{host.title('strategies', spec.strategy)} with {host.title('formats', spec.format)}"
    if spec.reasoning_tokens:
        strategy = ReasoningRoom(strategy, spec.reasoning_tokens, title=title)
    knowledge = load_knowledge(host, spec.knowledge or "glossary")
    templates = Templates(spec.templates, more=(form.template,))
    guidelines = read_guidelines(spec.guidelines) if spec.guidelines else ""
    task = Task(
        inputs.corpus.labels,
        form,
        examples=tuple(unit_examples(inputs.train, spec.unit)),
        originals=[example.document for example in inputs.train],
        passages=knowledge.passages,
        index=retriever.index,
        hints=spec.hints,
        formats=_formats(spec, host),
        wording=Wording(templates, guidelines),
        decoding=Decoding(
            spec.decode, confidence=spec.confidence, continuations=spec.continuations
        ),
    )
    return Prompting(strategy, task, knowledge, title, retriever.identity)


def _check_hints(spec: Spec, options: Options) -> None:
    """Raise `UsageError` where hints are all that is named, and there are none."""
    innermost, *around = parts(spec.strategy)
    judges_phrases = options.get("judge_also") in ("phrases", "both")
    choosing = _CHOOSING - {"judge"} if judges_phrases else _CHOOSING
    if spec.hints == "none" and innermost == "candidates" and choosing.issuperset(around):
        what = "names nothing but hints, and there are none"
        hint = "add --hints train, knowledge or both"
        raise UsageError(what, where=f"--strategy {spec.strategy}", hint=hint)


def load_knowledge(host: Host, wanted: str) -> Knowledge:
    """Read `NAME` of built-in knowledge, `PATH`, or `PATH:READER`; errors as of `find_reader`."""
    reader: KnowledgeReader
    reader, path = find_reader(host, "knowledge", wanted, flag="--knowledge", built_in="glossary")
    return reader.read(path)


def _formats(spec: Spec, host: Host) -> Callable[[str], Format]:
    """Return what makes other formats than the run's own; `UsageError` for what it must not use."""

    @cache
    def other(name: str) -> Format:
        if spec.protected:
            check_local(host, "formats", name, {})
        made: Format = host.make("formats", name)
        return made

    return other


class _Librarian:
    """Indexes texts with a retriever, which is made when it is first needed, and once."""

    def __init__(self, name: str, options: Options, host: Host) -> None:
        self._make = partial(host.make, "retrievers", name, options=options)
        self._title = partial(host.title, "retrievers", name)
        self._retriever: Retriever | None = None

    def index(self, items: Sequence[Indexed]) -> Index:
        """Return an index of the items."""
        if self._retriever is None:
            self._retriever = self._make()
        return SoundIndex(self._retriever, items, self._title())

    def identity(self) -> Mapping[str, str]:
        """Return that of the retriever; empty where it has none, or was not needed yet."""
        retriever: Any = self._retriever
        return sound_identity(retriever, self._title()) if hasattr(retriever, "identity") else {}
