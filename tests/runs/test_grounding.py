"""Mentions take their places in the document."""

from nerharness.align import Aligner
from nerharness.runs.grounding import Grounding, ground
from nerharness.segment import segment
from nerharness.types import Entity, Mention, Span, Unit

TEXT = "Skip. Lupus (SLE) is rare; Lupus nephritis, fatigue and a rash occur in SLE."
UNIT = Unit(segment("d", TEXT), Span(6, len(TEXT)))


def grounded(*mentions: Mention) -> Grounding:
    return ground(UNIT, mentions, Aligner())


def places(found: Grounding) -> list[tuple[str, str, int]]:
    return [(e.label, e.surface(TEXT), e.span.start) for e in found.entities]


def test_offsets_are_those_of_the_document_and_repeats_go_on() -> None:
    found = grounded(Mention("Lupus", "d"), Mention("SLE", "d"), Mention("SLE", "d"))
    assert places(found) == [("d", "Lupus", 6), ("d", "SLE", 13), ("d", "SLE", 72)]
    assert found.tiers == {"exact": 3}


def test_the_order_of_the_mentions_says_which_occurrence_is_meant() -> None:
    found = grounded(Mention("SLE", "d"), Mention("Lupus", "d"), Mention("SLE", "d"))
    assert places(found) == [("d", "SLE", 13), ("d", "Lupus", 27), ("d", "SLE", 72)]


def test_tiers_are_counted_and_the_invented_is_kept_apart() -> None:
    found = grounded(
        Mention("lupus-nephritis", "d"), Mention("fatigues", "s"), Mention("gout", "d")
    )
    assert places(found) == [("d", "Lupus nephritis", 27), ("s", "fatigue", 44)]
    assert found.tiers == {"folded": 1, "fuzzy": 1}
    assert found.ungrounded == [Mention("gout", "d")]


def test_repeats_without_end_are_dropped_and_counted_not_invented() -> None:
    found = grounded(*[Mention("rash", "s")] * 40)
    assert places(found) == [("s", "rash", 58)]
    assert (found.repeats, found.ungrounded) == (39, [])


def test_one_place_may_have_two_labels() -> None:
    found = grounded(Mention("rash", "sign"), Mention("rash", "symptom"))
    assert places(found) == [("sign", "rash", 58), ("symptom", "rash", 58)]


def test_a_mention_with_a_span_of_its_own_stays_there() -> None:
    found = grounded(Mention("SLE", "d", Span(66, 69)), Mention("Lupos", "d", Span(0, 5)))
    assert found.entities == [Entity.at("d", 72, 75), Entity.at("d", 6, 11)]
    assert found.tiers == {"exact": 1, "fuzzy": 1}
