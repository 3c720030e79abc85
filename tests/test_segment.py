"""The default tokenizer and sentence splitter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerharness.segment import split_sentences, tokenize


def words(text: str) -> list[str]:
    return [text[span.start : span.end] for span in tokenize(text)]


def sentences(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A-T (ataxia).", ["A", "-", "T", "(", "ataxia", ")", "."]),
        ("Sjögren's 2.5 µg", ["Sjögren", "'", "s", "2", ".", "5", "µg"]),
        ("Sjo\u0308gren", ["Sjo\u0308gren"]),
        ("\u0308x", ["\u0308x"]),
        ("naïve\u00a0café", ["naïve", "café"]),
        ("", []),
        (" \n\t", []),
        ("😀😀a", ["😀", "😀", "a"]),
        ("糖尿病", ["糖尿病"]),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two? Three!", ["One.", "Two?", "Three!"]),
        ("A dose of 2.5 mg. It helps.", ["A dose of 2.5 mg.", "It helps."]),
        ("See e.g. this one.", ["See e.g. this one."]),
        ('He said "no." Then left.', ['He said "no."', "Then left."]),
        ("First line\nsame sentence", ["First line\nsame sentence"]),
        ("Title\n\nBody text", ["Title", "Body text"]),
        ("  Edges.  \n", ["Edges."]),
        ("", []),
        ("(One.) (Two.)", ["(One.)", "(Two.)"]),
        ("Ends. Ångström.", ["Ends.", "Ångström."]),
        ("1. Aims. In stage 2. The patient", ["1. Aims.", "In stage 2.", "The patient"]),
        ("State of the art. The Vmax. Keep in mind. No", [
            "State of the art.", "The Vmax.", "Keep in mind.", "No"]),
        ("10 M. The 8 Fr. Foley.", ["10 M.", "The 8 Fr.", "Foley."]),
        ("Seen by Dr.\n\nMiller", ["Seen by Dr.", "Miller"]),
        ("(See Dr.) Miller", ["(See Dr.)", "Miller"]),
    ],
)  # fmt: skip
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "am 12. März 2021",
        "3. Mai",
        "vom 03. 05. 2021 bis 4. 6. 2021",
        "Im 1. Obergeschoss",
        "1. Obergeschoss",
        "Station 4, 1. Obergeschoss",
        "am 2. Tag",
        "der 12. SSW",
        "Dr. Müller",
        "Herr Prof. Dr. Schmidt",
        "PD Dr. med. habil. A. Weiß",
        "Dr. h. c. Weiß",
        "Hr. Weiß und Fr. Weiß",
        "Frau A. Weiß",
        "Univ.-Klinik St. Josef",
        "Lindenstr. 12, Tel. 0123",
        "Pat. Weiß, geb. 12.03.1960",
        "z.B. ASS, z. B. Metformin, bzw. Aspirin",
        "Z. B. ASS",
        "ca. 3 Wochen",
        "V.a. Pneumonie, Z.n. Apoplex, Z. n. Infarkt, St.p. Sectio",
        "Lunge o.B. Herz o. B. Abdomen",
        "i.v. Antibiose, i. v. Gabe",
        "art. Hypertonie bei M. Crohn",
        "Dra. López y el Sr. Gil, Sra. Gil, Hosp. Sta. María",
        "aprox. 5 mg, p. ej. Paracetamol",
        "Mme. Petit, M. Petit et le Pr. Petit, env. 5 mg, p. ex. Doliprane",
        "Mr. J. R. Miller and Ms. Miller, St. Anthony's fire, Mt. Sinai",
        "12 vs. 7 and drug A vs. B, approx. 5 mg",
        "p.o. daily, i. v. (20 mg), i.m. 5 mg, p.o. Therapy",
    ],
)
def test_titles_abbreviations_and_ordinals_end_no_sentence(text: str) -> None:
    assert sentences(f"{text}. Next") == [f"{text}.", "Next"]


@pytest.mark.parametrize("route", ["p.o.", "i.v.", "i. v.", "i.m.", "s.c."])
@pytest.mark.parametrize("opener", ["The patient", "Although rare", "In two"])
def test_a_way_to_give_a_drug_ends_a_sentence_before_a_word_that_begins_one(
    route: str, opener: str
) -> None:
    assert sentences(f"It was given {route} {opener}") == [f"It was given {route}", opener]


@pytest.mark.parametrize("times", ["b.i.d.", "t.i.d.", "q.d."])
def test_how_often_a_drug_is_given_ends_a_sentence_before_a_capital(times: str) -> None:
    assert sentences(f"Aspirin {times} Morning doses") == [f"Aspirin {times}", "Morning doses"]
    assert len(sentences(f"Aspirin {times} with food")) == 1


@given(st.text())
def test_tokens_cover_all_visible_characters_in_order(text: str) -> None:
    spans = tokenize(text)
    assert "".join(text.split()) == "".join(text[s.start : s.end] for s in spans)
    assert all(a.end <= b.start for a, b in zip(spans, spans[1:], strict=False))


@given(st.text(alphabet=st.sampled_from("aB.?! \n\"')1é")))
def test_sentences_cover_all_visible_characters_without_edges(text: str) -> None:
    spans = split_sentences(text)
    parts = [text[s.start : s.end] for s in spans]
    assert "".join(text.split()) == "".join("".join(part.split()) for part in parts)
    assert all(part == part.strip() for part in parts)
