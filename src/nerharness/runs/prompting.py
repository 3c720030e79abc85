"""The way from a run's inputs to its prompts, all of which is known before a model is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from nerharness.errors import NerharnessError, PluginError
from nerharness.guidelines import read_guidelines
from nerharness.knowledge import read_knowledge
from nerharness.plugin import Decoding, Strategy, Task, Wording
from nerharness.plugin.host import Host
from nerharness.plugin.task import Indexer
from nerharness.runs.description import sha256
from nerharness.runs.inputs import Inputs
from nerharness.runs.spec import Options, Spec
from nerharness.runs.units import unit_examples
from nerharness.templates import Templates
from nerharness.types import Passage, Prompt, Unit


@dataclass(frozen=True, slots=True)
class Prompting:
    """A strategy, and the task that it is to solve for each unit."""

    strategy: Strategy
    task: Task
    passages: Sequence[Passage]

    def opening(self, unit: Unit) -> Sequence[Prompt]:
        """Return the prompts of the first turn about a unit."""
        try:
            return next(self.strategy.solve(unit, self.task), ())
        except NerharnessError:
            raise
        except Exception as error:  # a stranger's strategy or format may raise anything
            raise PluginError(f"{type(error).__name__}: {error}", where="--strategy") from error

    def describe(self, opening: Sequence[Prompt]) -> dict[str, Any]:
        """Return the digests of all that prompts are made of; `opening` is about the first unit."""
        wording = self.task.wording
        return {
            "knowledge_sha256": sha256(repr(self.passages)),
            "templates_sha256": dict(wording.templates.digests),
            "guidelines_sha256": sha256(wording.guidelines),
            "first_prompt_sha256": sha256(repr([prompt.messages for prompt in opening])),
        }


def make_prompting(inputs: Inputs, host: Host) -> Prompting:
    """Make strategy, format and task; raises the errors of `nerharness.errors`."""
    spec, options = inputs.spec, inputs.options
    form = host.make("formats", spec.format, options=options["formats"])
    strategy = host.make("strategies", spec.strategy, options=options["strategies"])
    passages = read_knowledge(spec.knowledge)
    templates = Templates(spec.templates, more=(form.template,))
    guidelines = read_guidelines(spec.guidelines) if spec.guidelines else ""
    task = Task(
        inputs.corpus.labels,
        form,
        examples=tuple(unit_examples(inputs.train, spec.unit)),
        originals=[example.document for example in inputs.train],
        passages=passages,
        index=_indexer(spec, host, options["retrievers"]),
        formats=cache(lambda name: host.make("formats", name)),
        wording=Wording(templates, guidelines),
        decoding=Decoding(
            spec.decode, confidence=spec.confidence, continuations=spec.continuations
        ),
    )
    return Prompting(strategy, task, passages)


def _indexer(spec: Spec, host: Host, options: Options) -> Indexer:
    return lambda texts: host.make("retrievers", spec.retriever, texts, options=options)
