"""Answers that are held to a grammar, by a model that would write anything."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from backends.tiny import ask, complete

from nerharness.formats.bio import TokenPerLine
from nerharness.formats.json_list import JsonList
from nerharness.segment import segment
from nerharness.types import Constraint, Label, LabelSet, Prompt, Sampling, Span, Unit

pytest.importorskip("llguidance")

LABELS = LabelSet((Label("sign"), Label("rare disease")))


def held(grammar: str, *texts: str, **rest: Any) -> list[Prompt]:
    prompts = ask(*texts, limit=rest.pop("limit", 64))
    return [replace(prompt, constraint=Constraint(grammar), **rest) for prompt in prompts]


def unit(text: str) -> Unit:
    return Unit(segment("d", text), Span(0, len(text)))


def test_without_a_grammar_the_model_writes_something_else(spelling: Any) -> None:
    (free,) = complete(spelling, ask("gout"))
    assert not re.fullmatch("(yes|no)+", free.text)


def test_an_answer_is_of_the_grammar_and_ends_where_that_ends(spelling: Any) -> None:
    answers = complete(spelling, held('start: "yes" | "no" | "患者🫠"', "gout", "fever", "a", "b"))
    assert {answer.text for answer in answers} <= {"yes", "no", "患者🫠"}
    assert {answer.finish for answer in answers} == {"stop"}
    assert all(answer.usage.completion_tokens == len(answer.text.encode()) for answer in answers)


def test_an_answer_that_the_limit_cuts_is_not_complete(spelling: Any) -> None:
    (answer,) = complete(spelling, held('start: "yesterday"', "gout", limit=3))
    assert (answer.text, answer.finish) == ("yes", "length")


def test_the_model_may_end_where_the_grammar_allows_it(spelling: Any) -> None:
    (answer,) = complete(spelling, held("start: /a{3,400}/", "gout", limit=500))
    assert answer.finish == "stop"
    assert 3 <= len(answer.text) <= 400


def test_each_prompt_of_a_batch_is_held_to_its_own_grammar(spelling: Any) -> None:
    (free,) = complete(spelling, ask("gout", limit=12))
    mixed = [*held('start: "no"', "gout"), *ask("gout", limit=12), *held('start: "yes"', "gout")]
    answers = complete(spelling, mixed)
    assert [answer.text for answer in answers] == ["no", free.text, "yes"]


@pytest.mark.parametrize("grammar", ["start: (", "nothing: /a/", 'start: "a" missing', ""])
def test_a_grammar_that_does_not_compile_fails_its_prompt_alone(
    spelling: Any, grammar: str
) -> None:
    bad, good = complete(spelling, [*held(grammar, "gout"), *held('start: "no"', "gout")])
    assert (bad.text, bad.finish) == ("", "error")
    assert str(bad.error).startswith("the answer cannot be constrained: ")
    assert len(str(bad.error)) > 40, "the reason"
    assert "\n" not in str(bad.error)
    assert (good.text, good.finish) == ("no", "stop")


def test_what_may_come_next_is_found_while_the_model_reads(
    spelling: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nerharness.backends.masks import Masks
    from nerharness.backends.reader import Reader

    order: list[str] = []
    foresee, forward = Masks.foresee, Reader.forward
    monkeypatch.setattr(Masks, "foresee", lambda *a: order.append("masks") or foresee(*a))
    monkeypatch.setattr(Reader, "forward", lambda *a: order.append("model") or forward(*a))
    (answer,) = complete(spelling, held("start: /[a-d]{4}/", "gout"))
    assert re.fullmatch("[a-d]{4}", answer.text)
    assert len(order) > 2
    assert order == ["masks", "model"] * (len(order) // 2)


def test_an_answer_whose_grammar_fails_on_the_way_is_an_error(
    spelling: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nerharness.backends.masks import Masks

    monkeypatch.setattr(Masks, "matcher", lambda *_: Tiring())
    monkeypatch.setattr(Masks, "_forbidden", lambda _, pairs: np.zeros((len(pairs), 260), bool))
    (bad,) = complete(spelling, held("start: /a+/", "gout"))
    assert (bad.text, bad.finish) == ("", "error")
    assert "too many items" in str(bad.error)


class Tiring:
    """A matcher that fails at the third token, as llguidance does when a limit is reached."""

    def __init__(self) -> None:
        self.seen = 0

    def consume_token(self, token: int) -> bool:
        self.seen += 1
        return self.seen < 3

    def is_error(self) -> bool:
        return self.seen >= 3

    is_stopped = is_error

    def compute_ff_tokens(self) -> list[int]:
        return []

    def get_error(self) -> str:
        return "Parser Error: too many items\n<state>"


def test_an_answer_goes_on_from_its_given_beginning(spelling: Any) -> None:
    grammar = 'start: "yes: " /[a-f]{4}/ " end"'
    (answer,) = complete(spelling, held(grammar, "gout", prefix="yes: a"))
    assert re.fullmatch("[a-f]{3} end", answer.text)
    assert answer.finish == "stop"


def test_a_beginning_that_is_all_there_can_be_ends_at_once(spelling: Any) -> None:
    (answer,) = complete(spelling, held('start: "yes"', "gout", prefix="yes"))
    assert (answer.text, answer.finish, answer.usage.completion_tokens) == ("", "stop", 1)


def test_a_beginning_that_the_grammar_forbids_is_an_error(spelling: Any) -> None:
    bad, good = complete(
        spelling, [*held('start: "yes"', "gout", prefix="no"), *held('start: "no"', "gout")]
    )
    assert bad.finish == "error"
    assert "constrained" in str(bad.error)
    assert good.text == "no"


def test_drawn_answers_are_of_the_grammar_too(spelling: Any) -> None:
    prompts = [
        prompt
        for seed in range(20)
        for prompt in held("start: /[xyz]{5}/", "gout", sampling=Sampling(5.0, seed))
    ]
    answers = complete(spelling, prompts)
    assert all(re.fullmatch("[xyz]{5}", answer.text) for answer in answers)
    assert len({answer.text for answer in answers}) > 10


TEXT = 'No "ab" fever\\pain, 患者 hat Größe in  café.'


@pytest.mark.parametrize("seed", range(6))
def test_a_grounded_json_answer_names_words_of_the_text(spelling: Any, seed: int) -> None:
    form, about = JsonList(), unit(TEXT)
    constraint = form.constrain(about, LABELS, "grounded")
    assert constraint is not None
    prompts = held(constraint.grammar, TEXT, limit=2000, sampling=Sampling(1.5, seed))
    (answer,) = complete(spelling, prompts)
    assert answer.finish == "stop"
    items = json.loads(answer.text)
    assert form.parse(answer.text, about, LABELS).status == "clean"
    starts = {token.start for token in about.tokens}
    for item in items:
        assert item["label"] in LABELS
        assert TEXT.index(item["text"]) in starts


def test_a_grounded_bio_answer_is_each_token_with_a_tag(spelling: Any) -> None:
    form, about = TokenPerLine(), unit(TEXT)
    constraint = form.constrain(about, LABELS, "grounded")
    assert constraint is not None
    (answer,) = complete(spelling, held(constraint.grammar, TEXT, limit=2000))
    assert answer.finish == "stop"
    lines = answer.text.split("\n")
    assert [line.rpartition(" : ")[0] for line in lines] == form.show(about, LABELS).split()
    assert form.parse(answer.text, about, LABELS).status == "clean"
