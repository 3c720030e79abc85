"""Lock step: every prompt answered once, every dialogue ended once, whatever the backend does."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import pytest

from nerharness.errors import PluginError
from nerharness.plugin import Dialogue
from nerharness.runs.dialogue import Talk, answers, converse
from nerharness.types import Completion, Mention, Message, Prompt, Reading


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


def test_a_turn_without_prompts_breaks_the_contract() -> None:
    with pytest.raises(PluginError, match="without prompts"):
        run([turns("a", [0])], Parrot())


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


@pytest.mark.parametrize("indices", [[0, 0], [5]], ids=["twice", "unasked"])
def test_answering_twice_or_unasked_breaks_the_contract(indices: list[int]) -> None:
    class Confused(Parrot):
        def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
            for index in indices:
                yield index, Completion("", "stop")

    with pytest.raises(PluginError, match="twice, or unasked"):
        list(answers(Confused(), [prompt("a"), prompt("b")]))


def test_text_that_no_file_can_hold_is_mended() -> None:
    class Surrogate(Parrot):
        def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
            yield 0, Completion("a\ud800b", "stop")

    ((_, completion),) = answers(Surrogate(), [prompt("q")])
    assert completion.text == "a\N{REPLACEMENT CHARACTER}b"
