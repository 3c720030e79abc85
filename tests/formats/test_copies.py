"""`inline`, `brackets` and `markers`: copies of the text with marks, as models write them."""

import pytest

from nerharness.formats.brackets import brackets
from nerharness.formats.inline import inline_tags
from nerharness.formats.marked_copy import MarkedCopy
from nerharness.formats.markers import markers
from nerharness.segment import segment
from nerharness.templates import Templates
from nerharness.types import Entity, Example, Label, LabelSet, Reading, Span, Unit

LABELS = LabelSet((Label("rare disease", "a rare one"), Label("sign"), Label("UMLS:Pain")))
TEXT = "Wilson disease causes tremor and pain (n < 5), tremor."
DOCUMENT = segment("d", TEXT)
UNIT = Unit(DOCUMENT, Span(0, len(TEXT)))
FORMS = {"inline": inline_tags(), "brackets": brackets(), "markers": markers()}
REST = " (n < 5), tremor."

WILSON, TREMOR, PAIN = ("rare disease", 0, 14), ("sign", 22, 28), ("UMLS:Pain", 33, 37)
SECOND = ("sign", 47, 53)


def read(form: str, answer: str, unit: Unit = UNIT) -> Reading:
    labels = LABELS.only("sign") if form == "markers" else LABELS
    return FORMS[form].parse(answer, unit, labels)


def placed(reading: Reading) -> list[tuple[str, int, int] | tuple[str, str]]:
    return [
        (m.label, m.span.start, m.span.end) if m.span else (m.label, m.text)
        for m in reading.mentions
    ]


