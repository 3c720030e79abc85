"""The `json` format: what small models really write."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerharness.formats.json_list import JsonList
from nerharness.segment import segment
from nerharness.templates import Templates
from nerharness.types import Entity, Example, Label, LabelSet, Reading, Span, Unit

LABELS = LabelSet((Label("rare_disease", "a rare one"), Label("sign", "seen"), Label("symptom")))
DOCUMENT = segment("d", "Wilson disease causes tremor and pain.")
UNIT = Unit(DOCUMENT, Span(0, len(DOCUMENT.text)))


def read(answer: str) -> Reading:
    return JsonList().parse(answer, UNIT, LABELS)


def pairs(reading: Reading) -> list[tuple[str, str]]:
    return [(mention.text, mention.label) for mention in reading.mentions]


CASES = {
    "as asked": (
        '[{"text": "tremor", "label": "sign"}]', [("tremor", "sign")], "clean", {},
    ),
    "no entity": ("[]", [], "clean", {}),
    "no entity, in prose": ("There are none: []", [], "repaired", {"not_bare_json": 1}),
    "fenced": (
        '```json\n[{"text": "tremor", "label": "sign"}]\n```',
        [("tremor", "sign")], "repaired", {"not_bare_json": 1},
    ),
    "prose around": (
        'Sure! [{"text": "tremor", "label": "sign"}] Hope this helps {smile}.',
        [("tremor", "sign")], "repaired", {"not_bare_json": 1, "bad_item": 1},
    ),
    "cut inside an item": (
        '[{"text": "tremor", "label": "sign"}, {"text": "pai',
        [("tremor", "sign")], "repaired", {"not_bare_json": 1, "cut": 1},
    ),
    "cut after an item": (
        '[{"text": "tremor", "label": "sign"},',
        [("tremor", "sign")], "repaired", {"not_bare_json": 1},
    ),
    "objects on lines": (
        '{"text": "tremor", "label": "sign"}\n{"text": "pain", "label": "symptom"}',
        [("tremor", "sign"), ("pain", "symptom")], "repaired", {"not_bare_json": 1},
    ),
    "two lists": (
        '[{"text": "tremor", "label": "sign"}] [{"text": "pain", "label": "symptom"}]',
        [("tremor", "sign"), ("pain", "symptom")], "repaired", {"not_bare_json": 1},
    ),
    "wrapped in an object": (
        '{"mentions": [{"text": "tremor", "label": "sign"}]}',
        [("tremor", "sign")], "repaired", {"not_bare_json": 1},
    ),
    "in the object of the schema": (
        ' {"entities" : [{"text": "tremor", "label": "sign"}] } ',
        [("tremor", "sign")], "clean", {},
    ),
    "under a repeated key": (
        '{"entities": [1], "entities": [{"text": "pain", "label": "symptom"}]}',
        [("pain", "symptom")], "repaired", {"not_bare_json": 1, "bad_item": 1},
    ),
    "under a key that comes three times": (
        '{"entities": [{"text": "tremor", "label": "sign"}], "entities": [], '
        '"entities": [{"text": "pain", "label": "symptom"}]}',
        [("tremor", "sign"), ("pain", "symptom")], "repaired", {"not_bare_json": 1},
    ),
    "a label that comes twice": (
        '[{"sign": ["tremor"], "sign": ["pain"]}]',
        [("tremor", "sign"), ("pain", "sign")], "clean", {},
    ),
    "beside another key": (
        '{"entities": [{"text": "pain", "label": "symptom"}], "note": "]"}',
        [("pain", "symptom")], "repaired", {"not_bare_json": 1},
    ),
    "brackets in a mention": (
        '[{"text": "pain]", "label": "sign"}]', [("pain]", "sign")], "clean", {},
    ),
    "by label": (
        '{"sign": ["tremor"], "symptom": ["pain"]}',
        [("tremor", "sign"), ("pain", "symptom")], "repaired", {"not_bare_json": 1},
    ),
    "other keys": (
        '[{"entity": "tremor", "type": "SIGN"}]', [("tremor", "sign")], "clean", {},
    ),
    "label as written by a model": (
        '[{"text": "Wilson disease", "label": "Rare disease"}]',
        [("Wilson disease", "rare_disease")], "clean", {},
    ),
    "unknown label": (
        '[{"text": "tremor", "label": "gene"}, {"text": "pain", "label": "symptom"}]',
        [("pain", "symptom")], "repaired", {"unknown_label": 1},
    ),
    "strings instead of items": ('["tremor", "pain"]', [], "repaired", {"bad_item": 2}),
    "blank text": ('[{"text": " ", "label": "sign"}]', [], "repaired", {"bad_item": 1}),
    "number as text": ('[{"text": 5, "label": "sign"}]', [], "repaired", {"bad_item": 1}),
    "prose only": ("I cannot help with that.", [], "failed", {"no_json": 1}),
    "cut inside the first item": (
        '[{"text": "trem', [], "failed", {"no_json": 1, "cut": 1},
    ),
    "empty": ("", [], "failed", {"no_json": 1}),
    "a number": ("42", [], "failed", {"no_json": 1}),
    "deep nesting": ("[" * 100_000, [], "failed", {"no_json": 1}),
    "deeply nested object": ('{"a":' * 20_000, [], "failed", {"no_json": 1, "cut": 1}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_answers(name: str) -> None:
    answer, expected, status, problems = CASES[name]
    reading = read(answer)
    assert pairs(reading) == expected
    assert (reading.status, reading.problems) == (status, problems)


def test_the_demonstration_reads_back_as_its_entities() -> None:
    text = "Muscle weakness and wasting in Sjögren syndrome."
    entities = (
        Entity.at("rare_disease", 31, 47),
        Entity.at("sign", 0, 15),
        Entity("sign", (Span(0, 6), Span(20, 27))),
    )
    shown = JsonList().demonstrate(Example(segment("e", text), entities), LABELS)
    assert pairs(read(shown)) == [
        ("Muscle weakness", "sign"),
        ("Muscle wasting", "sign"),
        ("Sjögren syndrome", "rare_disease"),
    ]

    assert "Sjögren" in shown
    assert read(shown).status == "clean"


def test_the_instruction_defines_every_label() -> None:
    instruction = Templates().render(JsonList().template.name, labels=LABELS)
    assert "- rare_disease: a rare one\n- sign: seen\n- symptom\n" in instruction


def test_the_limit_leaves_room_for_a_dense_answer() -> None:
    dense = Example(
        DOCUMENT, tuple(Entity.at("symptom", t.start, t.end) for t in DOCUMENT.tokens[::2])
    )
    shown = JsonList().demonstrate(dense, LABELS)
    assert JsonList().limit(UNIT, LABELS) >= len(shown) / 4  # about four characters a token


VALID = '[{"text": "tremor", "label": "sign"}, {"text": "Wilson disease", "label": "rare_disease"}]'
junk = st.text(alphabet=st.sampled_from('{}[]",:\\ \ntextlabelsign\ud83d'), max_size=30)


@settings(max_examples=1000)
@given(st.integers(0, len(VALID)), st.integers(0, len(VALID)), junk)
def test_mutated_answers_never_raise_and_keep_to_the_label_set(a: int, b: int, noise: str) -> None:
    answer = VALID[: min(a, b)] + noise + VALID[max(a, b) :]
    for mention in read(answer).mentions:
        assert mention.label in LABELS
        assert mention.text.strip()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda v: st.lists(v) | st.dictionaries(st.sampled_from(["text", "label", "sign", "x"]), v),
    )
)
def test_any_json_is_read_without_raising(value: object) -> None:
    assert read(json.dumps(value)).status in {"clean", "repaired", "failed"}


def test_an_object_of_the_schema_is_clean_and_its_items_have_places() -> None:
    answer = f'{{"entities": {VALID}}}'
    reading = read(answer)
    assert (reading.status, reading.problems) == ("clean", {})
    assert reading.mentions[0].source is not None
    place = reading.mentions[0].source
    assert answer[place.start : place.end] == '{"text": "tremor", "label": "sign"}'
    assert read('{"entities": []}').status == "clean"
    assert read('{"entities": 3}').status == "repaired"
