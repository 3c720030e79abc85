"""What plugins give is held to the contract where a run takes it; a fault fails one document."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nerharness.align import Aligner
from nerharness.errors import PluginError
from nerharness.formats.json_list import JsonList
from nerharness.plugin import Dialogue, Task
from nerharness.runs.engine import Engine
from nerharness.runs.record import Record
from nerharness.runs.soundness import sound_identity, sound_reading
from nerharness.segment import segment
from nerharness.strategies.zero_shot import ZeroShot
from nerharness.types import Example, Label, LabelSet, Mention, Reading, Span, Unit

LABELS = LabelSet((Label("sign"),))
TEXT = "Fever and a rash."
UNIT = Unit(segment("d", TEXT), Span(0, len(TEXT)))


def mention(text: Any = "rash", label: Any = "sign", **rest: Any) -> Reading:
    return Reading((Mention(text, label, **rest),))


READINGS: dict[str, tuple[Any, str]] = {
    "no reading": ([Mention("rash", "sign")], "a Reading was due"),
    "a status of its own": (Reading((), "fine"), "status 'fine'"),  # type: ignore[arg-type]
    "problems in words": (Reading((), "repaired", {"x": "many"}), "not {'x': 'many'}"),  # type: ignore[dict-item]
    "fewer than no problems": (Reading((), "repaired", {"x": -1}), "not {'x': -1}"),
    "mentions that are gone": (Reading(iter(())), "mentions are a tuple"),  # type: ignore[arg-type]
    "a pair": (Reading((("rash", "sign"),)), "is no Mention"),  # type: ignore[arg-type]
    "a number": (mention(3), "text is a str, and not 3"),
    "a label of its own": (mention(label="Sign"), "'Sign' is no label"),
    "a label that is a list": (mention(label=["sign"]), "is no label"),
    "a pair of offsets": (mention(span=(0, 4)), "span is a Span"),
    "a far span": (mention(span=Span(13, 18)), "ends behind the text of 17"),
    "a place in words": (mention(source="0-4"), "source is a Span"),
    "confidence in percent": (mention(confidence=70.0), "from 0 to 1, and not 70.0"),
    "no number": (mention(confidence=float("nan")), "from 0 to 1, and not nan"),
    "confidence in words": (mention(confidence="high"), "from 0 to 1, and not 'high'"),
}


@pytest.mark.parametrize("name", READINGS)
def test_a_reading_that_breaks_the_contract_is_told_with_who_gave_it(name: str) -> None:
    reading, fault = READINGS[name]
    with pytest.raises(PluginError) as caught:
        sound_reading(reading, UNIT, LABELS, title="format 'mine'")
    assert str(caught.value).startswith("format 'mine': ")
    assert fault in str(caught.value)


def test_what_files_cannot_hold_is_mended() -> None:
    given = [Mention("ra\ud83dsh", "sign", confidence=np.float32(0.5))]  # type: ignore[arg-type]
    reading = sound_reading(Reading(given, "repaired", {"\ude00": 1}), UNIT, LABELS)  # type: ignore[arg-type]
    assert reading.mentions == (Mention("ra\ufffdsh", "sign", confidence=0.5),)
    assert type(reading.mentions[0].confidence) is float
    assert reading.problems == {"\ufffd": 1}


class Odd(ZeroShot):
    """Ends with what it is told where the text is odd."""

    def __init__(self, odd: Any) -> None:
        self.odd = odd

    def solve(self, unit: Unit, task: Task, /) -> Dialogue:
        reading = yield from super().solve(unit, task)
        return self.odd if "odd" in unit.text else reading


@pytest.mark.parametrize("name", READINGS)
def test_it_fails_its_document_and_no_other(name: str, scripted: Any) -> None:
    backend = scripted(lambda prompt: "[]")
    strategy = Odd(READINGS[name][0])
    engine = Engine(strategy, Task(LABELS, JsonList()), backend, Aligner(), "document")
    texts = {"a": "A rash.", "b": "An odd rash.", "c": "No rash."}
    records = list(engine.run([Example(segment(id, text), ()) for id, text in texts.items()]))
    failed = [record.id for record in records if record.error]
    assert failed == ["b"]
    assert [Record.from_json(record.to_json()) for record in records] == records


@pytest.mark.parametrize("identity", [None, {"model": 3}, {1: "x"}, "words"])
def test_an_identity_is_texts(identity: Any) -> None:
    with pytest.raises(PluginError, match="backend 'mine': identity is a mapping of texts"):
        sound_identity(SimpleNamespace(identity=identity), "backend 'mine'")


def test_an_identity_that_cannot_be_told_is_the_plugins_error() -> None:
    with pytest.raises(PluginError, match="backend 'mine': cannot say what it is: AttributeError"):
        sound_identity(object(), "backend 'mine'")  # type: ignore[arg-type]
