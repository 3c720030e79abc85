"""Candidates from dictionaries, and that a unit never gets its own gold as one."""

from __future__ import annotations

import pytest
from strategies.kit import InOrder

from nerharness.formats.json_list import JsonList
from nerharness.plugin import Hint, Task
from nerharness.plugin.hints import HintSource
from nerharness.segment import segment
from nerharness.strategies.few_shot import FewShot
from nerharness.types import Entity, Example, Label, LabelSet, Passage, Span, Unit

LABELS = LabelSet((Label("disease"), Label("sign")))
PASSAGES = [
    Passage("Wilson disease", "Copper.", ("hepatolenticular degeneration", "WD"), "X:1"),
    Passage("Introduction", "Gout and more.", id="book.md#0", concept=False),
    Passage("Fever", "Heat."),
]


def example(id: str, text: str, *found: tuple[str, str]) -> Example:
    entities = (Entity.at(label, text.index(s), text.index(s) + len(s)) for s, label in found)
    return Example(segment(id, text), tuple(entities))


TRAIN = (
    example("a", "Fever came with Gout.", ("Fever", "sign"), ("Gout", "disease")),
    example("b", "The fever went.", ("fever", "disease")),
    example("c", "No fever at all today.", ("fever", "sign")),
)


def unit(text: str, id: str = "own") -> Unit:
    return Unit(segment(id, text), Span(0, len(text)))


def task(source: HintSource, *examples: Example) -> Task:
    documents = [one.document for one in examples]
    return Task(
        LABELS,
        JsonList(),
        examples=examples,
        originals=documents,
        passages=PASSAGES,
        index=InOrder,
        hints=source,
    )


TEXT = "WD with fever, and hepatolenticular-degeneration; introduction of gout, FEVER."


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("none", []),
        (
            "train",
            [("fever", "sign", "train"), ("gout", "disease", "train"), ("FEVER", "sign", "train")],
        ),
        (
            "knowledge",
            [
                ("WD", "Wilson disease", "knowledge"),
                ("fever", "Fever", "knowledge"),
                ("hepatolenticular-degeneration", "Wilson disease", "knowledge"),
                ("FEVER", "Fever", "knowledge"),
            ],
        ),
        (
            "both",
            [
                ("WD", "Wilson disease", "knowledge"),
                ("fever", "sign", "train"),
                ("fever", "Fever", "knowledge"),
                ("hepatolenticular-degeneration", "Wilson disease", "knowledge"),
                ("gout", "disease", "train"),
                ("FEVER", "sign", "train"),
                ("FEVER", "Fever", "knowledge"),
            ],
        ),
    ],
)
def test_names_are_found_in_text_order(
    source: HintSource, expected: list[tuple[str, str, str]]
) -> None:
    found = task(source, *TRAIN).hints(unit(TEXT))
    assert found == [Hint(*one) for one in expected]  # type: ignore[arg-type]
    again = task(source, *TRAIN).hints(unit(f"{TEXT} {TEXT}"))
    assert again == found, "each hint once"


@pytest.mark.parametrize(
    "own",
    [
        unit("Tophi are signs of it, they say.", "t"),
        unit("Tophi are the signs of it, they say."),
        unit("TOPHI are signs of it, they say!"),
        Unit(segment("own", "See the tophi. Tophi are signs of it, they say."), Span(0, 14)),
    ],
    ids=["own document", "one word changed", "case", "another sentence of the document"],
)
def test_a_unit_learns_nothing_from_itself_or_a_copy(own: Unit) -> None:
    planted = example("t", "Tophi are signs of it, they say.", ("Tophi", "sign"))
    assert task("train", *TRAIN, planted).hints(own) == []
    assert task("train", *TRAIN, planted).hints(unit("Many tophi.")) == [
        Hint("tophi", "sign", "train")
    ]


def test_a_longer_name_from_a_copy_does_not_hide_a_shorter_one() -> None:
    text = "Fever of three days is typical for them."
    planted = example("t", text, ("Fever of three days", "sign"))
    assert task("train", *TRAIN, planted).hints(unit(text)) == [Hint("Fever", "sign", "train")]


def test_hints_need_no_retriever_and_share_the_library() -> None:
    work = task("train", *TRAIN)
    assert work.fresh().hints(unit("gout")) == work.hints(unit("gout"))
    assert work.retrieved == []


def test_hints_stand_before_the_text_in_the_prompt() -> None:
    work = task("both", *TRAIN)
    (prompt,) = next(FewShot(shots=1).solve(unit("A fever of WD."), work))
    said = [turn.content for turn in prompt.messages]
    candidates = "fever (sign); fever (Fever); WD (Wilson disease)"
    assert said[-1] == f"Candidates: {candidates}\nText: A fever of WD."
    assert said[1].startswith("Candidates: Fever (disease); Fever (Fever)\n"), "not its own label"


def test_a_task_with_one_label_has_its_hints_alone() -> None:
    work = task("train", *TRAIN).only("disease")
    assert work.hints(unit("Fever and gout.")) == [Hint("gout", "disease", "train")]
