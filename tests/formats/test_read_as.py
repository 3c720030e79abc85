"""Answers that are asked for in one format and read in another."""

from __future__ import annotations

from nerharness.formats.json_list import JsonList
from nerharness.formats.lines import LabelledLines
from nerharness.formats.markers import markers
from nerharness.formats.read_as import ReadAs
from nerharness.segment import segment
from nerharness.testing import EXAMPLES, LABELS
from nerharness.types import Span, Unit


def test_one_format_asks_and_the_other_reads() -> None:
    example = EXAMPLES[0]
    document = segment("d", "Tremor and pain.")
    unit = Unit(document, Span(0, len(document.text)))
    both = ReadAs(JsonList(), LabelledLines())
    assert both.template == JsonList().template
    assert both.demonstrate(example, LABELS) == JsonList().demonstrate(example, LABELS)
    assert both.limit(unit, LABELS) == JsonList().limit(unit, LABELS)
    assert both.constrain(unit, LABELS, "schema") == JsonList().constrain(unit, LABELS, "schema")
    label = LABELS.names[0]
    reading = both.parse(f"{label}: Tremor", unit, LABELS)
    assert [(one.text, one.label) for one in reading.mentions] == [("Tremor", label)]


def test_questions_are_about_one_label_if_either_format_wants_that() -> None:
    assert ReadAs(JsonList(), markers()).one_label
    assert ReadAs(markers(), JsonList()).one_label
    assert not ReadAs(JsonList(), LabelledLines()).one_label
