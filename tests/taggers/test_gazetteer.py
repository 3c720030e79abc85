"""The dictionary baseline: what it learns, what it marks, and how it is tuned."""

from __future__ import annotations

import pytest

from nerharness.corpora.sample import Sample
from nerharness.corpora.sources import read_corpus
from nerharness.errors import UsageError
from nerharness.plugin.host import Host
from nerharness.scoring.pair import Pair
from nerharness.scoring.protocols import score_pairs
from nerharness.segment import segment
from nerharness.taggers.gazetteer import Gazetteer, tuned_share
from nerharness.types import Entity, Example, Span


def example(text: str, *found: tuple[str, str]) -> Example:
    entities = (Entity.at(label, text.index(s), text.index(s) + len(s)) for s, label in found)
    return Example(segment(text, text), tuple(entities))


def marked(gazetteer: Gazetteer, text: str) -> list[tuple[str, str]]:
    (entities,) = gazetteer.tag([segment("x", text)])
    return [(entity.surface(text), entity.label) for entity in entities]


TRAIN = [
    example("Small cell cancer hurts.", ("Small cell cancer", "disease")),
    example("Cancer and a fever.", ("Cancer", "disease"), ("fever", "sign")),
    example("WAS is rare, and fever was there.", ("WAS", "disease")),
    example("The fever of fever, and more fever.", ("fever", "disease")),
]


@pytest.mark.parametrize(
    ("least_share", "text", "expected"),
    [
        (0.0, "SMALL-CELL  cancer", [("SMALL-CELL  cancer", "disease")]),
        (0.0, "small cell, cancers, cancer", [("cancer", "disease")]),
        (0.0, "it was WAS", [("WAS", "disease")]),
        (0.0, "high fever", [("fever", "disease")]),
        (0.4, "high fever", [("fever", "disease")]),
        (0.41, "high fever, cancer", [("cancer", "disease")]),
        (1.0, "fever of cancer", [("cancer", "disease")]),
    ],
)
def test_names_that_reach_the_least_share_are_marked(
    least_share: float, text: str, expected: list[tuple[str, str]]
) -> None:
    assert marked(Gazetteer(TRAIN, least_share=least_share), text) == expected


def test_a_name_is_counted_where_no_longer_one_covers_it() -> None:
    train = [
        example("Lung cancer, lung cancer, cancer.", ("Lung cancer", "d")),
        example("A cancer.", ("cancer", "d")),
    ]
    gazetteer = Gazetteer(train, least_share=0.5)
    assert marked(gazetteer, "cancer, and lung cancer") == [("cancer", "d"), ("lung cancer", "d")]


def test_a_name_that_only_stands_inside_others_is_counted_there() -> None:
    text = "Fanconi anemia"
    entities = (Entity.at("d", 0, 14), Entity.at("s", 8, 14))
    gazetteer = Gazetteer([Example(segment("a", text), entities)], least_share=1.0)
    assert marked(gazetteer, "Fanconi anemia, anemia") == [("Fanconi anemia", "d"), ("anemia", "s")]


def test_a_name_shut_out_makes_room_for_a_shorter_one() -> None:
    train = [
        example("Cancer.", ("Cancer", "d")),
        example("Cancer risk, cancer risk, cancer risk.", ("Cancer risk", "x")),
    ]
    assert marked(Gazetteer(train, least_share=0.0), "cancer risk") == [("cancer risk", "x")]
    assert marked(Gazetteer(train, least_share=0.5), "cancer risk") == [("cancer", "d")]


def test_discontinuous_mentions_are_not_learned() -> None:
    entity = Entity("d", (Span(0, 6), Span(11, 17)))
    gazetteer = Gazetteer([Example(segment("a", "breast and cancer"), (entity,))], least_share=0.0)
    assert marked(gazetteer, "breast cancer, breast and cancer") == []


def test_tuning_shuts_out_what_is_annotated_by_chance() -> None:
    noise = [example(f"A sign {n}.") for n in range(30)]
    train = [example("A sign of gout.", ("sign", "x"), ("gout", "d")) for _ in range(6)]
    examples = [one for pair in zip(noise, [*train, *noise[6:]], strict=False) for one in pair]
    share = tuned_share(examples)
    assert 1 / 6 < share <= 1
    assert marked(Gazetteer(examples, least_share=None), "A sign of gout.") == [("gout", "d")]
    assert tuned_share(train[:1]) == 0.5


def test_tuned_it_beats_marking_all_names_on_texts_it_has_not_seen() -> None:
    """Noise is planted: every fifth "the" of train is annotated."""
    corpus = read_corpus(Sample(), None, None)
    train = [
        Example(e.document, (*e.entities, *_planted(e.document.text)) if n % 5 == 0 else e.entities)
        for n, e in enumerate(corpus.splits["train"])
    ]
    documents = [e.document for e in corpus.splits["test"]]

    def f1(least_share: float | None) -> float:
        found = Gazetteer(train, least_share=least_share).tag(documents)
        pairs = [
            Pair(example.entities, tuple(entities))
            for example, entities in zip(corpus.splits["test"], found, strict=True)
        ]
        return score_pairs(pairs)["strict"].micro.f1

    assert f1(None) > f1(0.0) + 0.05
    assert f1(None) > 0.65


def _planted(text: str) -> tuple[Entity, ...]:
    at = text.find(" the ")
    return (Entity.at("sign", at + 1, at + 4),) if at >= 0 else ()


def test_it_is_a_plugin_with_an_option(host: Host) -> None:
    made = host.make("taggers", "gazetteer", TRAIN, options={"least_share": "0.25"})
    assert made.least_share == 0.25
    with pytest.raises(UsageError, match="--least-share: must be from 0 to 1"):
        host.make("taggers", "gazetteer", TRAIN, options={"least_share": 1.1})
    with pytest.raises(UsageError, match="learns from a train split"):
        host.make("taggers", "gazetteer", [])
