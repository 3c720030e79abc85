"""The cache of answers: what was answered is not asked again, and nothing else comes from it."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from nerharness.errors import RunError
from nerharness.plugin import Option, Provider, hookimpl
from nerharness.plugin.host import Host
from nerharness.runs import cache as cache_module
from nerharness.runs import cached as cached_module
from nerharness.runs.cache import Cache, DamagedCacheError, parts
from nerharness.runs.cached import CachedBackend
from nerharness.runs.evaluation import prepare
from nerharness.runs.spec import Spec
from nerharness.types import Completion, Constraint, Message, Prompt, Sampling, Token, Usage


def prompt(text: str, **rest: Any) -> Prompt:
    return Prompt((Message("user", text),), **rest)


class Numbering:
    """Answers each prompt with how many it has answered; keeps what it was asked."""

    def __init__(self, **identity: str) -> None:
        self.identity = {"model": "m", **identity}
        self.abilities = frozenset({"sampling"})
        self.asked: list[Prompt] = []

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        for index, one in enumerate(prompts):
            self.asked.append(one)
            yield index, self.answer(one)

    def answer(self, one: Prompt) -> Completion:
        return Completion(f"{one.messages[-1].content} {len(self.asked)}", "stop", Usage(7, 3))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "answers.sqlite"


Over = Callable[..., CachedBackend]


@pytest.fixture
def over(file: Path) -> Over:
    """Put the cache before a backend, as a new run would."""

    def over(inner: Any, *, name: str = "b", write: bool = True, **options: Any) -> CachedBackend:
        return CachedBackend(inner, file, name=name, options=options, write=write)

    return over


def ask(backend: CachedBackend, *prompts: Prompt) -> list[Completion]:
    found = dict(backend.generate(prompts))
    return [found[index] for index in range(len(prompts))]


def test_what_was_answered_is_not_asked_again_and_costs_nothing(over: Over) -> None:
    inner = Numbering()
    first = ask(over(inner), prompt("a"), prompt("b"))
    again = ask(over(inner), prompt("b"), prompt("c"), prompt("a"))
    assert [one.messages[-1].content for one in inner.asked] == ["a", "b", "c"]
    assert [one.text for one in again] == ["b 2", "c 3", "a 1"]
    assert [one.usage for one in first] == [Usage(7, 3)] * 2
    assert [one.usage for one in again] == [Usage(cached=1), Usage(7, 3), Usage(cached=1)]


def test_a_repeated_prompt_has_answers_of_its_own_and_the_same_in_the_next_run(over: Over) -> None:
    one = prompt("a", sampling=Sampling(0.7, 1))
    inner = Numbering()
    backend = over(inner)
    drawn = [*ask(backend, one, one, one), *ask(backend, one)]
    assert [completion.text for completion in drawn] == ["a 1", "a 2", "a 3", "a 4"]
    backend = over(inner)
    again = [*ask(backend, one), *ask(backend, one, one, one, one)]
    assert [completion.text for completion in again] == ["a 1", "a 2", "a 3", "a 4", "a 5"]


def test_documents_that_are_finished_keep_their_numbers_and_leave_the_others_theirs(
    over: Over,
) -> None:
    """As when of three documents with one text the second failed, or was not finished in time."""
    one, inner, order = prompt("a"), Numbering(), ["x", "y", "z"]
    first = [said.text for said in ask(over(inner), one, one, one)]
    assert first == ["a 1", "a 2", "a 3"]
    for finished, left in (("xz", "y"), ("y", "xz"), ("x", "yz"), ("yz", "x")):
        backend = over(inner)
        backend.recall(order, [(id, prompt("a")) for id in finished])
        told = dict(backend.generate_about([one] * len(left), list(left)))
        assert [told[place].text for place in range(len(left))] == [
            first[order.index(id)] for id in left
        ]
    assert len(inner.asked) == 3


def test_what_is_recalled_and_what_is_asked_about_reaches_the_backend_behind(over: Over) -> None:
    class Attentive(Numbering):
        def generate_about(
            self, prompts: Sequence[Prompt], documents: Sequence[str], /
        ) -> Iterator[tuple[int, Completion]]:
            for index, id in enumerate(documents):
                yield index, Completion(id, "stop")

        def recall(self, order: Sequence[str], asked: Any, /) -> None:
            self.told = [*order, next(iter(asked))[0]]

    inner = Attentive()
    backend = over(inner)
    backend.recall(["x", "y", "z"], [("x", prompt("a")), ("y", prompt("b"))])
    assert inner.told == ["x", "y", "z", "x"]
    ask(over(inner), prompt("b"), prompt("b"))
    told = dict(backend.generate_about([prompt("a"), prompt("b"), prompt("c")], ["z", "z", "x"]))
    assert [told[place].text for place in range(3)] == ["z", "b 2", "x"]


WHOLE = Prompt(
    (Message("system", "s"), Message("user", "u")),
    9,
    Constraint("start: A", {"type": "object", "properties": {"a": {}, "b": {}}}),
    "p",
    Sampling(0.5, 1),
    True,
    "start: C",
)
OTHERS = {
    "messages": [(Message("system", "su"), Message("user", "")), (Message("user", "u"),)],
    "max_tokens": [8, None],
    "constraint": [
        None,
        Constraint("start: B", WHOLE.constraint.schema if WHOLE.constraint else None),
        Constraint("start: A"),
        Constraint("start: A", {"type": "object", "properties": {"b": {}, "a": {}}}),
    ],
    "prefix": ["", "q"],
    "sampling": [None, Sampling(0.5, 2), Sampling(0.6, 1)],
    "logprobs": [False],
    "ending": [None, "start: D"],
    "reasoning_tokens": [9],
}


def test_every_field_of_a_prompt_is_part_of_its_key(over: Over) -> None:
    assert set(OTHERS) == {field.name for field in fields(Prompt)}, "a new field needs a case"
    others = [replace(WHOLE, **{name: value}) for name, all in OTHERS.items() for value in all]
    inner = Numbering()
    ask(over(inner), WHOLE)
    found = ask(over(inner), *others)
    assert all(one.usage == Usage(7, 3) for one in found)
    assert all(one.usage == Usage(cached=1) for one in ask(over(inner), WHOLE, *others))


def test_another_backend_model_or_option_is_asked(over: Over) -> None:
    ask(over(Numbering(revision="1"), top=1), prompt("a"))
    for inner, name, options in (
        (Numbering(revision="1"), "other", {"top": 1}),
        (Numbering(revision="2"), "b", {"top": 1}),
        (Numbering(), "b", {"top": 1}),
        (Numbering(revision="1"), "b", {"top": 2}),
    ):
        assert ask(over(inner, name=name, **options), prompt("a"))[0].usage == Usage(7, 3)
    inner = Numbering(revision="1")
    assert ask(over(inner, top=1), prompt("a"))[0].usage == Usage(cached=1)


def test_tokens_finish_and_text_come_back_as_they_were(over: Over) -> None:
    class Weighing(Numbering):
        def answer(self, one: Prompt) -> Completion:
            tokens = (Token("Sjö", -0.25), Token("🧬\n", float("-inf")))
            return Completion("Sjö🧬\n", "length", Usage(7, 3), tokens=tokens)

    (first,) = ask(over(Weighing()), prompt("a"))
    (again,) = ask(over(Numbering()), prompt("a"))
    assert again == replace(first, usage=Usage(cached=1))


def test_errors_are_never_kept(over: Over) -> None:
    class Failing(Numbering):
        def answer(self, one: Prompt) -> Completion:
            nan = (Token("x", float("nan")),)
            return {
                "error": Completion("", "error", error="out of luck"),
                "nan": Completion("x", "stop", tokens=nan),
                "fine": Completion("x", "filtered"),
            }[one.messages[-1].content]

    prompts = [prompt(name) for name in ("error", "nan", "fine")]
    found = ask(over(Failing()), *prompts)
    assert [one.finish for one in found] == ["error", "error", "filtered"]
    again = ask(over(Numbering()), *prompts)
    assert [one.usage.cached for one in again] == [0, 0, 1]


def test_a_backend_that_fails_costs_no_answer_and_no_repeat(over: Over) -> None:
    class Flaky(Numbering):
        def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
            if len(prompts) > 1:
                yield from super().generate(prompts[:1])
                raise RuntimeError("out of memory")
            yield from super().generate(prompts)

    backend = over(Flaky())
    assert [one.text for one in ask(backend, *[prompt("a")] * 3)] == ["a 1", "a 2", "a 3"]
    assert [one.usage.cached for one in ask(over(Numbering()), *[prompt("a")] * 4)] == [1, 1, 1, 0]


def test_prompts_that_are_left_can_be_asked_again(over: Over) -> None:
    inner = Numbering()
    backend = over(inner)
    for _, completion in backend.generate([prompt("a"), prompt("b")]):
        assert completion.text == "a 1"
        break
    assert ask(backend, prompt("b"))[0].text == "b 2"
    assert ask(over(inner), prompt("b"))[0].text == "b 2"


def test_a_drain_reaches_the_backend_that_is_asked(over: Over) -> None:
    class Draining(Numbering):
        drained = False

        def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
            for answered in super().generate(prompts):
                yield answered
                if self.drained:
                    return

        def drain(self) -> None:
            self.drained = True

    backend = over(Draining())
    found = []
    for index, _ in backend.generate([prompt(name) for name in "abcd"]):
        found.append(index)
        if index == 1:
            backend.drain()
    assert found == [0, 1]


def test_read_takes_answers_and_keeps_none(over: Over, file: Path) -> None:
    inner = Numbering()
    ask(over(inner, write=False), prompt("a"))
    assert not file.exists()
    ask(over(inner), prompt("a"))
    found = ask(over(inner, write=False), prompt("a"), prompt("b"))
    assert [one.usage.cached for one in found] == [1, 0]
    assert [one.answers for one in Cache(file).held()] == [1]


def test_what_the_backend_says_of_itself_is_passed_on(over: Over) -> None:
    inner = Numbering(revision="1")
    backend = over(inner)
    assert backend.identity == inner.identity
    assert backend.abilities == {"sampling"}
    assert backend.observed == {}
    ask(backend, prompt("a"), prompt("b"))
    assert backend.observed == {"cache": {"cached": 0, "asked": 2}}
    inner.observed = {"who": "me"}  # type: ignore[attr-defined]
    backend = over(inner)
    ask(backend, prompt("a"), prompt("c"))
    assert backend.observed == {"who": "me", "cache": {"cached": 1, "asked": 1}}


def test_the_file_is_for_its_owner_alone(over: Over, file: Path) -> None:
    ask(over(Numbering()), prompt("a"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert all(stat.S_IMODE(part.stat().st_mode) & 0o077 == 0 for part in parts(file))
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_the_file_holds_answers_and_no_prompt(over: Over, file: Path) -> None:
    class Terse(Numbering):
        def answer(self, one: Prompt) -> Completion:
            return Completion("the-answer", "stop")

    ask(over(Terse()), prompt("the-question"))
    held = b"".join(part.read_bytes() for part in parts(file))
    assert b"the-answer" in held
    assert b"the-question" not in held


@pytest.mark.parametrize(
    "damage", [b"not a database" * 100, b"SQLite format 3\x00" + b"\xff" * 900]
)
def test_a_damaged_file_is_put_aside_with_a_warning_and_the_run_goes_on(
    over: Over, file: Path, damage: bytes
) -> None:
    inner = Numbering()
    file.parent.mkdir()
    file.write_bytes(damage)
    with pytest.warns(UserWarning, match=r"answers\.sqlite is damaged.*answers\.sqlite\.damaged"):
        backend = over(inner)
    assert ask(backend, prompt("a"))[0].text == "a 1"
    assert file.with_name("answers.sqlite.damaged").read_bytes() == damage
    assert ask(over(inner), prompt("a"))[0].usage == Usage(cached=1)


def test_a_file_that_is_damaged_on_the_way_is_put_aside(over: Over, file: Path) -> None:
    inner = Numbering()
    ask(over(inner), *(prompt(str(number)) for number in range(500)))
    size = file.stat().st_size
    assert size > 20_000
    with file.open("r+b") as stream:  # all pages but the first
        stream.seek(4096)
        stream.write(b"\xff" * (size - 4096))
    backend = over(inner)
    with pytest.warns(UserWarning, match="put aside"):
        found = ask(backend, *(prompt(str(number)) for number in range(500)))
    assert [one.text.split()[0] for one in found] == [str(number) for number in range(500)]
    assert ask(over(inner), prompt("499"))[0].usage == Usage(cached=1)


def test_a_damaged_file_that_is_only_read_stays_where_it_is(over: Over, file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"not a database" * 100)
    with pytest.warns(UserWarning, match="goes on without the cache"):
        backend = over(Numbering(), write=False)
    assert ask(backend, prompt("a"))[0].text == "a 1"
    assert file.read_bytes() == b"not a database" * 100


def test_an_answer_that_was_changed_in_the_file_is_asked_anew(over: Over, file: Path) -> None:
    inner = Numbering()
    ask(over(inner), prompt("a"))
    with sqlite3.connect(file) as db:
        assert db.execute("UPDATE answers SET value = replace(value, 'a', 'b')").rowcount == 1
    db.close()
    assert ask(over(inner), prompt("a"))[0].text == "a 2"
    assert ask(over(inner), prompt("a"))[0].text == "a 2", "and put in its place"


def test_a_folder_that_cannot_be_made_costs_the_cache_and_not_the_run(
    over: Over, file: Path
) -> None:
    file.parent.write_text("a file")
    with pytest.warns(UserWarning, match="goes on without the cache"):
        backend = over(Numbering())
    assert ask(backend, prompt("a"))[0].text == "a 1"


def test_a_full_disk_costs_the_cache_and_not_the_run(over: Over, file: Path) -> None:
    class Chatty(Numbering):
        def answer(self, one: Prompt) -> Completion:
            return Completion("x" * 100_000, "stop")

    backend = over(Chatty())
    assert backend._cache is not None
    backend._cache._db.execute("PRAGMA max_page_count = 10")
    with pytest.warns(UserWarning, match="goes on without the cache: .*is full"):
        found = ask(backend, prompt("a"), prompt("b"))
    assert [len(one.text) for one in found] == [100_000] * 2


@pytest.mark.parametrize("opened", [True, False])
def test_a_file_that_another_holds_for_too_long_costs_the_cache_for_a_while_and_not_the_run(
    over: Over, file: Path, monkeypatch: pytest.MonkeyPatch, opened: bool
) -> None:
    monkeypatch.setattr(cache_module, "_WAIT", 0.01)
    if opened:
        backend = over(Numbering())
    else:
        file.parent.mkdir()
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.warns(UserWarning, match="goes on without the cache for a while: .*locked"):
        backend = backend if opened else over(Numbering())
        assert ask(backend, prompt("a"))[0].text == "a 1"
    other.execute("ROLLBACK")
    assert ask(backend, prompt("b"))[0].text == "b 2"
    later = time.monotonic() + cached_module.PAUSE
    monkeypatch.setattr("time.monotonic", lambda: later)
    assert ask(backend, prompt("c"))[0].text == "c 3"
    assert [one.answers for one in Cache(file).held()] == [1]
    other.close()


def test_a_new_file_that_another_is_making_is_waited_for(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself says at once that it is locked."""
    file.parent.mkdir()
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 3:
            other.execute("ROLLBACK")

    monkeypatch.setattr("time.sleep", nap)
    cache = Cache(file)
    assert len(naps) == 3
    assert cache.held() == []
    other.close()


