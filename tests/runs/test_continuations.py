"""Answers that are cut off and gone on with: they read as one, and the journal says how."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from nerharness.align import Aligner
from nerharness.formats.json_list import JsonList
from nerharness.plugin import Decoding, Task
from nerharness.runs.engine import Engine
from nerharness.runs.record import Record
from nerharness.segment import segment
from nerharness.strategies.zero_shot import ZeroShot
from nerharness.types import Completion, Entity, Example, Label, LabelSet, Prompt, Token, Usage

LABELS = LabelSet((Label("sign"),))
TEXT = "Fever and cough, then fever."
ITEM = '{"text": "Fever", "label": "sign"}'
ANSWER = f"[{ITEM}, {ITEM.replace('Fever', 'cough')}, {ITEM.lower()}]"
GOLD = tuple(Entity.at("sign", start, start + 5) for start in (0, 10, 22))


class Slow:
    """Writes so many letters at a time, each a token that is likely by half."""

    abilities = frozenset({"prefix", "logprobs"})

    def __init__(self, letters: int, *, fails_after: int = 1000) -> None:
        self.identity = {"model": "slow"}
        self.letters = letters
        self.left = fails_after
        self.asked: list[Prompt] = []

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        for index, prompt in enumerate(prompts):
            self.asked.append(prompt)
            self.left -= 1
            if self.left < 0:
                yield index, Completion("", "error", error="out of luck")
                continue
            assert ANSWER.startswith(prompt.prefix)
            text = ANSWER[len(prompt.prefix) :][: self.letters]
            end = len(prompt.prefix) + len(text) == len(ANSWER)
            tokens = tuple(Token(letter, -0.5) for letter in text) if prompt.logprobs else None
            yield index, Completion(text, "stop" if end else "length", Usage(7, 3), tokens=tokens)


Run = Callable[..., Record]


@pytest.fixture
def run() -> Run:
    def go(backend: Slow, **decoding: Any) -> Record:
        task = Task(LABELS, JsonList(), decoding=Decoding(**decoding))
        engine = Engine(ZeroShot(), task, backend, Aligner(), "document")
        (record,) = engine.run([Example(segment("d", TEXT), GOLD)])
        return record

    return go


def test_a_cut_answer_is_gone_on_with_and_reads_as_one(run: Run) -> None:
    backend = Slow(50)
    record = run(backend, continuations=5)
    assert record.entities == GOLD
    assert (record.outputs.repaired, record.outputs.problems) == (0, {})
    assert [prompt.prefix for prompt in backend.asked] == ["", ANSWER[:50], ANSWER[:100]]
    assert len({prompt.messages for prompt in backend.asked}) == 1
    assert record.usage == Usage(21, 9)


def test_the_journal_holds_each_part_and_what_it_went_on_from(run: Run) -> None:
    record = run(Slow(50), continuations=5)
    parts = [(part.prefix, part.completion, part.finish) for part in record.transcript]
    assert parts == [
        ("", ANSWER[:50], "length"),
        (ANSWER[:50], ANSWER[50:100], "length"),
        (ANSWER[:100], ANSWER[100:], "stop"),
    ]
    assert Record.from_json(record.to_json()).transcript == record.transcript


def test_no_more_parts_than_allowed_are_asked_for(run: Run) -> None:
    backend = Slow(50)
    record = run(backend, continuations=1)
    assert len(backend.asked) == 2
    assert record.entities == GOLD[:2]
    assert record.outputs.problems == {"not_bare_json": 1, "cut": 1}
    assert len(run(Slow(50)).transcript) == 1


def test_an_answer_that_ended_is_not_gone_on_with(run: Run) -> None:
    backend = Slow(1000)
    run(backend, continuations=5)
    assert len(backend.asked) == 1


def test_confidences_are_those_of_the_answer_in_one_part(run: Run) -> None:
    whole = run(Slow(1000), confidence=True)
    parts = run(Slow(43), confidence=True, continuations=9)
    assert whole.confidences == parts.confidences
    assert whole.confidences == pytest.approx([math.exp(-0.5 * len(ITEM))] * 3)


def test_a_part_that_fails_fails_the_document_and_keeps_what_was_said(run: Run) -> None:
    record = run(Slow(50, fails_after=1), continuations=5)
    assert record.error == "out of luck"
    assert [part.completion for part in record.transcript] == [ANSWER[:50], ""]
