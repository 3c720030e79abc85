"""Documents in, records out: each once, in whatever order they finish."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

import pytest

from nerharness.align import Aligner
from nerharness.formats.json_list import JsonList
from nerharness.plugin import Task
from nerharness.runs.engine import WINDOW, Engine, tag, timed
from nerharness.runs.record import Record
from nerharness.runs.units import UnitKind, unit_examples, units
from nerharness.segment import segment
from nerharness.strategies.zero_shot import ZeroShot
from nerharness.taggers.gazetteer import Gazetteer
from nerharness.types import Completion, Entity, Example, Label, LabelSet, Prompt

LABELS = LabelSet((Label("num"),))


def numbers(prompt: Prompt) -> str:
    """Name every number in the text, as a perfect model would."""
    found = re.findall(r"\d+", prompt.messages[-1].content)
    return json.dumps([{"text": number, "label": "num"} for number in found])


def corpus(size: int) -> list[Example]:
    texts = [f"First {n} of it. Then {n + 1000}; twice {n + 1000}." for n in range(size)]
    return [
        Example(
            segment(f"d{n}", text),
            tuple(Entity.at("num", *m.span()) for m in re.finditer(r"\d+", text)),
        )
        for n, text in enumerate(texts)
    ]


Run = Callable[..., list[Record]]


@pytest.fixture
def run(scripted: Callable[..., object]) -> Run:
    def go(
        examples: Sequence[Example], answer: Callable[[Prompt], object], unit: UnitKind = "sentence"
    ) -> list[Record]:
        engine = Engine(
            ZeroShot(),
            Task(LABELS, JsonList()),
            scripted(answer),
            Aligner(),
            unit,  # type: ignore[arg-type]
        )
        return list(engine.run(examples))

    return go


@pytest.mark.parametrize("unit", ["sentence", "document"])
def test_a_perfect_model_gets_everything_right(run: Run, unit: UnitKind) -> None:
    examples = corpus(2 * WINDOW + 3)
    records = run(examples, numbers, unit)
    assert [record.id for record in records] == [example.document.id for example in examples]
    assert all(record.entities == record.gold for record in records)
    per_document = 2 if unit == "sentence" else 1
    assert all(record.outputs.total == per_document for record in records)
    assert all(len(record.transcript) == per_document for record in records)
    assert all(record.usage.prompt_tokens == 7 * per_document for record in records)


def test_a_failed_unit_fails_its_document_and_no_other(run: Run) -> None:
    def answer(prompt: Prompt) -> object:
        if "Then 1003" in prompt.messages[-1].content:
            return Completion("", "error", error="no more")
        return numbers(prompt)

    records = {record.id: record for record in run(corpus(6), answer)}
    assert {id for id, record in records.items() if record.error} == {"d3"}
    assert records["d3"].error == "no more"
    assert len(records["d3"].entities) == 1, "what its other sentence gave is kept"
    assert all(records[f"d{n}"].entities == records[f"d{n}"].gold for n in (0, 1, 2, 4, 5))


def test_readings_truncation_and_repeats_are_counted(run: Run) -> None:
    said = iter(["nothing of use", '[{"text": "1", "label": "num"}, {"te'])
    records = run(corpus(1), lambda _: Completion(next(said), "length"))
    outputs = records[0].outputs
    assert (outputs.total, outputs.parse_failed, outputs.repaired, outputs.truncated) == (
        2,
        1,
        1,
        2,
    )
    assert outputs.problems == {"no_json": 1, "not_bare_json": 1, "cut": 1}
    (record,) = run(
        [Example(segment("x", "See 5."), ())],
        lambda _: '[{"text": "5", "label": "num"}, {"text": "5", "label": "num"}]',
    )
    assert (record.outputs.repaired, record.outputs.problems) == (1, {"repeat": 1})


def test_answers_that_begin_with_reasoning_are_counted_and_kept_as_they_came(run: Run) -> None:
    def think(prompt: Prompt) -> str:
        thought = '<think>[{"text": "First", "label": "num"}]?</think>\n'
        return thought * ("First" in prompt.messages[-1].content) + numbers(prompt)

    for record in run(corpus(2), think):
        assert record.entities == record.gold
        assert (record.outputs.total, record.outputs.reasoning) == (2, 1)
        assert record.outputs.repaired == 0
        assert sorted(one.completion.startswith("<think>") for one in record.transcript) == [
            False,
            True,
        ]
        assert Record.from_json(record.to_json()).outputs == record.outputs


def test_a_document_without_text_is_recorded_without_asking(run: Run) -> None:
    records = run([Example(segment("blank", " \n "), ()), *corpus(1)], numbers)
    assert {record.id for record in records} == {"blank", "d0"}
    assert next(r for r in records if r.id == "blank").transcript == ()


def test_units_cover_sentences_and_examples_keep_inner_entities() -> None:
    (example,) = corpus(1)
    assert [unit.text for unit in units(example.document, "sentence")] == [
        "First 0 of it.", "Then 1000; twice 1000.",
    ]  # fmt: skip
    first, second = unit_examples([example], "sentence")
    assert [e.surface(first.document.text) for e in first.entities] == ["0"]
    assert [e.surface(second.document.text) for e in second.entities] == ["1000", "1000"]
    assert second.document.id == "d0"


def test_a_tagger_gives_a_record_per_document() -> None:
    examples = corpus(4)
    records = list(timed(tag(Gazetteer(examples[:2], least_share=0.0), examples)))
    assert records[0].entities == records[0].gold
    assert records[3].entities == ()
    assert all(record.seconds >= 0 for record in records)


def test_what_overlapping_windows_both_find_counts_once(run: Run) -> None:
    (record,) = run(corpus(1), numbers, unit="window:8:6")
    assert len(record.entities) == 3
    assert record.tiers == {"exact": 3}


def test_where_no_answer_is_known_is_recorded(run: Run) -> None:
    """The first sentence of three is cut after its number, the next unreadable, the last failed."""
    answers = iter(
        [
            Completion('[{"text": "0", "label": "num"}, {"te', "length"),
            Completion("I cannot say.", "stop"),
            Completion("", "error", error="no answer"),
        ]
    )
    text = "It was 0 then. It was 1 now. It will be 2."
    example = Example(segment("d", text), ())
    given: dict[str, Completion] = {}

    def answer(prompt: Prompt) -> Completion:
        asked = prompt.messages[-1].content
        return given.setdefault(asked, next(answers)) if asked not in given else given[asked]

    (record,) = run([example], answer)
    gaps = [(text[gap.span.start : gap.span.end], gap.cause) for gap in record.gaps]
    assert gaps == [
        (" then.", "truncated"),
        ("It was 1 now.", "unparsed"),
        ("It will be 2.", "failed"),
    ]
    assert Record.from_json(json.loads(json.dumps(record.to_json()))) == record
