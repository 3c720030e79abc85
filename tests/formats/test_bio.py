"""The `bio` format: token per line, aligned with the source by sequence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerharness.formats.bio import TokenPerLine
from nerharness.segment import segment
from nerharness.types import Document, Entity, Example, Label, LabelSet, Reading, Span, Unit

LABELS = LabelSet((Label("rare disease", "a rare one"), Label("sign"), Label("symptom")))
TEXT = "Wilson disease (WD) causes tremor, rigidity and pain: WD is rare."
DOCUMENT = segment("d", "Before. " + TEXT)
UNIT = Unit(DOCUMENT, Span(8, 8 + len(TEXT)))
FULL = [
    "Wilson : B-rare_disease", "disease : I-rare_disease", "( : O", "WD : B-rare_disease", ") : O",
    "causes : O", "tremor : B-sign", ", : O", "rigidity : B-sign", "and : O", "pain : B-symptom",
    ": : O", "WD : B-rare_disease", "is : O", "rare : O", ". : O",
]  # fmt: skip
ALL = [
    ("Wilson disease", "rare disease", 0), ("WD", "rare disease", 16), ("tremor", "sign", 27),
    ("rigidity", "sign", 35), ("pain", "symptom", 48), ("WD", "rare disease", 54),
]  # fmt: skip


def read(answer: str) -> Reading:
    return TokenPerLine().parse(answer, UNIT, LABELS)


def placed(reading: Reading) -> list[tuple[str, str, int | None]]:
    return [(m.text, m.label, m.span.start if m.span else None) for m in reading.mentions]


def test_a_perfect_answer_gives_every_entity_its_place() -> None:
    reading = read("\n".join(FULL))
    assert placed(reading) == ALL
    assert (reading.status, reading.problems) == ("clean", {})


@pytest.mark.parametrize(
    "answer",
    [
        "\n".join(f"[{line}]" for line in FULL),
        "\n\n".join(f"  {line}  " for line in FULL),
        "\n".join(line.replace(" : ", ":") for line in FULL),
        "```\n" + "\n".join(FULL) + "\n```",
        "\n".join(line.replace("B-", "b-").replace("_", " ") for line in FULL),
    ],
    ids=["brackets", "stray spaces", "no spaces", "fence", "tag spelling"],
)
def test_the_shape_of_a_line_is_tolerated(answer: str) -> None:
    assert placed(read(answer)) == ALL
    assert read(answer).status == "clean"


@pytest.mark.parametrize("dropped", range(len(FULL)))
def test_a_dropped_line_costs_no_other_entity_its_place(dropped: int) -> None:
    answer = "\n".join(FULL[:dropped] + FULL[dropped + 1 :])
    word = FULL[dropped].split(" : ")[0]
    hit = {("WD", 3): 16, ("WD", 12): 54}.get((word, dropped))
    kept = [e for e in ALL if word not in e[0].split() or (hit is not None and e[2] != hit)]
    got = placed(read(answer))
    assert [e for e in got if e in kept] == kept


@pytest.mark.parametrize("place", range(len(FULL) + 1))
def test_an_inserted_line_moves_nothing(place: int) -> None:
    answer = "\n".join([*FULL[:place], "zzzyx : O", *FULL[place:]])
    got = placed(read(answer))
    if place == 1:  # between "Wilson" and "disease": the entity is broken in two there
        assert got[2:] == ALL[1:]
    else:
        assert got == ALL


def test_a_merged_token_covers_all_it_stands_for() -> None:
    lines = ["Wilson disease : B-rare disease", *FULL[2:]]
    assert placed(read("\n".join(lines))) == ALL


def test_a_cut_answer_keeps_what_it_has() -> None:
    reading = read("\n".join(FULL[:8]) + "\nrigid")
    assert placed(reading) == ALL[:3]
    assert reading.problems == {"bad_line": 1, "missing_token": 8}


def test_endless_repeats_do_not_move_the_first_ones() -> None:
    assert placed(read("\n".join(FULL + FULL[-4:] * 50)))[:6] == ALL


def test_a_tagged_token_that_is_not_in_the_text_has_no_place() -> None:
    reading = read("\n".join([*FULL, "xylophone : B-sign"]))
    assert placed(reading)[-1] == ("xylophone", "sign", None)
    assert reading.problems == {"unaligned_token": 1}
    assert reading.status == "repaired"


@pytest.mark.parametrize(
    ("tag", "problems"),
    [("B-gene", {"unknown_label": 1}), ("X-sign", {"bad_tag": 1}), ("", {"bad_tag": 1})],
)
def test_bad_tags_are_counted_and_count_as_outside(tag: str, problems: dict[str, int]) -> None:
    lines = [*FULL]
    lines[5] = f"causes : {tag}"
    reading = read("\n".join(lines))
    assert placed(reading) == ALL
    assert reading.problems == problems


def test_a_label_without_prefix_is_taken_and_counted() -> None:
    lines = [*FULL]
    lines[6] = "tremor : sign"
    reading = read("\n".join(lines))
    assert placed(reading) == ALL
    assert reading.problems == {"bare_label": 1}


@pytest.mark.parametrize(("last", "single"), [("E", "S"), ("L", "U")], ids=["BIOES", "BILOU"])
def test_other_schemes_are_read(last: str, single: str) -> None:
    lines = [
        line.replace(" : B-", f" : {single}-").replace(" : I-", f" : {last}-") for line in FULL
    ]
    lines[0] = FULL[0]
    assert placed(read("\n".join(lines))) == ALL


def test_lines_that_the_model_left_out_are_counted_and_not_bridged() -> None:
    reading = read("\n".join([FULL[0], FULL[1], "causes : I-sign", "pain : I-sign"]))
    assert placed(reading) == [
        ("Wilson disease", "rare disease", 0),
        ("causes", "sign", 20),
        ("pain", "sign", 48),
    ]
    assert reading.problems == {"missing_token": len(FULL) - 4}
    assert reading.status == "repaired"


def test_left_out_punctuation_inside_an_entity_is_bridged() -> None:
    unit = Unit(segment("h", "A T - cell leukaemia."), Span(0, 21))
    answer = "A : O\nT : B-sign\ncell : I-sign\nleukaemia : I-sign\n. : O"
    (mention,) = TokenPerLine().parse(answer, unit, LABELS).mentions
    assert (mention.text, mention.span) == ("T cell leukaemia", Span(2, 20))


def test_a_token_that_looks_like_a_fence_is_a_token() -> None:
    text = "Write ``` or ```sh here."
    ticks = [Span(0, 5), Span(6, 9), Span(10, 12), Span(13, 18), Span(19, 24)]
    document = Document("d", text, tuple(ticks), (Span(0, len(text)),))
    answer = "```text\nWrite : O\n``` : B-sign\nor : O\n```sh : B-sign\nhere. : O\n```"
    reading = TokenPerLine().parse(answer, Unit(document, Span(0, len(text))), LABELS)
    assert placed(reading) == [("```", "sign", 6), ("```sh", "sign", 13)]
    assert (reading.status, reading.problems) == ("clean", {})


def test_a_label_with_a_colon_survives() -> None:
    labels = LabelSet((Label("UMLS:Disease"),))
    example = Example(segment("e", "Gout hurts."), (Entity.at("UMLS:Disease", 0, 4),))
    unit = Unit(example.document, Span(0, 11))
    reading = TokenPerLine().parse(TokenPerLine().demonstrate(example, labels), unit, labels)
    assert [mention.label for mention in reading.mentions] == ["UMLS:Disease"]


@pytest.mark.parametrize(
    "answer",
    [
        "I am sorry\nI cannot",
        "Note: this text has none.",
        '[{"text": "tremor", "label": "sign"}]',
        '{"text": "tremor", "label": "sign"}',
    ],
)
def test_what_has_no_tag_is_a_failure(answer: str) -> None:
    reading = read(answer)
    assert (reading.status, reading.problems) == ("failed", {"no_lines": 1})


def test_the_demonstration_reads_back_as_the_flattened_entities() -> None:
    text = "Duchenne muscular dystrophy: muscle weakness and wasting."
    example = Example(
        segment("e", text),
        (
            Entity.at("rare disease", 0, 27), Entity.at("sign", 9, 27),
            Entity("symptom", (Span(29, 35), Span(49, 56))),
        ),
    )  # fmt: skip
    shown = TokenPerLine().demonstrate(example, LABELS)
    unit = Unit(example.document, Span(0, len(text)))
    reading = TokenPerLine().parse(shown, unit, LABELS)
    assert placed(reading) == [
        ("Duchenne muscular dystrophy", "rare disease", 0), ("muscle", "symptom", 29),
    ]  # fmt: skip
    assert shown.startswith("Duchenne : B-rare_disease\nmuscular : I-rare_disease\n")


@settings(max_examples=500)
@given(
    st.lists(
        st.sampled_from([*FULL, "x", "]:[", " : ", "[a : B-]", "a : B-sign : I-sign"]), max_size=30
    ),
    st.text(max_size=20),
)
def test_mutated_answers_never_raise_and_stay_inside_the_unit(lines: list[str], noise: str) -> None:
    for mention in read("\n".join([*lines, noise])).mentions:
        assert mention.label in LABELS
        assert mention.span is None or mention.span.end <= len(TEXT)