def fill(file: Path, first: int, count: int) -> None:
    """Put answers into the file, as another process."""
    cache = Cache(file)
    for number in range(first, first + count):
        cache.put(f"{number % 700}", 0, Completion(str(number), "stop"), backend="b", model="m")
    cache.close()
    os._exit(0)


def end_of(*workers: multiprocessing.process.BaseProcess) -> list[int | None]:
    """Begin the processes, and wait for them; returns their exit codes."""
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    return [worker.exitcode for worker in workers]


def test_several_processes_make_one_file_at_once(file: Path) -> None:
    context = multiprocessing.get_context("fork")
    for round in range(6):
        gate = context.Barrier(6)
        made = file.with_name(str(round)) / file.name

        def make(first: int, made: Path = made, gate: Any = gate) -> None:
            gate.wait(60)
            fill(made, first, 1)

        assert end_of(*(context.Process(target=make, args=(n,)) for n in range(6))) == [0] * 6
        assert [one.answers for one in Cache(made).held()] == [6]


def test_two_processes_write_one_file_at_once(file: Path) -> None:
    Cache(file).close()
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=fill, args=(file, first, 600)) for first in (0, 400)]
    assert end_of(*workers) == [0, 0]
    cache = Cache(file)
    assert [one.answers for one in cache.held()] == [700]
    for key in range(700):
        found = cache.get(str(key), 0)
        assert found is not None
        assert int(found.text) % 700 == key
    cache.close()


