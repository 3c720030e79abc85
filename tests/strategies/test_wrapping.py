"""Strategies around others: per-label, verify and vote, and their composition by name."""

from __future__ import annotations

import json
import math
import re
from math import log
from typing import Any

import pytest
from strategies.kit import LABELS, TRAIN, example, hold, task, unit

from nerharness.errors import UsageError
from nerharness.formats.lines import LabelledLines
from nerharness.plugin import Decoding, Option, Provider, hookimpl
from nerharness.plugin.host import Host
from nerharness.strategies.few_shot import FewShot
from nerharness.strategies.per_label import PerLabel
from nerharness.strategies.sure import Sure
from nerharness.strategies.verify import Verify, judgeable, judged
from nerharness.strategies.vote import Vote, draw_seed, elected
from nerharness.strategies.zero_shot import ZeroShot
from nerharness.types import Completion, Entity, Mention, Prompt, Reading, Token

TEXT = "Gout with fever and rash."


def listed(*pairs: tuple[str, str]) -> str:
    return json.dumps([{"text": text, "label": label} for text, label in pairs])


def said(reading: Reading) -> list[tuple[str, str]]:
    return [(mention.text, mention.label) for mention in reading.mentions]


def vote(inner: Any = None, **changes: Any) -> Vote:
    options = {
        "samples": 3, "temperature": 0.5, "agreement": 0.5, "vote_formats": None, "seed": 7
    }  # fmt: skip
    return Vote(inner or ZeroShot(), **{**options, **changes})


def test_per_label_asks_for_each_label_alone_and_in_one_turn() -> None:
    def answer(prompt: Prompt) -> str:
        label = "disease" if "- disease" in prompt.messages[0].content else "sign"
        return listed(("Gout", "disease")) if label == "disease" else listed(("rash", "sign"))

    dialogue = PerLabel(FewShot(shots=2)).solve(unit(TEXT), task(*TRAIN))
    first = next(dialogue)
    assert len(first) == 2, "both questions go to the backend together"
    for prompt, name, other in zip(first, LABELS.names, reversed(LABELS.names), strict=True):
        assert f"- {name}: " in prompt.messages[0].content
        assert f"- {other}: " not in prompt.messages[0].content
        solved = [turn.content for turn in prompt.messages if turn.role == "assistant"]
        assert min(solved, key=len) == "[]", "an example of the other label has none"
    dialogue.close()
    reading, _ = hold(PerLabel(FewShot(shots=2)).solve(unit(TEXT), task(*TRAIN)), answer)
    assert said(reading) == [("Gout", "disease"), ("rash", "sign")]
    assert reading.status == "clean"


def test_per_label_does_not_take_another_label_for_an_answer() -> None:
    reading, _ = hold(
        PerLabel(ZeroShot()).solve(unit(TEXT), task()), lambda _: listed(("Gout", "disease"))
    )
    assert said(reading) == [("Gout", "disease")]
    assert reading.problems == {"unknown_label": 1}
    assert reading.status == "repaired"


def in_turn(*answers: str) -> Any:
    left = list(answers)
    return lambda _: left.pop(0)


FOUND = listed(("Gout", "disease"), ("with", "sign"), ("rash", "sign"), ("with", "sign"))


def test_verify_drops_what_the_second_turn_drops() -> None:
    dialogue = Verify(ZeroShot(), verify_shots=0).solve(unit(TEXT), task())
    reading, asked = hold(dialogue, in_turn(FOUND, "1: keep\n2: drop\n3: keep"))
    assert said(reading) == [("Gout", "disease"), ("rash", "sign")]
    assert reading.status == "clean"
    question = asked[1].messages[-1].content
    assert question == f"Text: {TEXT}\n1. Gout (disease)\n2. with (sign)\n3. rash (sign)"
    assert "- disease: an illness" in asked[1].messages[0].content
    assert asked[1].constraint is None


def test_what_is_not_judged_is_kept_and_counted() -> None:
    dialogue = Verify(ZeroShot(), verify_shots=0).solve(unit(TEXT), task())
    reading, _ = hold(dialogue, in_turn(FOUND, "I think so.\n2: DROP"))
    assert said(reading) == [("Gout", "disease"), ("rash", "sign")]
    assert reading.problems == {"unjudged": 2}


