"""Answers that are written side by side, and what they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("nerharness_llamacpp", reason="needs the plugin to be installed")

from nerharness.errors import RunError
from nerharness.types import Completion, Prompt
from questions import GUIDE, answer, answers, ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from nerharness_llamacpp.backend import LlamaCppBackend

    Make = Callable[..., LlamaCppBackend]


def test_an_answer_does_not_depend_on_the_prompts_before_it(
    backend: LlamaCppBackend, make: Make
) -> None:
    prompts = [ask(f"{GUIDE}\nText: {text}", 12) for text in ("Aspirin.", "Fever and gout.", "")]
    together = answers(backend, prompts)
    assert answers(backend, prompts[::-1])[::-1] == together
    assert [answer(backend, prompt) for prompt in prompts] == together
    fresh = make(n_ctx=2048, max_tokens=64)
    assert [answer(fresh, prompt) for prompt in prompts[::-1]][::-1] == together


def room(backend: LlamaCppBackend, count: int = 1) -> Any:
    """Return new slots."""
    from nerharness_llamacpp.slots import Slots

    return Slots(backend._make_context(count, 1024))


@pytest.mark.parametrize(
    "before",
    ["the same", "the same, of whole chunks", "another", "its beginning and the answer to that"],
)
@pytest.mark.parametrize("slot", [0, 2], ids=["same slot", "another slot"])
def test_a_shared_prefix_leaves_the_scores_as_they_are(
    backend: LlamaCppBackend, before: str, slot: int
) -> None:
    """To the last bit: after a warm cache they are those after a cold one."""
    warm, cold = room(backend, 3), room(backend)
    tokens = backend._encoding.encode(ask(f"{GUIDE} Fever."))
    if before == "the same, of whole chunks":
        tokens = tokens[:256]
    first = backend._encoding.encode(ask(f"{GUIDE} Aspirin.")) if before == "another" else tokens
    if before.startswith("its beginning"):
        first = tokens[:250]
    warm.read(0, first)
    for token in (28, 339, 253):
        warm.go_on([(0, token)])
    if before.startswith("its beginning"):
        tokens = [*first, 28, 339, 253, *tokens[250:260]]
        assert len(tokens) > 256
    assert (warm.read(slot, tokens) == cold.read(0, tokens)).all()
    assert (warm.go_on([(slot, 28)])[0] == cold.go_on([(0, 28)])[0]).all()


def test_a_shared_prefix_is_read_once_for_all_slots(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nerharness_llamacpp.context import Context

    read: list[int] = []
    compute = Context.compute

    def counting(context: Context, steps: Sequence[Any]) -> None:
        read.append(len(steps))
        compute(context, steps)

    monkeypatch.setattr(Context, "compute", counting)
    backend = make(n_ctx=2048, slots=3)
    prompts = [ask(f"{GUIDE} {n}.", 1) for n in range(5)]
    total = sum(completion.usage.prompt_tokens for completion in answers(backend, prompts))
    columns = zip(*(backend._encoding.encode(one) for one in prompts), strict=True)
    shared = sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))
    assert sum(read) == total - 4 * (shared - shared % 32)
    assert shared > 256


@pytest.fixture(scope="module")
def one_by_one(backend: LlamaCppBackend) -> dict[Prompt, Completion]:
    """Prompts of several lengths, and what each is answered when it is asked alone."""
    texts = [f"{GUIDE if n > 5 else ''} Write about {n}." for n in range(9)]
    asked = [replace(ask(text, 3 + n % 5), logprobs=True) for n, text in enumerate(texts)]
    return {prompt: answer(backend, prompt) for prompt in asked}


@pytest.mark.parametrize("slots", [3, 16])
def test_an_answer_does_not_depend_on_how_many_are_written_at_once(
    make: Make, one_by_one: dict[Prompt, Completion], slots: int
) -> None:
    """To the last bit of its log-probabilities."""
    backend = make(n_ctx=2048, slots=slots)
    assert answers(backend, list(one_by_one)) == list(one_by_one.values())
    assert len(backend._slots) == min(slots, 9)


def test_a_drain_ends_with_what_is_under_way(make: Make) -> None:
    backend = make(n_ctx=512, slots=2)
    found = []
    for index, _ in backend.generate([ask(f"Count from {n}.", 3 + n) for n in range(6)]):
        found.append(index)
        backend.drain()
    assert found == [0, 1]
    assert len(answers(backend, [ask("Hello", 2)])) == 1, "and it can be asked again"


def test_a_round_that_another_came_in_between_goes_on(make: Make) -> None:
    backend = make(n_ctx=512, slots=2)
    prompts = [ask(f"Count from {n} to a hundred.", 4 + 3 * n) for n in range(4)]
    whole = answers(backend, prompts)
    stream = backend.generate(prompts)
    found = dict([next(stream)])
    assert answers(backend, prompts[::-1])[::-1] == whole
    found.update(stream)
    assert [found[index] for index in range(4)] == whole


def test_a_round_that_was_left_costs_the_next_nothing(make: Make) -> None:
    backend = make(n_ctx=512, slots=2)
    prompts = [ask(f"Count from {n} to a hundred.", 4 + 3 * n) for n in range(4)]
    whole = answers(backend, prompts)
    next(backend.generate(prompts))
    assert answers(backend, prompts) == whole


def test_slots_are_made_as_they_are_needed(make: Make) -> None:
    backend = make(slots=4)
    answer(backend, ask("Hello", 8))
    assert (len(backend._slots), backend._slots.size) == (1, 256)
    answers(backend, [ask(GUIDE, 8)] * 3)
    assert (len(backend._slots), backend._slots.size) == (3, 512)
    before = backend._slots
    answers(backend, [ask("Hello", 8)] * 2)
    assert backend._slots is before


def test_where_there_is_no_room_for_all_slots_there_are_fewer(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nerharness_llamacpp.binding import llama_cpp

    begin = llama_cpp.llama_init_from_model
    most = [2]

    def poor(model: Any, parameters: Any) -> Any:
        return begin(model, parameters) if parameters.n_seq_max <= most[0] else None

    backend = make(n_ctx=512, slots=8)
    monkeypatch.setattr(llama_cpp, "llama_init_from_model", poor)
    assert len(answers(backend, [ask(f"Count from {n}.", 3) for n in range(8)])) == 8
    assert len(backend._slots) == 2
    most[0] = 0
    with pytest.raises(RunError, match=r"cannot make a context: no room for 1 x .* --n-ctx"):
        answers(backend, [ask("Hello " * 300, 3)])
