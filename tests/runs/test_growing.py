"""Backends that take up prompts as they come: nobody waits for the slowest, the rest is as ever."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nerharness.align import Aligner
from nerharness.formats.json_list import JsonList
from nerharness.plugin import Dialogue, Task
from nerharness.runs import engine as engine_module
from nerharness.runs.cached import CachedBackend
from nerharness.runs.dialogue import Stop, Talk, converse, never
from nerharness.runs.engine import WINDOW, Engine
from nerharness.runs.record import Record
from nerharness.segment import segment
from nerharness.strategies.zero_shot import ZeroShot
from nerharness.types import Completion, Example, Label, LabelSet, Mention, Message, Prompt, Reading


def turns(name: str, sizes: Sequence[int]) -> Dialogue:
    """Hold as many turns as there are sizes, each with so many prompts; return all the answers."""
    said: list[Mention] = []
    for turn, size in enumerate(sizes):
        texts = [f"{name}:{turn}{slot}" for slot in range(size)]
        completions = yield [Prompt((Message("user", text),)) for text in texts]
        said += [Mention(completion.text, "x") for completion in completions]
    return Reading(tuple(said))


class Growing:
    """Echoes prompts as they come, so many at once, in an order by `chance`; `slow` ones last.

    It ends when it has nothing to do, and by chance before. Notes what it was given at once.
    """

    grows = True
    window = 8

    def __init__(self, *, slots: int = 4, slow: str = "no one", seed: int | None = None) -> None:
        self.identity = {"model": "growing"}
        self.slots = slots
        self.slow = slow
        self.chance = random.Random(seed)
        self.ends = seed is not None
        self.calls: list[list[str]] = []
        self.asked: list[str] = []

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        self.calls.append([said(prompt) for prompt in prompts])
        first, taken = len(prompts), 0
        busy: list[int] = []
        while True:
            while len(busy) < self.slots and taken < len(prompts):
                self.asked.append(said(prompts[taken]))
                busy.append(taken)
                taken += 1
            quick = [place for place in busy if self.slow not in said(prompts[place])]
            if not busy:
                return
            place = self.chance.choice(quick or busy)
            busy.remove(place)
            yield place, self.answer(prompts[place])
            if self.ends and taken >= first and not busy and self.chance.random() < 0.3:
                return

    def answer(self, prompt: Prompt) -> Completion:
        return Completion(said(prompt), "stop")


def said(prompt: Prompt) -> str:
    return prompt.messages[-1].content


def hold(
    backend: Growing, sizes: Sequence[Sequence[int]], room: int = 8, stop: Stop = never
) -> dict[int, Talk]:
    """Hold dialogues of these turns; checks that each ends once, and that few are held at once."""
    begun, ended = 0, dict[int, Talk]()

    def dialogues() -> Iterator[Dialogue]:
        nonlocal begun
        for number, one in enumerate(sizes):
            begun += 1
            assert begun - len(ended) <= room
            yield turns(f"d{number}", one)

    for index, talk in converse(dialogues(), backend, room=room, stop=stop):
        assert index not in ended
        ended[index] = talk
    return ended


def heard(talk: Talk) -> list[str]:
    assert talk.reading is not None
    return [mention.text for mention in talk.reading.mentions]


def expected(number: int, sizes: Sequence[int]) -> list[str]:
    return [f"d{number}:{turn}{slot}" for turn, size in enumerate(sizes) for slot in range(size)]


def test_one_that_is_slow_holds_up_nobody() -> None:
    backend = Growing(slow="d0:00")
    ended = hold(backend, [[1]] * 40)
    assert list(ended)[-1] == 0, "all others had ended by then"
    assert len(ended) == 40
    assert len(backend.calls) == 1


def test_later_turns_do_not_wait_for_one_another() -> None:
    backend = Growing(slow="d0:00")
    ended = hold(backend, [[1, 2, 1]] * 6)
    assert list(ended)[-1] == 0
    assert backend.asked[-1] == "d0:20"
    first = backend.asked.index("d0:10")
    assert all(backend.asked.index(f"d{number}:20") < first for number in range(1, 6))


@pytest.mark.parametrize("seed", range(30))
def test_every_dialogue_is_held_once_and_whole_whenever_the_backend_ends(seed: int) -> None:
    chance = random.Random(seed)
    sizes = [[chance.randint(1, 3) for _ in range(chance.randint(0, 3))] for _ in range(50)]
    backend = Growing(slots=chance.randint(1, 9), seed=seed)
    ended = hold(backend, sizes)
    assert {index: heard(talk) for index, talk in ended.items()} == {
        index: expected(index, one) for index, one in enumerate(sizes)
    }
    assert len(backend.asked) == len(set(backend.asked)) == sum(map(sum, sizes))


def test_what_comes_too_late_is_asked_together() -> None:
    class Deaf(Growing):
        def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
            return super().generate(list(prompts))

    backend = Deaf()
    ended = hold(backend, [[1, 1]] * 16)
    assert {index: heard(talk) for index, talk in ended.items()} == {
        index: expected(index, [1, 1]) for index in range(16)
    }
    assert [len(call) for call in backend.calls] == [8] * 4


class Faulty(Growing):
    """Fails in a stated way where a prompt is about `d13`."""

    def __init__(self, way: str) -> None:
        super().__init__()
        self.way = way

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        for place, completion in super().generate(prompts):
            if not completion.text.startswith("d13:"):
                yield place, completion
            elif self.way == "raises":
                raise RuntimeError("out of memory")
            elif self.way == "stops":
                return


@pytest.mark.parametrize("way", ["raises", "stops", "skips"])
def test_a_prompt_that_fails_does_so_alone(way: str) -> None:
    ended = hold(Faulty(way), [[1, 1]] * 30)
    assert len(ended) == 30
    for index, talk in ended.items():
        if index == 13:
            assert talk.error is not None
        else:
            assert heard(talk) == expected(index, [1, 1])


def test_a_stop_finishes_what_is_begun_and_begins_no_more() -> None:
    answered = 0

    class Counting(Growing):
        def answer(self, prompt: Prompt) -> Completion:
            nonlocal answered
            answered += 1
            return super().answer(prompt)

    backend = Counting()
    ended = hold(backend, [[1, 1]] * 100, stop=lambda: answered >= 20)
    assert all(heard(talk) == expected(index, [1, 1]) for index, talk in ended.items())
    assert len(ended) < 30
    assert {name.partition(":")[0] for name in backend.asked} == {f"d{index}" for index in ended}


@pytest.mark.parametrize("answered", range(1, 30))
def test_a_document_that_is_begun_is_finished_with_what_had_not_come_yet(answered: int) -> None:
    backend = Growing()
    documents: list[str] = []

    def dialogues() -> Iterator[Dialogue]:
        for name in "abcd":
            for number in range(20):
                documents.append(name)
                yield turns(f"{name}{number}", [1])

    def stop() -> bool:
        return len(ended) >= answered

    ended: list[str] = []
    for index, _ in converse(dialogues(), backend, documents=documents, room=8, stop=stop):
        ended.append(documents[index])
    assert ended.count("a") == 20
    assert {ended.count(name) for name in "bcd"} <= {0, 20}
    assert len(documents) <= len(ended) + 8 + 1, "nothing else was taken up"


def examples(size: int) -> list[Example]:
    texts = [f"Case {n} is here. It is {n + 1000}. The end of {n}." for n in range(size)]
    return [Example(segment(f"n{n}", text), ()) for n, text in enumerate(texts)]


class Naming(Growing):
    """Names the last word of each text."""

    def answer(self, prompt: Prompt) -> Completion:
        word = said(prompt).split()[-1].strip(".")
        return Completion(f'[{{"text": "{word}", "label": "num"}}]', "stop")


class InTurn(Naming):
    """Is given a round at a time."""

    grows = False


Labelling = Callable[[Any, Sequence[Example]], list[Record]]


@pytest.fixture
def label(monkeypatch: pytest.MonkeyPatch) -> Labelling:
    """Label documents with a backend, two windows in a long round; the records by number."""
    monkeypatch.setattr(engine_module, "_LONG", 2)

    def label(backend: Any, documents: Sequence[Example]) -> list[Record]:
        task = Task(LabelSet((Label("num"),)), JsonList())
        records = list(Engine(ZeroShot(), task, backend, Aligner(), "sentence").run(documents))
        return sorted(records, key=lambda record: int(record.id[1:]))

    return label


def test_the_records_are_those_of_rounds(label: Labelling) -> None:
    documents = [*examples(150), Example(segment("n150", " \n "), ())]
    backend = Naming(slow="Case 0 ", seed=3)
    found = label(backend, documents)
    assert found == label(InTurn(), documents)
    assert len(found) == 151
    assert max(map(len, backend.calls)) <= WINDOW + 2


def test_the_cache_lets_prompts_come_too(label: Labelling, tmp_path: Path) -> None:
    def over(inner: Growing) -> CachedBackend:
        return CachedBackend(inner, tmp_path / "answers", name="b", options={}, write=True)

    documents = examples(150)
    right = label(InTurn(), documents)
    half = Naming(seed=1)
    label(over(half), documents[::2])
    rest = Naming(slow="Case 1 ", seed=2)
    found = label(over(rest), documents)
    assert [replace(record, usage=right[0].usage) for record in found] == right
    assert len(rest.asked) == len(half.asked) == 3 * 75
    none = Naming()
    again = label(over(none), documents)
    assert none.asked == []
    assert all(record.usage.cached == 3 for record in again)
