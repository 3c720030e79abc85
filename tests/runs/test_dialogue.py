"""Lock step: every prompt answered once, every dialogue ended once, whatever the backend does."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from nerharness.plugin import Dialogue
from nerharness.runs.dialogue import Stop, Talk, answers, converse
from nerharness.types import Completion, Mention, Message, Prompt, Reading, Token, Usage


def prompt(text: str) -> Prompt:
    return Prompt((Message("user", text),))


def asked(one: Prompt) -> str:
    return one.messages[-1].content


class Parrot:
    """Says what it is asked, in a shuffled order; keeps the batches."""

    def __init__(self) -> None:
        self.identity = {"model": "parrot"}
        self.batches: list[list[str]] = []

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        self.batches.append([asked(one) for one in prompts])
        order = list(range(len(prompts)))
        random.Random(1).shuffle(order)
        for index in order:
            yield index, Completion(asked(prompts[index]), "stop")


def turns(name: str, sizes: Sequence[int]) -> Dialogue:
    """Hold as many turns as there are sizes, each with so many prompts; return all the answers."""
    said: list[Mention] = []
    for turn, size in enumerate(sizes):
        completions = yield [prompt(f"{name}{turn}{slot}") for slot in range(size)]
        said += [Mention(completion.text, "x") for completion in completions]
    return Reading(tuple(said))


def run(dialogues: Sequence[Dialogue], backend: object) -> dict[int, Talk]:
    found: dict[int, Talk] = {}
    for index, talk in converse(dialogues, backend):  # type: ignore[arg-type]
        assert index not in found
        found[index] = talk
    return found


def said(talk: Talk) -> list[str]:
    assert talk.reading is not None
    return [mention.text for mention in talk.reading.mentions]


def test_turns_of_many_dialogues_share_batches_and_keep_their_order() -> None:
    parrot = Parrot()
    talks = run([turns("a", [2, 1]), turns("b", []), turns("c", [1])], parrot)
    assert parrot.batches == [["a00", "a01", "c00"], ["a10"]]
    assert said(talks[0]) == ["a00", "a01", "a10"]
    assert said(talks[1]) == []
    assert said(talks[2]) == ["c00"]


def test_a_dialogue_that_raises_ends_alone() -> None:
    def broken() -> Dialogue:
        yield [prompt("q")]
        raise ZeroDivisionError("oops")

    talks = run([broken(), turns("b", [1])], Parrot())
    assert talks[0].error == "ZeroDivisionError: oops"
    assert talks[0].reading is None
    assert said(talks[1]) == ["b00"]


@pytest.mark.parametrize(
    ("turn", "fault"),
    [
        ([], "a turn without prompts"),
        (None, "a turn without prompts"),
        ("Find: gout", "no list of prompts"),
        ([{"messages": "Find: gout"}], "no list of prompts"),
        ([Prompt((("user", "gout"),))], "no list of prompts"),  # type: ignore[arg-type]
        ([Prompt((Message("user", 3),))], "no list of prompts"),  # type: ignore[arg-type]
    ],
)
def test_a_turn_that_is_none_ends_its_dialogue_alone(turn: Any, fault: str) -> None:
    def broken() -> Dialogue:
        yield [prompt("q")]
        yield turn
        raise AssertionError("it should have been closed")

    talks = run([broken(), turns("b", [1])], Parrot())
    assert fault in str(talks[0].error)
    assert talks[0].reading is None
    assert said(talks[1]) == ["b00"]


def clinging(first: Any) -> Dialogue:
    """Raise when closed, as a generator does that asks on."""
    try:
        yield first
    finally:
        yield [prompt("more")]


CLINGS = "closing it raised RuntimeError: generator ignored GeneratorExit"


def test_what_a_dialogue_raises_when_it_is_left_is_part_of_its_error() -> None:
    class Failing(Parrot):
        def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
            for index, completion in super().generate(prompts):
                bad = completion.text == "bad"
                yield index, Completion("", "error", error="broken") if bad else completion

    dialogues = [clinging([prompt("bad")]), clinging([]), turns("b", [1, 1])]
    talks = run(dialogues, Failing())
    assert talks[0].error == f"broken; {CLINGS}"
    assert talks[1].error is not None
    assert talks[1].error.endswith(f"a turn without prompts; {CLINGS}")
    assert said(talks[2]) == ["b00", "b10"]


def test_no_half_of_a_character_is_asked() -> None:
    def spelling() -> Dialogue:
        (completion,) = yield [prompt("a\ud83db")]
        return Reading((Mention(completion.text, "x"),))

    parrot = Parrot()
    run([spelling()], parrot)
    assert parrot.batches == [["a\ufffdb"]]


class Faulty(Parrot):
    """Fails in a stated way for prompts that hold "bad"."""

    def __init__(self, way: str) -> None:
        super().__init__()
        self.way = way

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        for index, completion in super().generate(prompts):
            if "bad" in completion.text:
                if self.way == "raises":
                    raise RuntimeError("out of memory")
                if self.way == "stops":
                    return
                if self.way == "skips":
                    continue
                yield index, Completion("", "error", error="refused")
            else:
                yield index, completion


@pytest.mark.parametrize(
    ("way", "reason"),
    [
        ("raises", "RuntimeError: out of memory"),
        ("stops", "no completion"),
        ("skips", "no completion"),
        ("errors", "refused"),
    ],
)
def test_one_bad_prompt_fails_alone(way: str, reason: str) -> None:
    names = [f"good{index}" for index in range(5)] + ["bad"] + ["last"]
    talks = run([turns(name, [1]) for name in names], Faulty(way))
    for index, name in enumerate(names):
        if name == "bad":
            assert reason in str(talks[index].error)
        else:
            assert said(talks[index]) == [f"{name}00"]


class Confused(Parrot):
    """Answers what it is asked alone, and of several prompts as it is told."""

    def __init__(self, said: Sequence[tuple[object, object]]) -> None:
        super().__init__()
        self.said = said

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        if len(prompts) == 1:
            yield from super().generate(prompts)
        else:
            yield from self.said  # type: ignore[misc]


FINE = Completion("fine", "stop")


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ([(0, FINE), (0, FINE)], "prompt 0 twice, or unasked"),
        ([(5, FINE)], "prompt 5 twice, or unasked"),
        ([(0, FINE), (1, FINE), (2, FINE), (3, FINE)], "prompt 3 twice, or unasked"),
        ([(-1, FINE)], "prompt -1 twice, or unasked"),
        ([(0.0, FINE)], "prompt 0.0 twice, or unasked"),
        ([(None, FINE)], "prompt None twice, or unasked"),
        ([(0, None)], "None is no completion"),
        ([(0, FINE), (1, "text")], "'text' is no completion"),
        ([(0, Completion("a", "done"))], "is no completion"),  # type: ignore[arg-type]
        ([(0, replace(FINE, text=None))], "text=None in a completion"),  # type: ignore[arg-type]
        ([(0, replace(FINE, usage=None))], "usage=None in a completion"),  # type: ignore[arg-type]
        ([(0, replace(FINE, usage=Usage(None, 1)))], "usage=.*None"),  # type: ignore[arg-type]
        ([(0, replace(FINE, usage=Usage(cost="1")))], "usage=.*'1'"),  # type: ignore[arg-type]
        ([(0, replace(FINE, usage=Usage(cost=math.nan)))], "usage=.*nan"),
        ([(0, replace(FINE, usage=Usage(cost=math.inf)))], "usage=.*inf"),
        ([(0, replace(FINE, usage=Usage(-5, 1)))], "usage=.*-5"),
        ([(0, replace(FINE, error=KeyError("a")))], "error=KeyError"),  # type: ignore[arg-type]
        ([(0, replace(FINE, tokens=(("a", -0.5),)))], "tokens=.*-0.5"),  # type: ignore[arg-type]
        ([(0, replace(FINE, tokens=(Token("a", "b"),)))], "tokens=.*'b'"),  # type: ignore[arg-type]
    ],
)
def test_what_breaks_the_contract_is_warned_of_and_costs_no_prompt(
    told: list[tuple[object, object]], fault: str
) -> None:
    prompts = [prompt(name) for name in "abc"]
    with pytest.warns(UserWarning, match=f"breaks its contract: .*{fault}"):
        found = list(answers(Confused(told), prompts))
    assert sorted(index for index, _ in found) == [0, 1, 2]
    right = {n for n, said in told if said is FINE and type(n) is int and n in (0, 1, 2)}
    assert all(
        completion.text == ("fine" if index in right else "abc"[index])
        for index, completion in found
    )


def test_more_answers_than_prompts_leave_the_first_in_force() -> None:
    class Eager(Parrot):
        def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
            yield 0, Completion("first", "stop")
            yield 0, Completion("second", "stop")

    with pytest.warns(UserWarning, match="prompt 0 twice"):
        found = list(answers(Eager(), [prompt("a")]))
    assert found == [(0, Completion("first", "stop"))]


def test_a_log_probability_that_is_no_number_is_an_error() -> None:
    class Broken(Parrot):
        def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
            tokens = (Token("a", -0.5), Token("b", float("nan")))
            yield 0, Completion("ab", "stop", Usage(2, 2), tokens=tokens)

    ((_, completion),) = answers(Broken(), [prompt("a")])
    assert (completion.finish, completion.text) == ("error", "")
    assert completion.usage == Usage(2, 2)
    assert "not a number" in str(completion.error)


def test_turns_are_kept_in_the_order_in_which_they_were_asked() -> None:
    talks = run([turns("a", [5, 3])], Parrot())
    said = [completion.text for _, completion in talks[0].turns]
    assert said == ["a00", "a01", "a02", "a03", "a04", "a10", "a11", "a12"]


class Portions(Parrot):
    """Answers in order, two at a time; can be asked to begin no more."""

    def __init__(self) -> None:
        super().__init__()
        self.draining = False

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        self.batches.append([asked(one) for one in prompts])
        self.draining = False
        for index, one in enumerate(prompts):
            if self.draining and index % 2 == 0:
                return
            yield index, Completion(asked(one), "stop")

    def drain(self) -> None:
        self.draining = True


def stopped_after(count: int, sizes: Sequence[int], documents: str) -> set[int]:
    """Stop after so many answers; return which of five dialogues ended."""
    backend, seen = Portions(), 0

    def stop() -> bool:
        nonlocal seen
        seen += 1
        return seen > count

    dialogues = [turns(name, sizes) for name in "abcde"]
    talks = dict(converse(dialogues, backend, documents=documents, stop=stop))
    assert all(len(said(talk)) == sum(sizes) for talk in talks.values())
    return set(talks)


def test_a_stop_finishes_the_documents_that_are_begun_and_no_other() -> None:
    alone = "uvwxy"
    assert stopped_after(0, [1], alone) == set()
    assert stopped_after(1, [1], alone) == {0, 1}
    assert stopped_after(3, [1], alone) == {0, 1, 2, 3}
    assert stopped_after(9, [1], alone) == {0, 1, 2, 3, 4}
    assert stopped_after(1, [1], "uvvvw") == {0, 1, 2, 3}


def test_what_a_dialogue_raises_when_a_stop_leaves_it_is_warned_of() -> None:
    answered: list[int] = []

    class Noting(Portions):
        def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
            for index, completion in super().generate(prompts):
                answered.append(index)
                yield index, completion

    dialogues = [turns("a", [1, 1]), turns("b", [1]), clinging([prompt("c")])]
    with pytest.warns(UserWarning, match=f"a dialogue is left: {CLINGS}"):
        talks = dict(converse(dialogues, Noting(), stop=lambda: bool(answered)))
    assert set(talks) == {0, 1}


def test_a_stop_lets_dialogues_that_are_begun_hold_all_their_turns() -> None:
    assert stopped_after(1, [1, 2, 1], "uvwxy") == {0, 1}


class Attentive(Parrot):
    """Answers with the id of the document; nothing the first time, if so many are asked."""

    def __init__(self, silent: int = 0) -> None:
        super().__init__()
        self.silent = silent

    def generate_about(
        self, prompts: Sequence[Prompt], documents: Sequence[str], /
    ) -> Iterator[tuple[int, Completion]]:
        assert len(prompts) == len(documents)
        if len(prompts) != self.silent:
            yield from ((index, Completion(id, "stop")) for index, id in enumerate(documents))


@pytest.mark.parametrize("silent", [0, 4])
def test_a_backend_may_be_told_about_which_documents_it_is_asked(silent: int) -> None:
    dialogues = [turns(name, [1, 2]) for name in "ab"]
    talks = dict(converse(dialogues, Attentive(silent), documents=["x", "y"]))
    assert [[one.text for _, one in talks[index].turns] for index in (0, 1)] == [
        ["x"] * 3,
        ["y"] * 3,
    ]
    (talk,) = dict(converse([turns("a", [1])], Attentive())).values()
    assert said(talk) == ["a00"], "where no document is known, it is asked as any other"


def test_without_a_drain_a_stop_waits_for_all_that_was_asked() -> None:
    answered = 0

    def stop() -> bool:
        return answered > 0

    ended = []
    for index, _ in converse([turns(name, [1]) for name in "abc"], Parrot(), stop=stop):
        answered += 1
        ended.append(index)
    assert sorted(ended) == [0, 1, 2]


def test_what_a_backend_left_that_looks_at_no_stop_is_asked_again_all_the_same() -> None:
    backend = Faulty("stops")
    found = dict(answers(backend, [prompt(text) for text in ("a", "bad", "c")], stop=lambda: True))
    assert [found[index].finish for index in range(3)] == ["stop", "error", "stop"]


class Waiting(Parrot):
    """Answers one by one, and ends when its `stop` says so."""

    stop: Stop | None = None

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        for index, one in enumerate(prompts):
            assert self.stop is not None
            if self.stop():
                return
            yield index, Completion(asked(one), "stop")


def test_a_backend_that_waits_looks_itself_whether_to_stop() -> None:
    backend, answered = Waiting(), 0

    def stop() -> bool:
        return answered > 1

    dialogues = [turns(name, [1]) for name in "abcd"]
    for _ in converse(dialogues, backend, stop=stop):
        answered += 1
    assert answered == 2
    assert backend.stop is None, "only while it is asked"
    assert len(run([turns("a", [1, 1])], backend)) == 1


def test_what_a_backend_calls_stop_itself_is_left_alone() -> None:
    class Own(Parrot):
        stopped = 0

        def stop(self) -> None:
            self.stopped += 1

    backend, answered = Own(), 0

    def stop() -> bool:
        return answered > 0

    for _ in converse([turns(name, [1]) for name in "abc"], backend, stop=stop):
        answered += 1
    assert answered == 3, "it was asked all of them, and looks at nothing"
    assert backend.stopped == 0
    backend.stop()
    assert backend.stopped == 1


def test_text_that_no_file_can_hold_is_mended() -> None:
    class Surrogate(Parrot):
        def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
            yield 0, Completion("a\ud800b", "stop")

    ((_, completion),) = answers(Surrogate(), [prompt("q")])
    assert completion.text == "a\N{REPLACEMENT CHARACTER}b"