def test_verify_asks_nothing_when_nothing_was_found() -> None:
    reading, asked = hold(
        Verify(ZeroShot(), verify_shots=2).solve(unit(TEXT), task()), in_turn("[]")
    )
    assert (len(asked), reading.mentions) == (1, ())


def test_verdicts_are_held_to_their_lines_if_decoding_is() -> None:
    work = task(decoding=Decoding("schema"))
    dialogue = Verify(ZeroShot(), verify_shots=0).solve(unit(TEXT), work)
    _, asked = hold(dialogue, in_turn(FOUND, "1: keep\n2: drop\n3: keep"))
    assert asked[1].constraint is not None
    assert asked[1].constraint.grammar.startswith(
        r'start: "1: " VERDICT "\n" "2: " VERDICT "\n" "3: " VERDICT'
    )


def test_verify_shows_right_and_wrong_mentions_of_other_examples() -> None:
    shown = example("c", "Renal failure came.", Entity.at("disease", 0, 13))
    work = task(TRAIN[0], shown)
    dialogue = Verify(ZeroShot(), verify_shots=2).solve(unit(TEXT), work)
    _, asked = hold(dialogue, in_turn(FOUND, ""))
    turns = [turn.content for turn in asked[1].messages[1:-1]]
    assert turns == [
        "Text: Renal failure came.\n1. Renal failure (disease)\n2. failure (disease)",
        "1: keep\n2: drop",
        "Text: Fever came.\n1. Fever (sign)",
        "1: keep",
    ]


def weighed(*tokens: tuple[str, float]) -> Completion:
    written = tuple(Token(text, log(probability)) for text, probability in tokens)
    return Completion("".join(token.text for token in written), "stop", tokens=written)


def test_sure_drops_what_was_written_with_too_little_confidence() -> None:
    answer = weighed(("disease: ", 0.1), ("Gout", 0.5), ("\nsign: ", 1.0), ("ra", 0.7), ("sh", 0.7))
    work = task(form=LabelledLines())
    reading, (prompt,) = hold(
        Sure(ZeroShot(), least_confidence=0.5).solve(unit(TEXT), work), lambda _: answer
    )
    assert prompt.logprobs
    assert said(reading) == [("Gout", "disease")]
    assert reading.problems == {"unsure": 1}
    reading, _ = hold(
        Sure(ZeroShot(), least_confidence=0.48).solve(unit(TEXT), work), lambda _: answer
    )
    assert (len(reading.mentions), reading.status) == (2, "clean")
    with pytest.raises(UsageError, match="--least-confidence: must be from 0 to 1, got 2"):
        Sure(ZeroShot(), least_confidence=2)


def test_a_last_word_that_is_a_mention_itself_is_not_wrong() -> None:
    text = "Renal failure, then failure."
    both = example("c", text, Entity.at("disease", 0, 13), Entity.at("disease", 20, 27))
    assert [right for _, right in judgeable(both, ["disease"])] == [True, True]
    assert judgeable(both, ["sign"]) == []


@pytest.mark.parametrize(
    ("answer", "verdicts"),
    [
        ("1: keep\n2: drop", {1: "keep", 2: "drop"}),
        ("- 2. Drop because", {2: "drop"}),
        ("1) KEEP\n1) drop", {1: "keep"}),
        ("0: keep\n3: keep\n99999999999999999999: drop", {}),
        ("keep", {}),
        ("1: keeper", {}),
    ],
)
def test_verdicts_are_read_however_they_are_written(answer: str, verdicts: dict[int, str]) -> None:
    assert judged(answer, 2) == verdicts


def test_vote_keeps_what_most_samples_say_with_its_share() -> None:
    answers = [
        listed(("Gout", "disease"), ("rash", "sign")),
        listed(("gout", "disease"), ("fever", "sign"), ("rash", "sign")),
        listed(("Gout ", "disease")),
    ]
    reading, asked = hold(vote().solve(unit(TEXT), task()), in_turn(*answers))
    assert said(reading) == [("Gout", "disease"), ("rash", "sign")]
    assert [mention.confidence for mention in reading.mentions] == [1.0, pytest.approx(2 / 3)]
    seeds = [prompt.sampling and prompt.sampling.seed for prompt in asked]
    assert seeds == [draw_seed(7, number) for number in range(3)]
    assert {prompt.sampling and prompt.sampling.temperature for prompt in asked} == {0.5}


