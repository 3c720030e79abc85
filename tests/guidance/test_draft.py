"""Drafts of guidelines: each convention on a corpus made for it, and the sample corpus's draft."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nerharness.guidance.draft import write_draft
from nerharness.plugin.host import Host
from nerharness.runs.corpus import load_corpus
from nerharness.segment import segment
from nerharness.types import Entity, Example, Label, LabelSet, Span

LABELS = LabelSet((Label("disease", "an illness"), Label("sign")))


def example(marked: str, label: str = "disease") -> Example:
    """Read "the [gout] came"; brackets in brackets nest, and a label may stand as [sign:fever]."""
    text, entities, open_at = "", [], []
    for part in re.split(r"(\[(?:\w+:)?|\])", marked):
        if part.startswith("["):
            open_at.append((len(text), part[1:-1] or label))
        elif part == "]":
            start, name = open_at.pop()
            entities.append(Entity.at(name, start, len(text)))
        else:
            text += part
    return Example(segment(text, text), tuple(entities))


def draft(*marked: str, labels: LabelSet = LABELS, shown: int = 2) -> str:
    return write_draft([example(one) for one in marked], labels, source="here", shown=shown)


def line(text: str, begin: str) -> str:
    (found,) = [one for one in text.splitlines() if one.startswith(f"- {begin}")]
    return found


def test_labels_are_described_with_counts_and_examples() -> None:
    text = draft("He has [gout].", "Her [gout] and [sign:a high fever] came.", "No [type 1 gout].")
    assert line(text, "disease") == (
        "- disease: an illness. 3 mentions of 1 to 3 words (median 1). "
        "Most frequent: gout (2), type 1 gout (1)."
    )
    assert "  - He has **gout**.\n  - No **type 1 gout**.\n" in text
    assert line(text, "sign") == ("- sign. 1 mention of 3 words. Most frequent: a high fever (1).")


def test_a_label_that_never_occurs_is_named() -> None:
    assert line(draft("[gout]"), "sign") == "- sign. Never annotated here."


def test_the_header_says_what_it_is_made_of_and_that_it_quotes() -> None:
    text = draft("[gout]", "[gout] [gout]")
    assert text.startswith(
        "# Annotation guidelines (here)\n\nA draft, counted in 2 documents with 3 "
    )
    assert "quotes the corpus" in text


NAMES = ("gout", "lupus", "cancer", "asthma", "measles")

CONVENTIONS = {
    "Articles": ("The [{}] came.", "[The {}] came.", "left out", "part of it"),
    "Words of degree": ("A [severe {}] came.", "A severe [{}] came.", "part of it", "left out"),
    "Words of course": ("A [chronic {}] came.", "A chronic [{}] came.", "part of it", "left out"),
    "Words of origin": ("A [familial {}] came.", "A familial [{}]!", "part of it", "left out"),
    "Words of side": ("A left [{}] came.", "A [left {}] came.", "left out", "part of it"),
    "Nouns of kind": ("Of [{} disease] here", "Of [{}] disease", "part of it", "left out"),
    "Nouns of people": ("Of [{}] patients", "Of [{} patients]", "left out", "part of it"),
    "Nouns of event": ("Some [{}] attacks", "Of [{} attacks]", "left out", "part of it"),
    "Punctuation": ("Of [{}], and", "Of [{},] and", "left out", "part of it"),
}


@pytest.mark.parametrize("begin", CONVENTIONS)
def test_what_is_at_the_edges_is_stated_with_both_sides(begin: str) -> None:
    usual, other, says, otherwise = CONVENTIONS[begin]
    cases = [usual.format(name) for name in NAMES]
    found = line(draft(*cases), begin)
    assert f"{says} (5 of 5): “" in found
    assert "Otherwise" not in found
    assert "gout" in found and "lupus" in found and "cancer" not in found
    found = line(draft(*cases, other.format("gout")), begin)
    assert f"{says} (5 of 6)" in found
    assert re.search(rf"Otherwise \w+ {otherwise} \(1\): “", found)


@pytest.mark.parametrize("begin", CONVENTIONS)
def test_what_is_not_clear_is_not_stated(begin: str) -> None:
    usual, other, *_ = CONVENTIONS[begin]
    cases = [usual.format(name) for name in NAMES]
    against = [other.format(name) for name in NAMES[:2]]
    assert f"- {begin}" not in draft(*cases, *against)
    assert f"- {begin}" not in draft(*[usual.format(name) for name in NAMES[:4]])


def test_examples_say_how_many_are_quoted() -> None:
    cases = [f"The [{name}] came." for name in NAMES]
    assert draft(*cases, shown=0).count("“") == 0
    one = draft(*cases, shown=1)
    assert one.count("  - ") == 1
    assert line(one, "Articles").count("“") == 1
    assert draft(*cases, shown=4).count("  - ") == 4


SHAPES = {
    "Abbreviations": {
        "are mentions of their own": "Of [colon cancer] ([CC]) here",
        "are part of that mention": "Of [colon cancer (CC)] here",
        "are not annotated": "Of [colon cancer] (CC) here",
    },
    "Plurals": {
        "are mentions too": "One [{0}], two [{0}s].",
        "are not annotated": "One [{0}], two {0}s.",
    },
    "Mentions joined": {
        "are one mention": "Of [breast and ovarian cancer] now",
        "are cut at the conjunction": "Of [breast] and [ovarian cancer] now",
    },
    "Mentions of several words": {
        "hold no other mention": "Of [colon cancer] now",
        "hold another mention": "Of [[colon] cancer] now",
    },
}


@pytest.mark.parametrize(("begin", "says"), [(b, s) for b, ways in SHAPES.items() for s in ways])
def test_how_mentions_are_cut_is_stated(begin: str, says: str) -> None:
    words = ("tumor", "fever", "rash", "cough", "ulcer")
    usual = [SHAPES[begin][says].format(word) for word in words]
    assert f"{says}" in (found := line(draft(*usual), begin))
    assert "(5 of 5): “" in found
    for otherwise in SHAPES[begin].keys() - {says}:
        mixed = line(draft(*usual, SHAPES[begin][otherwise].format("sore")), begin)
        assert f"{says}" in mixed.split("Otherwise")[0]
        assert f"{otherwise}" in mixed.split("Otherwise")[1]
        assert f"- {begin}" not in draft(
            *usual, *[SHAPES[begin][otherwise].format(word) for word in ("sore", "ache")]
        )


def test_shared_words_of_mentions_with_a_gap_are_seen() -> None:
    text = "Of breast and ovarian cancer now"
    gap = Entity("disease", (Span(3, 9), Span(22, 28)))
    whole = Entity.at("disease", 14, 28)
    found = write_draft([Example(segment("d", text), (gap, whole))] * 5, LABELS, source="here")
    joined = line(found, "Mentions joined")
    assert "mentions with a gap, each with the shared word (5 of 5)" in joined
    assert "“Of **breast** and ovarian **cancer** now”" in joined
    assert "hold another" not in found, "a gap holds nothing"


def test_mentions_that_share_nothing_are_not_said_to() -> None:
    cases = [
        "A [fever] and [dry cough].",
        "Her [fever]!",
        "A [rash] or [sore throat].",
        "A [rash].",
    ]
    assert "Mentions joined" not in draft(*cases * 5)


def test_surfaces_with_several_labels_are_named_with_their_shares() -> None:
    text = draft("[Anemia] came.", "[sign:anemia]", "[sign:anemia]", "[sign:anemia]", "[gout]")
    assert line(text, "“Anemia”") == "- “Anemia” has more than one label: sign 75%, disease 25%."
    assert "“gout”" not in text.partition("## Confusions")[2]


def test_surfaces_that_are_annotated_only_sometimes_are_named() -> None:
    text = draft("[Gout] came.", "No gout.", "A gout.", "[Severe gout], of [TEN] kinds, ten.")
    assert line(text, "“Gout”") == "- “Gout” is annotated 1 of 3 times."
    assert "TEN” is" not in text, "another word than ten"


def test_quotes_are_on_one_line_and_within_their_sentence() -> None:
    text = draft("Before it.\n\nThen\n# [gout]\ncame on.\n\nAfter it.")
    assert "\n  - Then # **gout** came on.\n" in text


def test_the_order_of_the_documents_decides_nothing_but_which_is_quoted() -> None:
    cases = ["The [gout].", "A [lupus] came, [sign:fever].", "No [sign:fever]", "[gout]"]
    assert draft(*cases) == draft(*cases)
    lines = [
        [one.partition("“")[0] for one in draft(*order).splitlines() if "  - " not in one]
        for order in (cases, cases[::-1])
    ]
    assert lines[0] == lines[1]


def test_a_draft_fits_in_a_prompt_however_many_labels_there_are() -> None:
    labels = LabelSet(tuple(Label(f"label{n}", "it is so") for n in range(200)))
    letters = "abcdefghij"
    cases = [
        f"The [label{n}:{letters[n % 10] * 3} {letters[n // 10 % 10] * 4}] ([label{n}:AB]) came, "
        f"no [label{n // 2}:fever]."
        for n in range(200)
    ]
    text = draft(*cases, labels=labels)
    assert len(text.splitlines()) <= 60
    assert "- Rarer labels: " in text
    for name in labels.names:
        assert re.search(rf"\b{name}\b", text)


@pytest.mark.parametrize("marked", ["", " ", "No entity here.", "(", "[x]", "[ ] [.]"])
def test_odd_documents_do_no_harm(marked: str) -> None:
    assert draft(marked).startswith("# ")


def test_the_draft_of_the_sample_corpus(host: Host, golden: object) -> None:
    corpus = load_corpus(host, "sample", None)
    text = write_draft(
        corpus.splits["train"], corpus.labels, source="split 'train' of corpus 'sample'"
    )
    golden(Path(__file__).parent / "golden/sample.md", text)  # type: ignore[operator]