CASES = {
    "as asked": (
        "inline", f"<rare_disease>Wilson disease</rare_disease> causes <sign>tremor</sign> and "
        f"<UMLS_Pain>pain</UMLS_Pain>{REST}", [WILSON, TREMOR, PAIN], {},
    ),
    "no entity": ("inline", TEXT, [], {}),
    "tags as a model spells them": (
        "inline", f"<Rare Disease>Wilson disease</rare disease> causes < SIGN >tremor</ sign> and "
        f"<UMLS:Pain> pain </UMLS:Pain>{REST}", [WILSON, TREMOR, PAIN], {},
    ),
    "the second of two": (
        "inline", TEXT.replace(", tremor", ", <sign>tremor</sign>"), [SECOND], {},
    ),
    "nested": (
        "inline", f"<rare_disease>Wilson <sign>disease</sign></rare_disease>{TEXT[14:]}",
        [WILSON, ("sign", 7, 14)], {},
    ),
    "other white space": (
        "inline", TEXT.replace("tremor and", "<sign>tremor</sign>\r\n and"), [TREMOR], {},
    ),
    "fence": ("inline", f"```\n{TEXT}\n```", [], {"text_changed": 2}),
    "prose around": (
        "inline", "Sure! " + TEXT.replace(", tremor", ", <sign>tremor</sign>") + "\nDone.",
        [SECOND], {"text_changed": 2},
    ),
    "a wrapper": (
        "inline", f"<text>{TEXT.replace('tremor and', '<sign>tremor</sign> and')}</text>",
        [TREMOR], {"unknown_label": 1},
    ),
    "unclosed": (
        "inline", TEXT.replace("tremor and", "<sign>tremor and"), [], {"unclosed_tag": 1},
    ),
    "unclosed, then another": (
        "inline", f"Wilson disease causes <sign>tremor and <sign>pain</sign>{REST}",
        [("sign", 33, 37)], {"unclosed_tag": 1},
    ),
    "never opened": (
        "inline", TEXT.replace("tremor and", "tremor</sign> and"), [], {"stray_close": 1},
    ),
    "closed by another label": (
        "inline", TEXT.replace("tremor and", "<sign>tremor</rare_disease> and"), [],
        {"unclosed_tag": 1, "stray_close": 1},
    ),
    "crossing": (
        "inline", f"Wilson <rare_disease>disease <sign>causes</rare_disease> tremor</sign> and "
        f"pain{REST}", [("rare disease", 7, 21), ("sign", 15, 28)], {"crossing": 1},
    ),
    "empty": ("inline", TEXT + "<sign> </sign><sign/>", [], {"empty_tag": 2}),
    "unknown label": (
        "inline", TEXT.replace("tremor and", "<gene>tremor</gene> and"), [], {"unknown_label": 1},
    ),
    "cut in a mention": (
        "inline", "Wilson disease causes <sign>trem", [], {"unclosed_tag": 1, "cut": 1},
    ),
    "cut behind a mention": (
        "inline", "Wilson disease causes <sign>tremor</sign>", [TREMOR], {"cut": 1},
    ),
    "words changed": (
        "inline", "Wilson's disease caused <sign>tremors</sign> and pain.",
        [TREMOR], {"text_changed": 8},
    ),
    "only the mention": ("inline", "<sign>tremor</sign>", [TREMOR], {"text_changed": 9}),
    "made up": (
        "inline", f"{TEXT} <sign>xylophone</sign>", [("sign", "xylophone")],
        {"unaligned": 1, "text_changed": 1},
    ),
    "as asked, in brackets": (
        "brackets", f"[Wilson disease | rare_disease] causes [tremor | sign] and "
        f"[pain | UMLS_Pain]{REST}", [WILSON, TREMOR, PAIN], {},
    ),
    "nested in brackets": (
        "brackets", f"[Wilson [disease | sign] | rare_disease]{TEXT[14:]}",
        [WILSON, ("sign", 7, 14)], {},
    ),
    "brackets as a model spells them": (
        "brackets", TEXT.replace("tremor and", "[tremor|Sign ] and"), [TREMOR], {},
    ),
    "bracket never closed": (
        "brackets", TEXT.replace("tremor and", "[tremor and"), [], {"unclosed_tag": 1},
    ),
    "bracket never opened": (
        "brackets", TEXT.replace("tremor and", "tremor | sign] and"), [], {"stray_close": 1},
    ),
    "bracket with an unknown label": (
        "brackets", TEXT.replace("tremor and", "[tremor | gene] and"), [], {"unknown_label": 1},
    ),
    "brackets cut": (
        "brackets", "Wilson disease [cau", [], {"unclosed_tag": 1, "cut": 1},
    ),
    "as asked, with markers": (
        "markers", TEXT.replace("tremor", "@@tremor##"), [TREMOR, SECOND], {},
    ),
    "markers with spaces": (
        "markers", TEXT.replace("tremor and", "@@ tremor ## and"), [TREMOR], {},
    ),
    "marker never closed": (
        "markers", TEXT.replace("tremor and", "@@tremor and"), [], {"unclosed_tag": 1},
    ),
    "marker never opened": (
        "markers", TEXT.replace("tremor and", "tremor## and"), [], {"stray_close": 1},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_answers(name: str) -> None:
    form, answer, expected, problems = CASES[name]
    reading = read(form, answer)
    assert placed(reading) == expected
    assert reading.problems == problems
    assert reading.status == ("repaired" if problems else "clean")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("answer", ["", "I cannot help with that.", '[{"text": "tremor"}]'])
def test_what_is_no_copy_is_a_failure(form: str, answer: str) -> None:
    reading = read(form, answer)
    assert (reading.status, reading.mentions) == ("failed", ())
    assert reading.problems["no_copy"] == 1


def test_brackets_of_the_text_that_lost_their_escape_are_text() -> None:
    text = "uptake of [3H] by the liver [1]"
    unit = Unit(segment("d", text), Span(0, len(text)))
    reading = read("brackets", text.replace("liver", "[liver | sign]"), unit)
    assert placed(reading) == [("sign", 22, 27)]
    assert reading.status == "clean"


def test_each_mention_says_where_it_stands_in_the_answer() -> None:
    answer = f"Wilson disease causes <sign>tremor</sign> and pain{REST}"
    (mention,) = read("inline", answer).mentions
    assert mention.source is not None
    assert answer[mention.source.start : mention.source.end] == "<sign>tremor</sign>"
    assert mention.text == "tremor"


DEMONSTRATIONS = {
    "inline": "<rare_disease>muscle <sign>weakness</sign> and</rare_disease> <sign>wasting</sign>"
    " &lt;sign> [x] @@a##",
    "brackets": "[muscle [weakness | sign] and | rare_disease] [wasting | sign]"
    " <sign> &#91;x&#93; @@a##",
    "markers": "muscle @@weakness## and @@wasting## <sign> [x] &#64;&#64;a&#35;&#35;",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_demonstration_nests_where_it_can_and_escapes_what_looks_like_a_mark(form: str) -> None:
    text = "muscle weakness and wasting <sign> [x] @@a##"
    entities = (
        Entity.at("rare disease", 0, 19), Entity.at("sign", 7, 15),
        Entity.at("UMLS:Pain", 16, 27),  # crosses a longer one
        Entity("sign", (Span(20, 27), Span(36, 37))),  # cut to its first fragment
    )  # fmt: skip
    example = Example(segment("e", text), entities)
    labels = LABELS.only("sign") if form == "markers" else LABELS
    shown = FORMS[form].demonstrate(example, labels)
    assert shown == DEMONSTRATIONS[form]
    assert (
        FORMS[form].parse(shown, Unit(example.document, Span(0, len(text))), labels).problems == {}
    )


@pytest.mark.parametrize("form", FORMS)
def test_the_instruction_defines_the_labels(form: str) -> None:
    instruction = Templates().render(FORMS[form].template.name, labels=LABELS)
    name = "rare disease" if form == "markers" else "rare_disease"
    assert f"- {name}: a rare one\n- sign\n" in instruction


def test_only_markers_ask_for_one_label_at_a_time() -> None:
    assert [name for name, form in FORMS.items() if form.one_label] == ["markers"]


def test_a_mark_that_would_melt_into_the_text_is_not_made() -> None:
    text = "@user C#"
    form: MarkedCopy = FORMS["markers"]
    example = Example(segment("e", text), (Entity.at("sign", 1, 5), Entity.at("sign", 6, 7)))
    assert form.demonstrate(example, LABELS.only("sign")) == text
    whole = Example(segment("e", text), (Entity.at("sign", 0, 5), Entity.at("sign", 6, 8)))
    assert form.demonstrate(whole, LABELS.only("sign")) == "@@@user## @@C###"


def test_entities_inside_of_what_only_resembles_an_escape_keep_their_places() -> None:
    entity = Entity.at("sign", 1, 3)
    example = Example(segment("e", "&lt;gout> hurts"), (entity,))
    shown = FORMS["inline"].demonstrate(example, LABELS)
    assert shown == "&<sign>lt</sign>;gout> hurts"
    unit = Unit(example.document, Span(0, 15))
    assert placed(FORMS["inline"].parse(shown, unit, LABELS)) == [("sign", 1, 3)]
