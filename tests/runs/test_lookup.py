"""What was retrieved for each unit stands in the record, and how much gold it held."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from rich.console import Console

from nerharness.align import Aligner
from nerharness.formats.json_list import JsonList
from nerharness.plugin import Hit, Indexed, Task
from nerharness.plugin.holdings import Retrieved
from nerharness.report.tables import score_tables
from nerharness.runs.engine import Engine
from nerharness.runs.lookup import Lookup, Retrieval, Shown
from nerharness.runs.record import Record
from nerharness.runs.scores import Scores
from nerharness.segment import segment
from nerharness.strategies.rag import Rag
from nerharness.strategies.zero_shot import ZeroShot
from nerharness.types import Entity, Example, Label, LabelSet, Passage, Span, Unit

LABELS = LabelSet((Label("disease"), Label("skin_sign")))
TEXT = "Gout hurts. A rash and A-T came."
GOLD = (
    Entity.at("disease", 0, 4),
    Entity.at("skin_sign", 14, 18),
    Entity.at("disease", 23, 26),
)
DOCUMENT = segment("own", TEXT)


def example(text: str, *labels: str) -> Retrieved:
    return Retrieved("example", text, 0.51239, text, frozenset(labels))


def passage(text: str) -> Retrieved:
    return Retrieved("passage", text, 2.0, text, frozenset())


@pytest.mark.parametrize(
    ("found", "examples", "passages", "either"),
    [
        ([], Shown(), Shown(), Shown()),
        ([example("A RASH, and AT.", "disease")], Shown(1, 2, 3), Shown(), Shown(1, 2, 3)),
        ([example("Brash goutiness, at.", "x")], Shown(), Shown(), Shown()),
        ([passage("The skin sign of gout.")], Shown(), Shown(1, 1, 2), Shown(1, 1, 2)),
        ([passage("a–T"), example("Gout", "x")], Shown(1, 0, 1), Shown(0, 0, 0), Shown(1, 0, 1)),
    ],
)
def test_gold_mentions_are_looked_for_as_whole_folded_words(
    found: Sequence[Retrieved], examples: Shown, passages: Shown, either: Shown
) -> None:
    lookup = Lookup.of(Unit(DOCUMENT, Span(0, len(TEXT))), GOLD, found)
    assert lookup.mentions == 3
    assert lookup.shown == {"examples": examples, "passages": passages, "any": either}


def test_only_mentions_of_the_unit_count_and_an_item_counts_once() -> None:
    found = [example("Gout.", "disease"), example("Gout.", "disease")]
    lookup = Lookup.of(Unit(DOCUMENT, Span(12, len(TEXT))), GOLD, found)
    assert (lookup.mentions, lookup.examples) == (2, (("Gout.", 0.5124),))
    assert lookup.shown["any"] == Shown(0, 1, 1)
    assert Lookup.from_json(json.loads(json.dumps(lookup.to_json()))) == lookup


def test_a_run_adds_up_the_units_for_which_something_was_found() -> None:
    whole = Unit(DOCUMENT, Span(0, len(TEXT)))
    total = Retrieval.of(
        [
            Lookup.of(whole, GOLD, [example("Gout.", "disease"), passage("rash")]),
            Lookup.of(whole, GOLD[:1], [passage("gout")]),
            Lookup.of(whole, GOLD, []),
        ]
    )
    assert total.to_json() == {
        "units": 2,
        "examples": 1,
        "passages": 2,
        "mentions": 4,
        "shown": {
            "examples": {"surface": 0.25, "label": 0.5, "either": 0.5},
            "passages": {"surface": 0.5, "label": 0.0, "either": 0.5},
            "any": {"surface": 0.75, "label": 0.5, "either": 1.0},
        },
    }
    assert Retrieval.of([]).to_json()["shown"]["any"] == {"surface": 0, "label": 0, "either": 0}


class InOrder:
    def __init__(self, items: Sequence[Indexed]) -> None:
        self.size = len(items)
        self.asked: list[Sequence[str]] = []

    def search(self, queries: Sequence[str], k: int, /) -> Sequence[Sequence[Hit]]:
        self.asked.append(queries)
        return [[Hit(n, 1 / (n + 1)) for n in range(min(k, self.size))] for _ in queries]


def test_the_record_says_what_each_unit_was_shown(scripted: Callable[..., Any]) -> None:
    indexes: list[InOrder] = []

    def index(items: Sequence[Indexed]) -> InOrder:
        indexes.append(InOrder(items))
        return indexes[-1]

    train = [
        Example(segment("a", "Fever came."), ()),
        Example(segment("b", "Gout hurts badly here."), (Entity.at("disease", 0, 4),)),
    ]
    passages = [Passage("Gout", "Urate.", id="X:1"), Passage("Rash", "Red.")]
    task = Task(LABELS, JsonList(), examples=train, passages=passages, index=index)
    backend = scripted(lambda prompt: "[]")
    engine = Engine(Rag(shots=2, passages=1), task, backend, Aligner(), "sentence")
    documents = [Example(DOCUMENT, GOLD), Example(segment("other", "A rash. Gout."), ())]
    records = list(engine.run(documents))
    first, second = records[0].retrieved
    assert first.examples == (("a#0", 1.0), ("b#1", 0.5))
    assert first.passages == (("X:1", 1.0),)
    assert (first.unit, second.unit) == DOCUMENT.sentences
    assert (first.mentions, first.shown["any"]) == (1, Shown(1, 1, 1))
    assert (second.mentions, second.shown["any"]) == (2, Shown(0, 1, 1))
    assert Record.from_json(json.loads(json.dumps(records[0].to_json()))) == records[0]
    assert [len(one.asked) for one in indexes] == [1, 1], "all units of a round in one search"
    assert len(indexes[0].asked[0]) == 4
    assert "Urate" not in json.dumps([lookup.to_json() for lookup in records[0].retrieved])
    scores = Scores.of(records)
    assert scores.to_json()["retrieval"]["units"] == 4
    assert "gold mentions in what was retrieved (3)" in _shown(scores)


def test_without_retrieval_there_is_no_table(scripted: Callable[..., Any]) -> None:
    backend = scripted(lambda prompt: "[]")
    engine = Engine(ZeroShot(), Task(LABELS, JsonList()), backend, Aligner(), "sentence")
    (record,) = engine.run([Example(DOCUMENT, GOLD)])
    assert record.retrieved == ()
    assert "retrieved" not in _shown(Scores.of([record]))


def test_a_journal_from_before_can_be_read() -> None:
    value = Record("a", "x", (), (), ()).to_json()
    del value["retrieved"]
    assert Record.from_json(value).retrieved == ()


def _shown(scores: Scores) -> str:
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(score_tables(scores))
    return console.export_text()
