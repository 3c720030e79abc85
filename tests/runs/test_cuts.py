"""What is said and kept of entities that units cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest

from nerharness.align import Aligner
from nerharness.formats.json_list import JsonList
from nerharness.plugin import Task
from nerharness.report.tables import score_tables
from nerharness.runs.cuts import UnitCuts
from nerharness.runs.engine import Engine, tag
from nerharness.runs.record import Record
from nerharness.runs.scores import Scores
from nerharness.segment import segment
from nerharness.strategies.zero_shot import ZeroShot
from nerharness.types import Document, Entity, Example, Label, LabelSet

TEXT = "Seen by Smith et al. Jones too. Fever."
EXAMPLE = Example(segment("d", TEXT), (Entity.at("name", 8, 26), Entity.at("sign", 32, 37)))
SENTENCES = ((0, 20), (21, 31), (32, 38))


class Reader:
    """A tagger that finds all gold of the example."""

    def tag(self, documents: Sequence[Document], /) -> Iterator[Sequence[Entity]]:
        return iter([EXAMPLE.entities for _ in documents])


class SentenceReader(Reader):
    unit = "sentence"


@pytest.mark.parametrize(
    ("unit", "chosen", "expected"),
    [
        ("sentence", True, "sentences, which can neither be found nor shown: 1 of 2 of test, "
                           "2 of 4 of train; --unit document reads whole documents"),
        ("window:5:1", True, "windows, which can neither be found nor shown: 1 of 2 of test, "
                             "2 of 4 of train; --unit document reads whole documents"),
        ("sentence", False, "sentences, which can neither be found nor shown: 1 of 2 of test, "
                            "2 of 4 of train; --tokens gives other sentences"),
    ],
)  # fmt: skip
def test_the_line_has_the_splits_in_which_something_is_cut(
    unit: str, chosen: bool, expected: str
) -> None:
    splits = {"test": [EXAMPLE], "train": [EXAMPLE, EXAMPLE], "dev": []}
    assert UnitCuts.of(splits, unit, chosen=chosen).line == f"gold entities cut by {expected}"


@pytest.mark.parametrize("unit", ["document", "window:9:8"])
def test_nothing_is_said_where_nothing_is_cut(unit: str) -> None:
    assert UnitCuts.of({"test": [EXAMPLE]}, unit).line == ""


@pytest.mark.parametrize(("tagger", "units"), [(Reader(), ()), (SentenceReader(), SENTENCES)])
def test_a_tagger_says_what_it_reads_by_itself(tagger: Reader, units: Sequence[object]) -> None:
    (record,) = tag(tagger, [EXAMPLE])
    assert tuple((one.start, one.end) for one in record.units) == units


def test_scores_count_what_the_units_of_the_run_cut(scripted: Callable[..., object]) -> None:
    task = Task(LabelSet((Label("name"), Label("sign"))), JsonList())
    backend = scripted(lambda _: "[]")
    engine = Engine(ZeroShot(), task, backend, Aligner(), "sentence")  # type: ignore[arg-type]
    (record,) = engine.run([EXAMPLE])
    assert tuple((one.start, one.end) for one in record.units) == SENTENCES
    assert Record.from_json(record.to_json()) == record
    scores = Scores.of([record], resampling=None)
    assert scores.to_json()["cut_by_units"] == {"gold": 2, "cut": 1, "recall": 0.5}
    assert scores.agreement.errors.fn == {"divided": 1, "missed": 1}
    lines = [str(part) for part in score_tables(scores).renderables]  # type: ignore[attr-defined]
    assert "units      cut 1 of 2 gold entities: recall is at most 0.500" in lines