def test_each_draw_of_each_run_has_a_seed_of_its_own() -> None:
    seeds = [draw_seed(seed, number) for seed in (*range(-50, 50), 2**40) for number in range(20)]
    assert len({*seeds}) == len(seeds)
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_seeds_of_draws_never_change() -> None:
    assert [draw_seed(0, 0), draw_seed(0, 1), draw_seed(7, 2)] == [
        1234797308,
        778162986,
        1143203452,
    ]


def test_a_repeat_is_another_mention_and_needs_votes_of_its_own() -> None:
    twice = Reading((Mention("rash", "sign"), Mention("gout", "disease"), Mention("rash", "sign")))
    once = Reading((Mention("rash", "sign"),))
    assert [m.text for m in elected([twice, twice, once], 0.6)] == ["rash", "gout", "rash"]
    assert [m.text for m in elected([twice, once, once], 0.6)] == ["rash"]


@pytest.mark.parametrize(("agreement", "kept"), [(1 / 3, 1), (0.34, 0), (1.0, 0)])
def test_the_share_is_reached_not_passed(agreement: float, kept: int) -> None:
    readings = [Reading((Mention("rash", "sign"),)), Reading(()), Reading(())]
    assert len(elected(readings, agreement)) == kept


def test_the_order_of_answers_decides_nothing() -> None:
    a = Reading((Mention("gout", "disease"), Mention("rash", "sign")))
    b = Reading((Mention("fever", "sign"), Mention("rash", "sign")))
    assert elected([a, b, a], 0.3) == elected([a, a, b], 0.3)


def test_vote_over_formats_asks_once_in_each(host: Host) -> None:
    work = task(formats=lambda name: host.make("formats", name))
    answer = in_turn(listed(("fever", "sign")), "Gout : O\nwith : O\nfever : B-sign")
    reading, asked = hold(vote(vote_formats="json, bio").solve(unit(TEXT), work), answer)
    assert said(reading) == [("fever", "sign")]
    assert [prompt.sampling for prompt in asked] == [None, None]
    assert "JSON" in asked[0].messages[0].content
    assert "B-label" in asked[1].messages[0].content


def test_vote_over_an_unknown_format_names_its_flag(host: Host) -> None:
    work = task(formats=lambda name: host.make("formats", name))
    with pytest.raises(UsageError, match="--vote-formats: unknown format 'yaml'; known: bio"):
        hold(vote(vote_formats="json,yaml").solve(unit(TEXT), work), lambda _: "[]")


@pytest.mark.parametrize(
    ("change", "flag"),
    [
        ({"samples": 0}, "--samples"),
        ({"temperature": 0.0}, "--temperature"),
        ({"temperature": math.inf}, "--temperature: must be a number above 0, got inf"),
        ({"temperature": math.nan}, "--temperature"),
        ({"vote_formats": ","}, "--vote-formats: ',' names no format"),
        ({"vote_formats": " "}, "--vote-formats: ' ' names no format"),
        ({"vote_formats": "json, bio,json"}, "--vote-formats: 'json' would vote twice"),
        ({"agreement": 0.0}, "--agreement"),
        ({"agreement": 1.1}, "--agreement"),
    ],
)
def test_impossible_votes_are_refused(change: dict[str, Any], flag: str) -> None:
    with pytest.raises(UsageError, match=flag):
        vote(**change)
    with pytest.raises(UsageError, match="--verify-shots"):
        Verify(ZeroShot(), verify_shots=-1)


def test_names_compose_from_the_inside_out(host: Host) -> None:
    made = host.make("strategies", "few-shot+verify", options={"shots": 2, "verify_shots": 1})
    assert isinstance(made, Verify)
    assert isinstance(made._inner, FewShot)
    assert (made._inner.shots, made._shots) == (2, 1)
    assert host.package("strategies", "few-shot+verify") == "nerharness"
    triple = host.make("strategies", "rag+per-label+vote")
    assert isinstance(triple, Vote)
    assert isinstance(triple._inner, PerLabel)


def test_a_wrapper_alone_stands_around_zero_shot(host: Host) -> None:
    made = host.make("strategies", "verify")
    assert isinstance(made._inner, ZeroShot)


