"""The `lines` format: what models write when asked for one mention per line."""

import pytest

from nerharness.formats.lines import LabelledLines
from nerharness.segment import segment
from nerharness.types import Entity, Example, Label, LabelSet, Reading, Span, Unit

LABELS = LabelSet((Label("rare disease", "a rare one"), Label("sign", "seen"), Label("UMLS:Pain")))
TEXT = "Wilson disease causes tremor\nand pain."
DOCUMENT = segment("d", TEXT)
UNIT = Unit(DOCUMENT, Span(0, len(TEXT)))


def read(answer: str) -> Reading:
    return LabelledLines().parse(answer, UNIT, LABELS)


def pairs(reading: Reading) -> list[tuple[str, str]]:
    return [(mention.text, mention.label) for mention in reading.mentions]


WILSON, TREMOR, PAIN = ("Wilson disease", "rare disease"), ("tremor", "sign"), ("pain", "UMLS:Pain")
CASES = {
    "as asked": ("rare_disease: Wilson disease\nsign: tremor", [WILSON, TREMOR], "clean", {}),
    "none": ("none", [], "clean", {}),
    "none, as a sentence": ("None.", [], "clean", {}),
    "CRLF and blank lines": (
        "\r\nrare disease: Wilson disease\r\n\r\nsign: tremor\r\n", [WILSON, TREMOR], "clean", {},
    ),
    "fence": ("```text\nsign: tremor\n```", [TREMOR], "clean", {}),
    "bullets": (
        "- rare disease: Wilson disease\n* sign: tremor\n3. UMLS_Pain: pain",
        [WILSON, TREMOR, PAIN], "clean", {},
    ),
    "bold labels": (
        "**Sign**: tremor\n* **Rare disease:** Wilson disease", [TREMOR, WILSON], "clean", {},
    ),
    "label with a colon of its own": ("UMLS:Pain: pain", [PAIN], "clean", {}),
    "no space behind the colon": ("sign:tremor", [TREMOR], "clean", {}),
    "mention with a colon": ("sign: tremor: pain", [("tremor: pain", "sign")], "clean", {}),
    "prose around": (
        "Here are the entities:\nsign: tremor\nHope this helps!", [TREMOR], "repaired",
        {"bad_line": 2},
    ),
    "unknown label": (
        "gene: ATP7B\nsign: tremor", [TREMOR], "repaired", {"unknown_label": 1},
    ),
    "nothing behind a label": (
        "rare disease:\nsign: tremor", [TREMOR], "repaired", {"empty_mention": 1},
    ),
    "none behind a label": (
        "rare disease: none\nsign: tremor", [TREMOR], "repaired", {"empty_mention": 1},
    ),
    "none beside mentions": ("none\nsign: tremor", [TREMOR], "repaired", {"bad_line": 1}),
    "cut in a label": ("sign: tremor\nrare_d", [TREMOR], "repaired", {"cut": 1}),
    "cut behind a label": ("sign: tremor\nsign:", [TREMOR], "repaired", {"cut": 1}),
    "only unknown labels": ("gene: ATP7B", [], "failed", {"unknown_label": 1, "no_lines": 1}),
    "prose only": ("I cannot help.", [], "failed", {"bad_line": 1, "no_lines": 1}),
    "no answer": ("", [], "failed", {"no_lines": 1}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_answers(name: str) -> None:
    answer, expected, status, problems = CASES[name]
    reading = read(answer)
    assert pairs(reading) == expected
    assert (reading.status, reading.problems) == (status, problems)


def test_the_demonstration_has_white_space_as_single_spaces() -> None:
    entities = (Entity("sign", (Span(15, 21), Span(33, 37))), Entity.at("UMLS:Pain", 22, 37))
    shown = LabelledLines().demonstrate(Example(DOCUMENT, entities), LABELS)
    assert shown == "sign: causes pain\nUMLS_Pain: tremor and pain"
    assert LabelledLines().demonstrate(Example(DOCUMENT, ()), LABELS) == "none"


def test_each_mention_says_where_it_stands_in_the_answer() -> None:
    answer = "Well:\r\n- sign:  tremor \r\nUMLS_Pain: pain"
    sources = [mention.source for mention in read(answer).mentions]
    assert [answer[place.start : place.end] for place in sources if place] == ["tremor", "pain"]


def test_none_is_a_mention_where_the_text_has_the_word() -> None:
    text = "None of these."
    reading = LabelledLines().parse("sign: None", Unit(segment("n", text), Span(0, 14)), LABELS)
    assert pairs(reading) == [("None", "sign")]


def test_white_space_is_that_of_a_place_where_the_mention_is_found() -> None:
    text = "Type a  1.5, then of type a\n1."
    unit = Unit(segment("w", text), Span(0, len(text)))
    assert pairs(LabelledLines().parse("sign: a 1", unit, LABELS)) == [("a\n1", "sign")]
