"""Planted copies of a unit, of its document and of its sentences never reach its prompt."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest

from nerharness.corpora.sample import Sample
from nerharness.corpora.sources import read_corpus
from nerharness.formats.json_list import JsonList
from nerharness.plugin import Hit, Indexed, Task
from nerharness.runs.units import unit_examples, units
from nerharness.segment import segment, split_sentences, tokenize
from nerharness.strategies.rag import Rag
from nerharness.types import Entity, Example, Label, LabelSet, Passage, Span, Unit

LABELS = LabelSet((Label("disease"), Label("sign")))
SAMPLE = read_corpus(Sample(), None, None)


class InOrder:
    """Ranks items in the order they were given, whatever the query."""

    def __init__(self, items: Sequence[Indexed]) -> None:
        self.size = len(items)

    def search(self, queries: Sequence[str], k: int, /) -> Sequence[Sequence[Hit]]:
        return [[Hit(index, 1.0) for index in range(min(k, self.size))] for _ in queries]


def example(id: str, text: str, *entities: Entity) -> Example:
    return Example(segment(id, text), entities)


def unit(text: str, id: str = "own") -> Unit:
    return Unit(segment(id, text), Span(0, len(text)))


TRAIN = (
    example("a", "Fever came.", Entity.at("sign", 0, 5)),
    example("b", "Gout hurts.", Entity.at("disease", 0, 4)),
)


def task(*examples: Example, passages: Sequence[Passage] = ()) -> Task:
    originals = {e.document.id: e.document for e in examples}
    return Task(
        LABELS,
        JsonList(),
        examples=examples,
        originals=list(originals.values()),
        passages=passages,
        index=InOrder,
    )


@pytest.mark.parametrize(
    "planted",
    [
        example("other", "Resting tremor of both hands."),
        example("other", "RESTING TREMOR  of both hands"),
        example("other", "Resting tre\u00admor of both hands!"),
        example("other", "In short: resting tremor of both hands. Also more."),
        example("other", "Resting tremor of both hand"),
        example("other", "Resting tremor of two hands."),
        example("other", "Restless tremor of both hands."),
        example("other", "Resting tremor of bothe hands."),
        example("own", "Quite another sentence."),
    ],
    ids=[
        "same",
        "case_and_spaces",
        "soft_hyphen",
        "holds_it",
        "lies_in_it",
        "a_word",
        "another_word",
        "typo",
        "own",
    ],
)
def test_the_unit_itself_never_reaches_its_own_prompt(planted: Example) -> None:
    chosen = task(planted, *TRAIN, planted).demonstrations(unit("Resting tremor of both hands."), 5)
    assert chosen == list(TRAIN)


def test_a_text_about_the_same_thing_is_no_copy() -> None:
    other = example("other", "A tremor of the hands is often the first sign of Parkinson disease.")
    chosen = task(other).demonstrations(unit("Resting tremor of both hands."), 5)
    assert chosen == [other]


@pytest.mark.parametrize(
    "copy",
    [
        "FEVER CAME AT NIGHT. GOUT HURTS IN THE TOE.",
        "Fever came at dawn. Gout hurts in the toe.",
        "Fever came at night. Gout hurts in the toe. A whole sentence more.",
    ],
    ids=["case", "one word", "a sentence more"],
)
def test_a_copy_of_the_whole_document_shows_none_of_its_sentences(copy: str) -> None:
    document = segment("copy", copy)
    whole = Example(document, ())
    parts = unit_examples([whole], "sentence")
    work = Task(LABELS, JsonList(), examples=(*parts, *TRAIN), originals=[document], index=InOrder)
    own = Unit(segment("own", "Fever came at night. Gout hurts in the toe."), Span(0, 20))
    assert work.demonstrations(own, 5) == list(TRAIN)


def test_a_copy_of_another_sentence_of_the_document_is_not_shown() -> None:
    text = "The boy fell ill. His liver was full of copper and his eyes had a brown ring."
    planted = example("other", "His liver was full of copper, and his eyes had a brown ring.")
    first = Unit(segment("own", text), Span(0, 17))
    assert task(planted, *TRAIN).demonstrations(first, 5) == list(TRAIN)


def test_leaks_at_the_top_of_the_ranking_do_not_cost_demonstrations() -> None:
    leaks = [example("own", f"Leak number {index}.") for index in range(100)]
    assert task(*leaks, *TRAIN).demonstrations(unit("Tremor."), 2) == list(TRAIN)


def test_planted_duplicates_never_leak_for_any_unit() -> None:
    rng = random.Random(5)
    words = ["fever", "gout", "tremor", "rash", "pain"]
    texts = {" ".join(rng.choices(words, k=4)).capitalize() + "." for _ in range(40)}
    pool = [example(f"t{n}", text) for n, text in enumerate(sorted(texts))]
    for one in pool:
        shown = task(*pool).demonstrations(unit(one.document.text.upper(), "other"), 8)
        assert one not in shown


def respaced(text: str, rng: random.Random) -> str:
    return "  ".join(text.swapcase().split())


def one_word_changed(text: str, rng: random.Random) -> str:
    token = rng.choice(tokenize(text))
    return f"{text[: token.start]}zzz{text[token.end :]}"


def with_numbers_changed(text: str, rng: random.Random) -> str:
    return "".join(rng.choice("0123456789") if c.isdecimal() else c for c in text)


def with_typing_errors(text: str, rng: random.Random) -> str:
    letters = list(text)
    for place in range(rng.randrange(10), len(text) - 1, 25):
        letters[place], letters[place + 1] = letters[place + 1], letters[place]
    return "".join(letters)


def a_sentence_added(text: str, rng: random.Random) -> str:
    return f"{text} No one knows why the moon is so bright in summer."


def half_of_it_quoted(text: str, rng: random.Random) -> str:
    half = len(text) // 2
    quote = (
        text[: text.index(" ", half)] if rng.random() < 0.5 else text[text.rindex(" ", 0, half) :]
    )
    return f"As others wrote, “{quote}”, which no one believed in those days."


MUTATIONS = [
    respaced,
    one_word_changed,
    with_numbers_changed,
    with_typing_errors,
    a_sentence_added,
    half_of_it_quoted,
]
SENTENCES = [
    one
    for example in SAMPLE.splits["test"]
    for one in units(example.document, "sentence")
    if len(one.text) > 70
]


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda function: function.__name__)
def test_a_planted_copy_never_reaches_a_prompt(
    mutate: Callable[[str, random.Random], str],
) -> None:
    rng = random.Random(3)
    filler = tuple(unit_examples(SAMPLE.splits["train"][:3], "sentence"))
    for one in SENTENCES:
        planted = mutate(one.text, rng)
        passages = [Passage("A copy", planted), Passage("Gout", "Urate in the joints.")]
        work = task(example("other", planted), *filler, passages=passages)
        (prompt,) = next(Rag(shots=3, passages=2).solve(one, work))
        said = " ".join(message.content for message in prompt.messages[:-1])
        assert planted not in said, one.text
        assert "Urate" in said


def test_a_passage_with_another_part_of_the_units_document_is_not_shown() -> None:
    document = SAMPLE.splits["test"][0].document
    first, *others = units(document, "sentence")
    for other in others:
        passages = [
            Passage("Textbook", f"Page 7. {other.text} And so on."),
            Passage("Gout", "Urate."),
        ]
        assert task(passages=passages).knowledge(first, 2) == passages[1:]


def test_that_a_document_names_a_concept_does_not_hide_the_concept() -> None:
    known = Passage("hepatolenticular degeneration", "", ("Wilson disease",), "DOID:893")
    own = unit("Hepatolenticular degeneration, that is Wilson disease.")
    assert task(passages=[known]).knowledge(own, 1) == [known]


def test_hardly_any_demonstration_is_refused_without_cause() -> None:
    """Of the sample's train sentences, all but a few may be shown for a test sentence."""
    train = tuple(unit_examples(SAMPLE.splits["train"], "sentence"))
    work = task(*train)
    texts = {split for e in train for split in [e.document.text]}
    refused = sum(len(texts) - len(work.demonstrations(one, len(train))) for one in SENTENCES[::9])
    assert refused <= 0.005 * len(texts) * len(SENTENCES[::9])
    assert split_sentences(SENTENCES[0].text)