def test_options_of_all_parts_are_those_of_the_whole(host: Host) -> None:
    names = {option.name for option in host.find("strategies", "few-shot+verify+vote").options}
    assert {"shots", "verify_shots", "samples", "temperature"} <= names
    with pytest.raises(UsageError, match="passages"):
        host.make("strategies", "few-shot+verify", options={"passages": 1})


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("few-shot+rag", "'rag' wraps no other"),
        ("few-shot+verifi", "did you mean 'verify'"),
        ("few-shot+", "unknown strategy ''"),
        ("verify+few-shot", "'few-shot' wraps no other"),
    ],
)
def test_what_does_not_compose_is_refused(host: Host, name: str, reason: str) -> None:
    with pytest.raises(UsageError, match=re.escape(reason)):
        host.make("strategies", name)


def test_a_strangers_wrapper_composes_too(host: Host) -> None:
    class Twice:
        def __init__(self, inner: Any, *, times: int) -> None:
            self.inner, self.times = inner, times

    class Plugin:
        @hookimpl
        def nerharness_strategies(self) -> dict[str, Provider]:
            times = Option("times", int, 2, "how often")
            return {"twice": Provider(Twice, "twice", options=(times,), wraps=True)}

    host.register(Plugin(), package="stranger")
    made = host.make("strategies", "few-shot+twice", options={"times": 3, "shots": 1})
    assert (made.times, made.inner.shots) == (3, 1)
    assert host.package("strategies", "few-shot+twice") == "nerharness, stranger"


@pytest.mark.parametrize("option", [("shots", int, 99), ("shots", int, None), ("shots", str, "4")])
def test_an_option_that_two_of_a_chain_mean_otherwise_is_refused(host: Host, option: Any) -> None:
    class Plugin:
        @hookimpl
        def nerharness_strategies(self) -> dict[str, Provider]:
            options = (Option(*option, "how many"),)
            return {"wrapo": Provider(lambda inner, shots: shots, "", options, wraps=True)}

    host.register(Plugin(), package="stranger")
    assert host.make("strategies", "wrapo") == option[2]
    with pytest.raises(UsageError) as caught:
        host.make("strategies", "few-shot+wrapo")
    assert str(caught.value) == (
        "--strategy few-shot+wrapo: 'few-shot' and 'wrapo' each have an option --shots, "
        f"but not the same one: by default 4 and {option[2]!r}"
    )


def test_the_built_ins_agree_on_their_options(host: Host) -> None:
    offers = host.offers("strategies")
    around = [name for name, offer in offers.items() if offer.provider.wraps]
    for name in offers.keys() - set(around):
        assert host.find("strategies", "+".join([name, *around]))


def test_a_cut_answer_is_gone_on_with_and_reads_as_one() -> None:
    work = task(decoding=Decoding(continuations=2))
    whole = listed(("Gout", "disease"), ("rash", "sign"))
    parts = [
        Completion(whole[:20], "length"),
        Completion(whole[20:45], "length"),
        Completion(whole[45:], "stop"),
    ]
    reading, asked = hold(ZeroShot().solve(unit(TEXT), work), lambda _: parts.pop(0))
    assert said(reading) == [("Gout", "disease"), ("rash", "sign")]
    assert reading.status == "clean"
    assert [prompt.prefix for prompt in asked] == ["", whole[:20], whole[:45]]


def test_going_on_ends_when_it_may_no_more() -> None:
    work = task(decoding=Decoding(continuations=1))
    cut = Completion('[{"text": "Gout", "label": "disease"}, ', "length")
    reading, asked = hold(ZeroShot().solve(unit(TEXT), work), lambda _: cut)
    assert len(asked) == 2
    assert reading.status == "repaired"


def test_a_mention_that_the_cut_may_have_halved_is_dropped() -> None:
    work = task(form=LabelledLines())
    answer = "disease: Gout\nsign: ra"
    cut, _ = hold(ZeroShot().solve(unit(TEXT), work), lambda _: Completion(answer, "length"))
    assert said(cut) == [("Gout", "disease")]
    assert (cut.status, cut.problems) == ("repaired", {"cut": 1})
    ended, _ = hold(ZeroShot().solve(unit(TEXT), work), lambda _: Completion(answer, "stop"))
    assert said(ended) == [("Gout", "disease"), ("ra", "sign")]