@pytest.fixture
def aged(file: Path, monkeypatch: pytest.MonkeyPatch) -> Cache:
    """Ten answers of about 1 kB, made at 0, 100, 200 … seconds; those from 500 on by another."""
    cache = Cache(file)
    for number in range(10):
        monkeypatch.setattr("time.time", lambda number=number: number * 100.0)
        said = Completion("x" * 1000, "stop")
        backend = "old" if number < 5 else "new"
        cache.put(str(number), 0, said, backend=backend, model="m")
    return cache


def kept(cache: Cache) -> list[int]:
    return [number for number in range(10) if cache.get(str(number), 0)]


def test_what_is_held_is_counted_by_backend_and_model(aged: Cache) -> None:
    new, old = aged.held()
    assert (new.backend, new.model, new.answers, new.oldest, new.newest) == (
        "new",
        "m",
        5,
        500,
        900,
    )
    assert (old.backend, old.answers, old.oldest, old.newest) == ("old", 5, 0, 400)
    assert 5_000 < old.size < 5_500


def test_pruning_removes_what_is_old_and_then_the_oldest(aged: Cache, file: Path) -> None:
    assert aged.prune(before=250) == 3
    assert kept(aged) == [3, 4, 5, 6, 7, 8, 9]
    assert aged.prune(size=4_400) == 3
    assert kept(aged) == [6, 7, 8, 9]
    assert aged.prune(before=650, size=1_000_000) == 1
    assert aged.prune(size=1_000_000) == 0
    before = sum(part.stat().st_size for part in parts(file))
    assert aged.prune(size=0) == 3
    assert sum(part.stat().st_size for part in parts(file)) < before
    assert b"xxxxxxxx" not in b"".join(part.read_bytes() for part in parts(file))


