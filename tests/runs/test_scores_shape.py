"""The JSON of scores is what docs/scoring.md shows."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nerharness.runs.record import Outputs, Record
from nerharness.runs.scores import Scores
from nerharness.scoring.errors import MEANING, ORACLES
from nerharness.scoring.intervals import Resampling
from nerharness.scoring.protocols import PROTOCOLS
from nerharness.segment import segment
from nerharness.types import Entity, Example

PAGE = (Path(__file__).parents[2] / "docs/scoring.md").read_text(encoding="utf-8")


@pytest.fixture
def shown() -> Any:
    (block,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    return json.loads(block)


def shape(value: Any, shown: Any) -> Any:
    """Return a value with 0 for numbers, one item of a list, and the names of `shown`."""
    if isinstance(value, dict):
        if all(name.isupper() for name in shown):
            (name,) = shown
            shapes = [shape(one, shown[name]) for one in value.values()]
            assert shapes or name == "CAUSE", f"no {name}"  # a label may have no errors
            assert all(one == shapes[0] for one in shapes), name
            return {name: shapes[0] if shapes else 0}
        return {name: shape(one, shown.get(name, {})) for name, one in value.items()}
    if isinstance(value, list):
        return [shape(value[0], shown[0])]
    return "" if isinstance(value, str) else 0


def scores() -> Scores:
    """Return scores in which everything occurs that there is."""
    gold = (Entity.at("a", 0, 5), Entity.at("b", 10, 15))
    predicted = (Entity.at("a", 0, 5), Entity.at("a", 10, 15))
    document = segment("d", "Fever and cough.")
    record = Record.of(
        Example(document, gold),
        predicted,
        confidences=(0.9, 0.4),
        outputs=Outputs(1, 0, 1, 0, {"cut": 1}),
    )
    # All right, so that each draw has both labels; so few that there is a warning.
    more = [replace(record, id=f"d{n}", entities=gold, confidences=()) for n in range(8)]
    return Scores.of([record, *more], ("a", "b"), Resampling(draws=50))


def test_the_page_shows_every_name_and_no_other(shown: Any) -> None:
    wanted = {**shown, "schema": 0}
    assert shape(scores().to_json(), shown) == wanted
    assert shown["schema"] == 1


def test_without_confidences_and_draws_there_is_null(shown: Any) -> None:
    value = Scores.of([], ("a",), None).to_json()
    assert value.keys() == shown.keys()
    assert value["calibration"] is value["resampling"] is None
    assert "intervals" not in value["protocols"]["strict"]["micro"]


@pytest.mark.parametrize("names", [PROTOCOLS, MEANING], ids=["protocols", "causes"])
def test_the_page_has_a_row_for_each_name_in_its_order(names: Any) -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE)
    assert [row for row in rows if row in names] == list(names)


def test_the_page_has_the_causes_of_each_oracle() -> None:
    rows = dict(re.findall(r"^\| ([a-z ]+) \| ((?:`[a-z]+`(?:, )?)+) \|$", PAGE, re.MULTILINE))
    for name, causes in ORACLES.items():
        if name != "boundaries and labels":
            assert re.findall(r"`([a-z]+)`", rows[name]) == list(causes)
