"""The `json-by-label` format: what models write when asked for lists by label."""

import json

import pytest

from nerharness.align import Aligner
from nerharness.formats.json_by_label import JsonByLabel
from nerharness.runs.grounding import ground
from nerharness.segment import segment
from nerharness.types import Entity, Example, Label, LabelSet, Reading, Span, Unit

LABELS = LabelSet((Label("rare_disease", "a rare one"), Label("sign", "seen"), Label("symptom")))
TEXT = "Wilson disease causes tremor, pain and tremor."
DOCUMENT = segment("d", TEXT)
UNIT = Unit(DOCUMENT, Span(0, len(TEXT)))


def read(answer: str) -> Reading:
    return JsonByLabel().parse(answer, UNIT, LABELS)


def pairs(reading: Reading) -> list[tuple[str, str]]:
    return [(mention.text, mention.label) for mention in reading.mentions]


CASES = {
    "as asked": (
        '{"rare_disease": ["Wilson disease"], "sign": ["tremor"], "symptom": []}',
        [("Wilson disease", "rare_disease"), ("tremor", "sign")], "clean", {},
    ),
    "empty": ('{"rare_disease": [], "sign": [], "symptom": []}', [], "clean", {}),
    "nothing in it": ("{}", [], "clean", {}),
    "labels left out, null and text without a list": (
        '{"sign": "tremor", "symptom": null}', [("tremor", "sign")], "clean", {},
    ),
    "label as written by a model": (
        '{"Rare Disease": ["Wilson disease"]}',
        [("Wilson disease", "rare_disease")], "clean", {},
    ),
    "fenced, with CRLF": (
        '```json\r\n{"sign": ["tremor"]}\r\n```', [("tremor", "sign")], "repaired",
        {"not_bare_json": 1},
    ),
    "prose around": (
        'Sure: {"sign": ["tremor"]} I hope "this" helps: a, b.', [("tremor", "sign")], "repaired",
        {"not_bare_json": 1},
    ),
    "an object per line": (
        '{"sign": ["tremor"]}\n{"symptom": ["pain"]}', [("tremor", "sign"), ("pain", "symptom")],
        "repaired", {"not_bare_json": 1},
    ),
    "wrapped": ('{"entities": {"sign": ["tremor"]}}', [("tremor", "sign")], "clean", {}),
    "items as objects": (
        '{"sign": [{"text": "tremor"}, {"mention": "pain"}]}',
        [("tremor", "sign"), ("pain", "sign")], "clean", {},
    ),
    "cut inside a mention": (
        '{"sign": ["tremor", "pai', [("tremor", "sign")], "repaired", {"cut": 1, "bad_item": 1},
    ),
    "cut inside an escape": (
        '{"sign": ["tremor", "p\\', [("tremor", "sign")], "repaired", {"cut": 1, "bad_item": 1},
    ),
    "cut after a label": ('{"sign": ', [], "repaired", {"cut": 1}),
    "unknown label": (
        '{"gene": ["ATP7B"], "sign": ["tremor"]}', [("tremor", "sign")], "repaired",
        {"unknown_label": 1},
    ),
    "a key twice": (
        '{"sign": ["tremor"], "sign": ["pain"]}', [("tremor", "sign"), ("pain", "sign")],
        "clean", {},
    ),
    "blank, number and lone surrogate": (
        '{"sign": [" ", 5, "\\ud83d", "tremor"]}', [("tremor", "sign")], "repaired",
        {"bad_item": 3},
    ),
    "quotation marks and escapes": (
        '{"sign": ["\\"Lynch\\" \\u00e9"]}', [('"Lynch" é', "sign")], "clean", {},
    ),
    "a line break in a string": (
        '{"sign": ["tre\nmor"]}', [("tre\nmor", "sign")], "repaired", {"not_bare_json": 1},
    ),
    "as a list": (
        '[{"text": "tremor", "label": "sign"}]', [("tremor", "sign")], "repaired",
        {"other_shape": 1},
    ),
    "prose only": ("I cannot help.", [], "failed", {"no_json": 1}),
    "no answer": ("", [], "failed", {"no_json": 1}),
    "deep nesting": ('{"a":' * 20_000, [], "failed", {"no_json": 1, "cut": 1}),
    "escaped quotation marks without end": (
        '{"sign": "' + '\\"' * 50_000, [], "repaired", {"bad_item": 1, "cut": 1},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_answers(name: str) -> None:
    answer, expected, status, problems = CASES[name]
    reading = read(answer)
    assert pairs(reading) == expected
    assert (reading.status, reading.problems) == (status, problems)


def test_the_demonstration_has_every_label_and_reads_back_as_its_entities() -> None:
    text = "Muscle weakness and wasting in Sjögren syndrome."
    entities = (
        Entity.at("rare_disease", 31, 47),
        Entity.at("sign", 0, 15),
        Entity("sign", (Span(0, 6), Span(20, 27))),
    )
    shown = JsonByLabel().demonstrate(Example(segment("e", text), entities), LABELS)
    assert json.loads(shown) == {
        "rare_disease": ["Sjögren syndrome"],
        "sign": ["Muscle weakness", "Muscle wasting"],
        "symptom": [],
    }
    assert "Sjögren" in shown
    assert read(shown).status == "clean"


def test_a_list_under_a_repeated_key_is_read_as_json() -> None:
    reading = read('{"entities": [1], "entities": [{"text": "pain", "label": "symptom"}]}')
    assert [(one.text, one.label) for one in reading.mentions] == [("pain", "symptom")]
    assert reading.problems == {"not_bare_json": 1, "bad_item": 1, "other_shape": 1}


def test_each_mention_says_where_it_stands_in_the_answer() -> None:
    answer = '{"sign": ["tremor", "pain"]}'
    sources = [mention.source for mention in read(answer).mentions]
    assert [answer[place.start : place.end] for place in sources if place] == ['"tremor"', '"pain"']


def test_repeats_get_their_places_though_mentions_come_by_label() -> None:
    answer = (
        '{"rare_disease": ["Wilson disease"], "sign": ["tremor", "tremor"], "symptom": ["pain"]}'
    )
    grounding = ground(UNIT, read(answer).mentions, Aligner())
    assert {(e.label, e.span.start) for e in grounding.entities} == {
        ("rare_disease", 0), ("sign", 22), ("symptom", 30), ("sign", 39),
    }  # fmt: skip
