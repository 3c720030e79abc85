"""What the engine itself costs: prompt, parse, align and journal, with an instant backend."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.prose import labelled_sentence
from benchmarks.timing import repeat
from benchmarks.vocabulary import SLOTS
from nerharness.align import Aligner
from nerharness.formats.json_list import JsonList
from nerharness.plugin import Task
from nerharness.runs.engine import Engine, timed
from nerharness.runs.folder import RunFolder
from nerharness.segment import tokenize
from nerharness.strategies.zero_shot import ZeroShot
from nerharness.types import (
    Completion,
    Document,
    Entity,
    Example,
    Label,
    LabelSet,
    Prompt,
    Span,
    Usage,
)

UNITS: Final = 10_000
SEED: Final = 2026
ROUNDS: Final = 3
LABELS: Final = LabelSet(tuple(Label(slot, f"any {slot}") for slot in SLOTS))


class Instant:
    """Has the right answer about every text at once."""

    identity: Mapping[str, str] = {}
    abilities: frozenset[str] = frozenset()

    def __init__(self, answers: dict[str, str]) -> None:
        self._answers = answers

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        for index, prompt in enumerate(prompts):
            text = prompt.messages[-1].content.removeprefix("Text: ")
            yield index, Completion(self._answers[text], "stop", Usage(100, 20))


@pytest.mark.parametrize("sentences", [10, 1])
@pytest.mark.parametrize("journal", ["none", "flushed beside", "flushed each time"])
def test_engine(benchmark: BenchmarkFixture, sentences: int, journal: str) -> None:
    examples, answers = _corpus(sentences)
    run = partial(_run, examples, answers, journal)
    run(check=True)
    benchmark.group = "engine"
    name = f"{sentences} units a document, journal {journal}"
    repeat(benchmark, run, rounds=ROUNDS, facts={"name": name, "items": UNITS})


def _run(
    examples: Sequence[Example], answers: dict[str, str], journal: str, *, check: bool = False
) -> None:
    task = Task(LABELS, JsonList())
    engine = Engine(ZeroShot(), task, Instant(answers), Aligner(), "sentence")
    with TemporaryDirectory(dir=os.environ.get("NERHARNESS_BENCH_FOLDER")) as place:
        with RunFolder.create(Path(place) / "run", {}) as folder:
            for record in timed(engine.run(examples)):
                if journal != "none":
                    folder.append(record)
                if journal == "flushed each time":
                    _flush(folder)
                if check:
                    assert record.entities == record.gold
        if check and journal != "none":
            ids = [record.id for record in folder.records()]
            assert ids == [example.document.id for example in examples]


def _flush(folder: RunFolder) -> None:
    descriptor = os.open(folder.path / "journal.jsonl", os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


@cache
def _corpus(sentences: int) -> tuple[list[Example], dict[str, str]]:
    """Documents of so many units each, and the right answer about each unit."""
    rng = Random(SEED)
    answers: dict[str, str] = {}
    examples = []
    for number in range(UNITS // sentences):
        parts: list[str] = []
        spans: list[Span] = []
        entities = []
        for _ in range(sentences):
            text, label, term = labelled_sentence(rng)
            start = spans[-1].end + 1 if spans else 0
            spans.append(Span(start, start + len(text)))
            at = start + text.index(term)
            entities.append(Entity.at(label, at, at + len(term)))
            answers[text] = json.dumps([{"text": term, "label": label}], ensure_ascii=False)
            parts.append(text)
        whole = " ".join(parts)
        document = Document(f"d{number}", whole, tokenize(whole), tuple(spans))
        examples.append(Example(document, tuple(entities)))
    return examples, answers
