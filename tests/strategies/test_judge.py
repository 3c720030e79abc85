"""Candidates, and the strategy that judges them one by one."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from strategies.kit import TRAIN, example, hold, task, unit

from nerharness.errors import UsageError
from nerharness.formats.json_list import JsonList
from nerharness.plugin import Task, Wording
from nerharness.plugin.host import Host
from nerharness.strategies.candidates import Candidates
from nerharness.strategies.judge import Judge, surest
from nerharness.strategies.judging import Question, demonstrations
from nerharness.strategies.zero_shot import ZeroShot
from nerharness.templates import Templates
from nerharness.types import (
    Completion,
    Entity,
    Label,
    LabelSet,
    Mention,
    Prompt,
    Reading,
    Span,
    Token,
)

TEXT = "Gout came with fever."
OTHER = "Fever, fever and gout."


def judge(inner: Any = None, **changes: Any) -> Judge:
    options = {"judge_shots": 0, "judge_threshold": 0.6, "judge_also": "none"}
    return Judge(inner or Candidates(), **{**options, **changes})


def said(reading: Reading) -> list[tuple[str, str]]:
    return [(mention.text, mention.label) for mention in reading.mentions]


def listed(*pairs: tuple[str, str]) -> str:
    return json.dumps([{"text": text, "label": label} for text, label in pairs])


def surface(prompt: Prompt) -> str:
    return prompt.messages[-1].content.rpartition("What is ")[2].strip('"?')


def sure(rest: str, probability: float) -> Completion:
    return Completion(rest, "stop", tokens=(Token(rest, math.log(probability)),))


def test_candidates_are_the_hints_at_all_of_their_places_and_ask_nothing() -> None:
    work = task(*TRAIN, hints="train")
    reading, asked = hold(Candidates().solve(unit(OTHER), work), lambda _: "")
    assert [(m.text, m.label, m.span) for m in reading.mentions] == [
        ("Fever", "sign", Span(0, 5)),
        ("fever", "sign", Span(7, 12)),
        ("gout", "disease", Span(17, 21)),
    ]
    assert asked == []


def test_a_candidate_never_comes_from_the_unit_itself() -> None:
    work = task(*TRAIN, hints="train")
    assert work.candidates(unit(TRAIN[0].document.text)) == []


def test_a_task_with_one_label_has_its_candidates_alone() -> None:
    work = task(*TRAIN, hints="train").only("sign")
    assert [mention.text for mention in work.candidates(unit(TEXT))] == ["fever"]


def test_each_candidate_is_asked_about_once_and_kept_from_the_threshold_on() -> None:
    likely = {"Fever": 0.7, "fever": 0.59, "gout": 0.6}
    dialogue = judge(judge_also="hints").solve(unit(OTHER), task(*TRAIN, hints="train"))

    def answer(prompt: Prompt) -> Completion:
        label = "disease" if surface(prompt) == "gout" else "sign"
        return sure(f" {label}", likely[surface(prompt)])

    reading, asked = hold(dialogue, answer)
    assert [surface(prompt) for prompt in asked] == ["Fever", "fever", "gout"]
    assert said(reading) == [("Fever", "sign"), ("gout", "disease")]
    assert [m.confidence for m in reading.mentions] == [pytest.approx(0.7), pytest.approx(0.6)]
    assert reading.status == "clean"


def test_the_two_answers_are_all_that_a_prompt_allows() -> None:
    question = Question.about(Mention("Gout", "disease"), TEXT, task(), ())
    prompt = question.prompt
    assert prompt.messages[-1].content == f'{TEXT}\nWhat is "Gout"?'
    assert prompt.messages[0].content == "A disease is an illness."
    assert prompt.prefix == '"Gout" is a'
    assert prompt.constraint is not None
    right, wrong = (json.dumps(f'"Gout" is a {word}') for word in ("disease", "thing"))
    assert prompt.constraint.grammar == f"start: {right} | {wrong}"
    assert prompt.logprobs


@pytest.mark.parametrize(
    ("completion", "probability"),
    [
        (sure(" disease", 0.9), 0.9),
        (sure(" thing", 0.9), 0.1),
        (Completion(" disease", "stop"), 1.0),
        (Completion("thing.", "stop"), 0.0),
        (Completion('"Gout" is a disease of joints.', "stop"), 1.0),
        (Completion("I cannot say.", "stop"), None),
        (Completion("", "stop"), None),
    ],
)
def test_an_answer_is_read_with_its_probability(
    completion: Completion, probability: float | None
) -> None:
    question = Question.about(Mention("Gout", "disease"), TEXT, task(), ())
    found = question.probability(completion)
    assert found == (None if probability is None else pytest.approx(probability))


def test_phrases_are_candidates_under_every_label() -> None:
    dialogue = judge(judge_also="phrases").solve(unit(TEXT), task())
    reading, asked = hold(
        dialogue, lambda p: sure(" disease" if surface(p) == "Gout came" else " thing", 0.9)
    )
    assert [surface(prompt) for prompt in asked] == ["Gout came", "Gout came", "fever", "fever"]
    assert said(reading) == [("Gout came", "disease")]


def test_what_is_no_hint_and_not_judged_is_left_out_but_what_was_named_stays() -> None:
    answers = iter([listed(("Gout", "disease"), ("with", "sign"))])
    dialogue = judge(ZeroShot(), judge_also="phrases").solve(unit(TEXT), task())
    reading, _ = hold(dialogue, lambda _: next(answers, "Well."))
    assert said(reading) == [("Gout", "disease"), ("with", "sign")]
    assert reading.problems == {"unjudged": 6}
    assert reading.status == "repaired"


def test_what_is_named_and_a_hint_is_asked_about_once() -> None:
    answers = iter([listed(("gout", "disease"), ("Fever", "sign"))])
    dialogue = judge(ZeroShot(), judge_also="hints").solve(unit(OTHER), task(*TRAIN, hints="train"))
    reading, asked = hold(
        dialogue,
        lambda p: next(answers, None) or sure(" sign" if "ever" in surface(p) else " disease", 0.9),
    )
    assert len(asked) == 1 + 3
    assert [mention.span for mention in reading.mentions] == [
        Span(0, 5),
        Span(7, 12),
        Span(17, 21),
    ]


def test_nothing_is_asked_without_candidates() -> None:
    reading, asked = hold(judge(judge_also="both").solve(unit("? 12."), task()), lambda _: "")
    assert (reading.mentions, asked) == ((), [])


def test_demonstrations_are_right_and_wrong_in_turn_and_the_best_comes_last() -> None:
    shown = [
        example("c", "Renal failure of the kidney.", Entity.at("disease", 0, 13)),
        example("d", "Gout hurts.", Entity.at("disease", 0, 4)),
        example("e", "The hand."),
    ]
    solved = demonstrations(shown, "disease", task())
    assert [answer for _, answer in solved] == [
        '"hand" is a thing',
        '"Gout" is a disease',
        '"Renal failure" is a disease',
        '"kidney" is a thing',
    ]
    assert solved[-1][0] == 'Renal failure of the kidney.\nWhat is "kidney"?'
    assert demonstrations(shown, "sign", task()) == [], "there is nothing right to show"


def test_demonstrations_are_turns_before_the_question() -> None:
    dialogue = judge(judge_also="phrases", judge_shots=2).solve(unit(OTHER), task(*TRAIN))
    first = next(dialogue)[0]
    dialogue.close()
    turns = [(turn.role, turn.content) for turn in first.messages[1:]]
    assert turns == [
        ("user", 'Gout hurts.\nWhat is "Gout"?'),
        ("assistant", '"Gout" is a disease'),
        ("user", 'Fever came.\nWhat is "Fever came"?'),
        ("assistant", '"Fever came" is a thing'),
        ("user", f'{OTHER}\nWhat is "Fever"?'),
    ]


def mention(text: str, label: str, start: int | None, confidence: float) -> Mention:
    span = None if start is None else Span(start, start + len(text))
    return Mention(text, label, span, confidence=confidence)


LONG, SHORT = mention("renal failure", "disease", 0, 0.8), mention("failure", "disease", 6, 0.9)


@pytest.mark.parametrize(
    ("mentions", "stay"),
    [
        ([LONG, SHORT], [SHORT]),
        ([LONG, mention("failure", "disease", 6, 0.8)], [LONG]),
        ([LONG, mention("failure", "disease", 20, 0.9)], [0, 1]),
        ([LONG, mention("failure", "sign", 6, 0.9)], [0, 1]),
        ([LONG, mention("renal failure", "sign", 0, 0.9)], [1]),
        ([mention("Renal failure", "disease", None, 0.8), SHORT], [SHORT]),
        ([mention("gout", "disease", None, 0.8), mention("gout", "disease", None, 0.8)], [0, 1]),
        ([mention("gout", "disease", None, 0.8), SHORT], [0, 1]),
    ],
)
def test_of_two_that_get_in_each_others_way_the_surer_stays(
    mentions: list[Mention], stay: list[Any]
) -> None:
    wanted = [mentions[one] if isinstance(one, int) else one for one in stay]
    assert surest(mentions) == wanted


@pytest.mark.parametrize(
    ("change", "flag"),
    [
        ({"judge_shots": -1}, "--judge-shots"),
        ({"judge_threshold": 1.5}, "--judge-threshold"),
        ({"judge_threshold": -0.1}, "--judge-threshold"),
    ],
)
def test_impossible_judgements_are_refused(change: dict[str, Any], flag: str) -> None:
    with pytest.raises(UsageError, match=flag):
        judge(**change)


def test_a_wording_that_cannot_tell_right_from_wrong_is_refused(tmp_path: Any) -> None:
    (tmp_path / "judge-answer.jinja").write_text("{{ mention }} {{ label }} it is")
    work = task(wording=Wording(Templates(tmp_path)))
    with pytest.raises(UsageError, match="judge-answer"):
        Question.about(Mention("Gout", "disease"), TEXT, work, ())


def test_judge_composes(host: Host) -> None:
    made = host.make("strategies", "candidates+judge", options={"judge_shots": 2})
    assert isinstance(made, Judge)
    assert isinstance(made._inner, Candidates)
    with pytest.raises(UsageError, match="judge-also"):
        host.make("strategies", "judge", options={"judge_also": "guesses"})


def test_labels_stand_in_sentences_with_their_article() -> None:
    labels = LabelSet((Label("Adverse_Event", "harm by a drug"),))
    work = Task(labels, JsonList())
    question = Question.about(Mention("rash", "Adverse_Event"), TEXT, work, ())
    assert question.prompt.messages[0].content == "An adverse event is harm by a drug."
    assert question.right == '"rash" is an adverse event'
    assert question.wrong == '"rash" is an entity'
    assert question.prompt.prefix == '"rash" is an'
