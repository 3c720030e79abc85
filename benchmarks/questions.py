"""The prompts that local models are timed with: few-shot JSON about single sentences."""

from __future__ import annotations

from nerharness.plugin import Task
from nerharness.plugin.host import Host
from nerharness.runs.corpus import load_corpus
from nerharness.runs.units import unit_examples, units
from nerharness.types import Prompt


def questions(host: Host, corpus: str, retriever: str, count: int, limit: int) -> list[Prompt]:
    """Return the prompts about the first sentences of test, with answers of `limit` tokens."""
    read = load_corpus(host, corpus, None)
    task = Task(
        read.labels,
        host.make("formats", "json"),
        examples=tuple(unit_examples(read.splits["train"], "sentence")),
        index=host.make("retrievers", retriever).index,
    )
    strategy = host.make("strategies", "few-shot")
    test = [unit for e in read.splits["test"] for unit in units(e.document, "sentence")][:count]
    task.expect(test)
    found = [next(strategy.solve(unit, task))[0] for unit in test]
    return [Prompt(prompt.messages, limit) for prompt in found]
