"""How many tokens an answer may have: enough for the gold answer in any script."""

from __future__ import annotations

import random

import pytest
from formats.constrained import Walker
from formats.invariants import FORMATS, TEXTS, asked_of, sample, whole

from nerharness.segment import segment
from nerharness.types import Entity, Example, Label, LabelSet

LABELS = LabelSet((Label("sign"), Label("symptom"), Label("rare disease")))
SCRIPTS = {
    "Greek": (
        "Ο ασθενής εμφάνισε τρόμο και έντονο πόνο στο στήθος με δύσπνοια.",
        ("τρόμο", "έντονο πόνο στο στήθος", "δύσπνοια"),
    ),
    "Russian": (
        "У пациента наблюдались тремор, сильная боль в груди и одышка.",
        ("тремор", "сильная боль в груди", "одышка"),
    ),
    "Chinese": ("患者出现震颤和严重胸痛并伴有呼吸困难。", ("震颤", "严重胸痛并伴有呼吸困难")),
    "Hindi": ("रोगी को कंपन और सीने में तेज दर्द था।", ("कंपन", "सीने में तेज दर्द")),
    "Thai": (
        "ผู้ป่วยมีอาการปวดท้องรุนแรงและคลื่นไส้อาเจียนมาสามวันแล้ว",
        ("ปวดท้องรุนแรงและคลื่นไส้อาเจียนมาสามวันแล้ว",),
    ),
    "Korean": (
        "환자는떨림과심한흉통그리고호흡곤란을보였다",
        ("환자는떨림과심한흉통그리고호흡곤란을보였다",),
    ),
    "Amharic": ("ሕመምተኛው በደረቱ ላይ ከባድ ሕመም ነበረው", ("በደረቱ ላይ ከባድ ሕመም",)),
    "Tamil": ("நோயாளிக்குக்கடுமையானமார்புவலிஇருந்தது", ("நோயாளிக்குக்கடுமையானமார்புவலிஇருந்தது",)),
    "emoji": ("😢" * 60 + " pain", ("pain",)),
    "digits": ("9" * 300, ("9" * 300,)),
    "bases": ("Deletion of " + "ACGTTGCAACG" * 9 + " in FMR1", ("ACGTTGCAACG" * 9,)),
    "laboratory": ("Na 139, K 4.1, Cl 101, HCO3 23, BUN 14, Cr 0.9, Glu 103", ("Cr 0.9",)),
    "address": ("https://www.example.org/r/5qovle/sinan_g%C3%BCm%C3%BC%C5%9F_goal pain", ("pain",)),
}


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("name", FORMATS)
def test_the_limit_has_room_for_the_gold_answer(name: str, script: str, walks: Walker) -> None:
    form, (text, surfaces) = FORMATS[name], SCRIPTS[script]
    places = [(text.index(surface), len(surface)) for surface in surfaces]
    entities = tuple(Entity.at("symptom", start, start + size) for start, size in places)
    example = Example(segment("d", text), entities)
    labels = LABELS.only("symptom") if form.one_label else LABELS
    answer = form.demonstrate(example, labels)
    assert form.limit(whole(example), labels) >= walks.count(answer)


@pytest.mark.parametrize("name", FORMATS)
def test_the_limit_has_room_for_any_entities(name: str, walks: Walker) -> None:
    draw = random.Random(0)
    form = FORMATS[name]
    for text in [text for text in TEXTS if any(map(str.isalpha, text))] * 20:
        example = sample(text, draw)
        labels = asked_of(form, draw)
        answer = form.demonstrate(example, labels)
        assert form.limit(whole(example), labels) >= walks.count(answer), answer


@pytest.mark.parametrize(("name", "most"), [("json", 116), ("bio", 136)])
def test_english_needs_no_more_than_its_tokens(name: str, most: int) -> None:
    text = "Wilson disease causes tremor, rigidity and pain in most patients."
    unit = whole(Example(segment("d", text), ()))
    assert FORMATS[name].limit(unit, LABELS) == most