def test_a_damaged_file_is_an_error_for_who_asks_for_it(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"not a database" * 100)
    with pytest.raises(DamagedCacheError, match=r"damaged: .*cache clear"):
        Cache(file)
    file.unlink()
    file.mkdir()
    with pytest.raises(RunError):
        Cache(file)


def test_options_that_decide_nothing_do_not_part_answers(host: Host, own_cache: Path) -> None:
    made: list[Numbering] = []

    def make(**options: object) -> Numbering:
        made.append(Numbering())
        return made[-1]

    @hookimpl
    def nerharness_backends() -> dict[str, Provider]:
        options = (
            Option("heat", int, 0, "decides"),
            Option("patience", int, 0, "decides nothing", decides=False),
        )
        return {"numbering": Provider(make, "numbers", options=options)}

    host.register(type("Module", (), {"nerharness_backends": staticmethod(nerharness_backends)}),
                  package="tests")  # fmt: skip
    spec = Spec(backend="numbering", strategy="zero-shot", retriever="random", limit=3)

    def asked(**options: int) -> int:
        evaluation = prepare(replace(spec, options=options), host, cache="on")
        records = list(evaluation.records())
        assert len(records) == 3
        assert sum(record.usage.cached for record in records) + len(made[-1].asked) == units
        return len(made[-1].asked)

    units = prepare(spec, host).steps()
    assert asked(heat=1) == units
    assert asked(heat=1, patience=5) == 0
    assert asked(heat=2) == units
    assert (own_cache / "answers" / "answers.sqlite").is_file()


def test_openai_answers_are_the_same_however_patiently_they_are_waited_for(host: Host) -> None:
    options = {option.name: option for option in host.find("backends", "openai").options}
    deciding = {name for name, option in options.items() if option.decides}
    assert {"model", "base_url", "max_tokens"} <= deciding
    assert {"concurrency", "request_timeout", "deadline", "retries", "api_key_env"}.isdisjoint(
        deciding
    )
