"""Which stretches of a document no answer is about."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nerharness.align import Aligner
from nerharness.formats.json_list import JsonList
from nerharness.plugin import Task
from nerharness.runs.engine import Engine
from nerharness.scoring.pair import Gap
from nerharness.segment import segment
from nerharness.strategies.zero_shot import ZeroShot
from nerharness.types import Completion, Example, Label, LabelSet, Prompt, Span

TEXT = "Fever and cough. No rash was seen."
#       0     6   10   15 17 20   25  29  33
FEVER = '[{"text": "Fever", "label": "sign"}'

Answer = Callable[[Prompt], object]


@pytest.fixture
def gaps(scripted: Callable[[Answer], object]) -> Callable[..., tuple[Gap, ...]]:
    def found(answer: Answer, unit: str) -> tuple[Gap, ...]:
        task = Task(LabelSet((Label("sign"),)), JsonList())
        engine = Engine(ZeroShot(), task, scripted(answer), Aligner(), unit)  # type: ignore[arg-type]
        (record,) = engine.run([Example(segment("d", TEXT), ())])
        return record.gaps

    return found


def about_first(prompt: Prompt) -> bool:
    return "Fever" in prompt.messages[-1].content


def test_answers_that_can_be_read_leave_no_gap(gaps: Callable[..., object]) -> None:
    assert gaps(lambda _: "[]", "sentence") == ()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("What?", Gap(Span(0, 16), "unparsed")),
        (Completion("", "error", error="out of luck"), Gap(Span(0, 16), "failed")),
        # Cut after "Fever": what follows it may have been about to come.
        (Completion(FEVER, "length"), Gap(Span(5, 16), "truncated")),
        # Cut before anything was named.
        (Completion('[{"te', "length"), Gap(Span(0, 16), "truncated")),
    ],
)
def test_a_unit_without_an_answer_is_a_gap(
    gaps: Callable[..., object], said: object, expected: Gap
) -> None:
    assert gaps(lambda prompt: said if about_first(prompt) else "[]", "sentence") == (expected,)


def test_what_another_unit_has_an_answer_about_is_no_gap(gaps: Callable[..., object]) -> None:
    # Windows of 4 tokens, 2 of them shared: [0, 16), [10, 24), [17, 33), [25, 34).
    assert gaps(lambda prompt: "What?" if about_first(prompt) else "[]", "window:4:2") == (
        Gap(Span(0, 10), "unparsed"),
    )
    assert gaps(lambda prompt: "[]" if about_first(prompt) else "What?", "window:4:2") == (
        Gap(Span(16, 24), "unparsed"),
        Gap(Span(17, 33), "unparsed"),
        Gap(Span(25, 34), "unparsed"),
    )
