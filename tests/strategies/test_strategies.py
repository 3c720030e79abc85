"""Prompts of the built-in strategies, and that nothing leaks into them."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from strategies.kit import LABELS, TRAIN, InOrder, example, task, unit

from nerharness.errors import UsageError
from nerharness.formats.json_list import JsonList
from nerharness.plugin import Strategy, Task
from nerharness.segment import segment
from nerharness.strategies.few_shot import FewShot
from nerharness.strategies.rag import Rag
from nerharness.strategies.zero_shot import ZeroShot
from nerharness.templates import Templates
from nerharness.types import Completion, Entity, Example, Passage, Prompt, Span, Unit


def first_prompt(strategy: Strategy, about: Unit, work: Task) -> Prompt:
    (prompt,) = next(strategy.solve(about, work))
    return prompt


def test_zero_shot_shows_definitions_and_text_only() -> None:
    prompt = first_prompt(ZeroShot(), unit("Tremor of WD."), task(*TRAIN))
    system, question = prompt.messages
    assert system.role == "system"
    assert "- disease: an illness\n- sign: seen by others\n" in system.content
    assert question == ("user", "Text: Tremor of WD.")
    assert "Fever" not in system.content


def test_few_shot_shows_solved_examples_nearest_last() -> None:
    prompt = first_prompt(FewShot(shots=2), unit("Tremor."), task(*TRAIN))
    assert [turn.role for turn in prompt.messages] == [
        "system", "user", "assistant", "user", "assistant", "user",
    ]  # fmt: skip
    assert [turn.content for turn in prompt.messages[1:]] == [
        "Text: Gout hurts.", '[{"text": "Gout", "label": "disease"}]',
        "Text: Fever came.", '[{"text": "Fever", "label": "sign"}]',
        "Text: Tremor.",
    ]  # fmt: skip


def test_rag_shows_passages_after_the_instruction() -> None:
    passages = [Passage("Wilson disease", "Copper builds up."), Passage("Gout", "Urate.")]
    prompt = first_prompt(Rag(shots=1, passages=1), unit("WD?"), task(*TRAIN, passages=passages))
    instruction = Templates().render("formats/json", labels=LABELS)
    background = "\n\nBackground:\n- Wilson disease: Copper builds up."
    assert prompt.messages[0].content == instruction + background
    assert prompt.messages[-1].content == "Text: WD?"
    assert len(prompt.messages) == 4


def test_rag_works_without_demonstrations() -> None:
    passages = [Passage("Gout", "Urate.")]
    prompt = first_prompt(Rag(shots=0, passages=3), unit("WD?"), task(passages=passages))
    assert len(prompt.messages) == 2


def test_an_answer_is_read_by_the_format() -> None:
    dialogue = ZeroShot().solve(unit("Tremor."), task())
    next(dialogue)
    with pytest.raises(StopIteration) as end:
        dialogue.send([Completion('[{"text": "Tremor", "label": "sign"}]', "stop")])
    assert [mention.text for mention in end.value.value.mentions] == ["Tremor"]


@pytest.mark.parametrize(
    "planted",
    [
        example("other", "Resting tremor of both hands."),
        example("other", "RESTING TREMOR  of both hands"),
        example("other", "Resting tre\u00admor of both hands!"),
        example("other", "In short: resting tremor of both hands. Also more."),
        example("other", "Resting tremor of both hand"),
        example("own", "Quite another sentence."),
    ],
    ids=["same", "case and spaces", "soft hyphen", "holds it", "lies in it", "own document"],
)
def test_the_unit_itself_never_reaches_its_own_prompt(planted: Example) -> None:
    chosen = task(planted, *TRAIN, planted).demonstrations(unit("Resting tremor of both hands."), 5)
    assert chosen == list(TRAIN)


def test_a_duplicate_of_the_whole_document_shows_none_of_its_sentences() -> None:
    text = "Fever came at night. Gout hurts in the toe."
    document = segment("copy", text.upper())
    parts = (example("copy", "FEVER CAME AT NIGHT."), example("copy", "GOUT HURTS IN THE TOE."))
    work = Task(LABELS, JsonList(), examples=(*parts, *TRAIN), originals=[document], index=InOrder)
    own = Unit(segment("own", text), Span(0, 20))
    assert work.demonstrations(own, 5) == list(TRAIN)


def test_a_short_unit_still_gets_demonstrations() -> None:
    assert task(*TRAIN).demonstrations(unit("A."), 2) == list(TRAIN)


def test_no_two_demonstrations_have_the_same_text() -> None:
    twin = example("c", "fever came", Entity.at("sign", 0, 5))
    assert task(TRAIN[0], twin, TRAIN[1]).demonstrations(unit("Tremor."), 5) == list(TRAIN)


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
        assert len(shown) == 8
        assert one not in shown


def test_the_query_is_the_units_text_alone() -> None:
    seen: list[InOrder] = []

    def index(texts: Sequence[str]) -> InOrder:
        seen.append(InOrder(texts))
        return seen[-1]

    work = Task(LABELS, JsonList(), examples=TRAIN, passages=[Passage("G", "U")], index=index)
    first_prompt(Rag(shots=1, passages=1), unit("Tremor."), work)
    first_prompt(Rag(shots=1, passages=1), unit("Rash."), work)
    assert len(seen) == 2, "train and knowledge are each indexed once"
    assert {query for one in seen for query in one.queries} == {"Tremor.", "Rash."}


def test_demonstrations_without_a_train_split_are_an_error() -> None:
    with pytest.raises(UsageError, match="no train split"):
        task().demonstrations(unit("Tremor."), 1)


@pytest.mark.parametrize(
    ("make", "flag"),
    [
        (lambda: FewShot(shots=0), "--shots"),
        (lambda: Rag(shots=-1, passages=1), "--shots"),
        (lambda: Rag(shots=1, passages=0), "--passages"),
    ],
)
def test_impossible_settings_are_refused(make: object, flag: str) -> None:
    with pytest.raises(UsageError, match=flag):
        make()  # type: ignore[operator]
