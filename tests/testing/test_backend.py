"""`check_backend` passes a sound backend, and finds each fault of one that is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from testing import sound

from nerharness.testing import check_backend
from nerharness.types import Completion, Prompt, Token, Usage

pytest.importorskip("llguidance")

Method = Callable[..., Any]


def test_a_sound_backend_passes() -> None:
    check_backend(sound.Backend())


def test_one_that_grows_and_can_be_stopped_passes() -> None:
    changes = {**growing(side_by_side), "stop": None, "budget": None, "folder": None}
    backend = type("Growing", (sound.Backend,), changes)()
    check_backend(backend)
    assert backend.stop is None


def test_one_that_has_answered_all_before_any_is_added_passes_if_it_is_so_but_once() -> None:
    class Quick(sound.Backend):
        grows = True
        calls = 0

        def generate(self, prompts: Sequence[Prompt], /) -> Iterator[Any]:
            self.calls += len(prompts) == 8
            quick = self.calls % 2
            yield from side_by_side(self, list(prompts) if quick else prompts)  # type: ignore[arg-type]

    check_backend(Quick())


def test_one_that_does_not_promise_the_same_answer_passes_if_that_is_said() -> None:
    class Moody(sound.Backend):
        draw = Random(1)

        def seed(self, text: str, prompt: Prompt) -> str:
            return str(self.draw.random())

    check_backend(Moody(), repeatable=False)
    with pytest.raises(AssertionError, match="same alone"):
        check_backend(Moody())


def answered(change: Callable[[Completion, Prompt], Any]) -> dict[str, Method]:
    """Change every answer."""

    def answer(self: sound.Backend, prompt: Prompt) -> Any:
        return change(sound.Backend.answer(self, prompt), prompt)

    return {"answer": answer}


def generated(change: Callable[[list[Any]], Any]) -> dict[str, Method]:
    """Change the list of what is yielded."""

    def generate(self: sound.Backend, prompts: Sequence[Prompt], /) -> Iterator[Any]:
        yield from change(list(sound.Backend.generate(self, prompts)))

    return {"generate": generate}


def unchecked(answer: Completion, prompt: Prompt) -> Completion:
    return replace(answer, tokens=None) if prompt.logprobs else answer


def failing_all(self: sound.Backend, prompts: Sequence[Prompt], /) -> Iterator[Any]:
    for index, prompt in enumerate(prompts):
        if sum(len(turn.content) for turn in prompt.messages) > 50_000:
            raise RuntimeError("too long")
        yield index, self.answer(prompt)


def stuck(self: sound.Backend, prompts: Sequence[Prompt], /) -> Iterator[Any]:
    if getattr(self, "busy", False):
        raise RuntimeError("still busy")
    self.busy = True  # type: ignore[attr-defined]
    for index, prompt in enumerate(prompts):
        yield index, self.answer(prompt)
    self.busy = False  # type: ignore[attr-defined]


def growing(change: Callable[[sound.Backend, list[Prompt]], Any]) -> dict[str, Any]:
    """Answer by a function of the list that grows."""

    def generate(self: sound.Backend, prompts: Sequence[Prompt], /) -> Iterator[Any]:
        yield from change(self, prompts)  # type: ignore[arg-type]

    return {"grows": True, "generate": generate}


def side_by_side(self: sound.Backend, prompts: list[Prompt]) -> Iterator[Any]:
    taken = 0
    while taken < len(prompts):
        yield taken, self.answer(prompts[taken])
        taken += 1


def newest_only(self: sound.Backend, prompts: list[Prompt]) -> Iterator[Any]:
    first = len(prompts)
    for index in range(first):
        if len(prompts) == first:
            yield index, self.answer(prompts[index])
    for index in range(first, len(prompts)):
        yield index, self.answer(prompts[index])


def by_another_place(self: sound.Backend, prompts: list[Prompt]) -> Iterator[Any]:
    first = len(prompts)
    yield from ((index, self.answer(prompts[index])) for index in range(first))
    yield from ((index, self.answer(prompts[0])) for index in range(first, len(prompts)))


def stuck_when_stopped(self: sound.Backend, prompts: Sequence[Prompt], /) -> Iterator[Any]:
    self.over = getattr(self, "over", False) or bool(self.stop and self.stop())  # type: ignore[attr-defined]
    if not self.over:  # type: ignore[attr-defined]
        yield from sound.Backend.generate(self, prompts)


def as_controls(self: sound.Backend, text: str) -> list[str]:
    return list(text.replace("<|im_end|>", "\0"))


def counting(self: sound.Backend) -> dict[str, str]:
    self.calls = getattr(self, "calls", 0) + 1  # type: ignore[attr-defined]
    return {"calls": str(self.calls)}


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "no abilities": ({"abilities": None}, "name a frozenset out of grammar, logprobs"),
    "unknown ability": ({"abilities": frozenset({"magic"})}, "known ones"),
    "identity is no mapping": ({"identity": "words"}, "return a mapping of str to str"),
    "identity is not text": ({"identity": {"size": 3}}, "return a mapping of str to str"),
    "identity has a key": ({"identity": {"url": "x?key=hush-hush-hush"}}, "identity shows"),
    "identity changes": ({"identity": property(counting)}, "tell what is learnt"),
    "repr has a key": ({"__repr__": lambda self: "hush-hush-hush"}, r"repr\(\) shows"),
    "observed is no JSON": ({"observed": {"x": object()}}, "cannot be written as JSON"),
    "observed has a key": ({"observed": {"x": "hush-hush-hush"}}, "observed shows"),
    "observed is no mapping": ({"observed": [1]}, "return a mapping"),
    "answers nobody": (
        generated(lambda found: found or [(0, Completion("", "stop"))]),
        "yield nothing for an empty list",
    ),
    "loses one": (generated(lambda found: found[1:]), r"no completion for prompts \[\d"),
    "answers twice": (generated(lambda found: found + found[:1]), "answered twice"),
    "counts from one": (generated(lambda found: [(n + 1, c) for n, c in found]), "is no index"),
    "yields no pairs": (generated(lambda found: [c for _, c in found]), "yield pairs"),
    "yields texts": (answered(lambda answer, _: answer.text), "is no Completion"),
    "mixes up answers": (
        generated(
            lambda found: [(n, c) for (n, _), (_, c) in zip(found, found[::-1], strict=True)]
        ),
        "under its own prompt's index",
    ),
    "ends as it likes": (
        answered(lambda answer, _: replace(answer, finish="done")),
        "finish is one of",
    ),
    "fails without a reason": (
        answered(lambda answer, _: Completion("", "error")),
        "say in `error`",
    ),
    "fails with a text": (
        answered(lambda answer, _: Completion("x", "error", error="no")),
        "leave `text` empty",
    ),
    "fails with a key": (
        answered(lambda answer, _: Completion("", "error", error="bad key hush-hush-hush")),
        "error shows a secret",
    ),
    "stops with an error": (
        answered(lambda answer, _: replace(answer, error="well")),
        'for finish "error" alone',
    ),
    "counts below zero": (
        answered(lambda answer, _: replace(answer, usage=Usage(-1, 0))),
        "`prompt_tokens` is a count, not -1",
    ),
    "costs that are no number": (
        answered(lambda answer, _: replace(answer, usage=Usage(cost=float("nan")))),
        "`cost` is in US dollars or None, not nan",
    ),
    "always weighs": (
        answered(lambda answer, _: replace(answer, tokens=())),
        "only if `logprobs` asks",
    ),
    "heeds no limit": ({"limit": lambda self, prompt: 20}, "stop after 1 tokens"),
    "has no own limit": (
        answered(
            lambda answer, prompt: (
                answer if prompt.max_tokens else Completion("", "error", error="how many?")
            )
        ),
        "limit of the backend's own",
    ),
    "raises for one": ({"generate": failing_all}, "too long"),
    "cuts in silence": ({"encode": lambda self, text: list(text)[: sound.CONTEXT]}, "in silence"),
    "is ASCII only": (
        answered(
            lambda answer, prompt: (
                answer
                if prompt.messages[-1].content.isascii()
                else Completion("", "error", error="not ASCII")
            )
        ),
        "Any Unicode text",
    ),
    "reads controls": ({"encode": as_controls}, "20 times '<|im_end|>' took"),
    "knows users only": (
        answered(
            lambda answer, prompt: (
                answer if len(prompt.messages) == 1 else Completion("", "error", error="one turn")
            )
        ),
        "take all roles",
    ),
    "is stuck": ({"generate": stuck}, "closed early leaves the backend usable"),
    "has a stop of its own": ({"stop": lambda self: None}, "begin with `stop = None`"),
    "has a folder of its own": ({"folder": "models"}, "another name for models, which is left"),
    "stops for good": (
        {"stop": None, "generate": stuck_when_stopped},
        r"With a `stop`.*\n.*no completion for prompts \[0, 1",
    ),
    "grows by a number": ({"grows": 3}, "`grows` is True, or False; it is 3"),
    "grows in vain": ({"grows": True}, "nothing that was added has been answered"),
    "leaves the old": (growing(newest_only), r"what was there from the beginning, too: prompts \["),
    "answers the first again": (growing(by_another_place), "under its own place in the list"),
    "follows no grammar": (
        {"tokens": lambda self, prompt, draw: ["well", "then"]},
        "hold the answer to",
    ),
    "repairs grammars": (
        answered(
            lambda answer, prompt: (
                Completion("", "stop") if answer.finish == "error" and prompt.constraint else answer
            )
        ),
        'answer with finish "error"',
    ),
    "repeats the prefix": (
        answered(
            lambda answer, prompt: (
                replace(answer, text=prompt.prefix + answer.text) if not prompt.logprobs else answer
            )
        ),
        "leave the given beginning out",
    ),
    "starts grammars again": (
        {
            "tokens": lambda self, prompt, draw: sound.Backend.tokens(
                self, replace(prompt, prefix="") if prompt.constraint else prompt, draw
            )
        },
        "after 'nay ' 'sir'",
    ),
    "reads no prefix": (
        {"answer": lambda self, p: sound.Backend.answer(self, replace(p, prefix=""))},
        "put the beginning before the model",
    ),
    "draws nothing": ({"seed": lambda self, text, prompt: text}, "six seeds all gave"),
    "draws as it likes": (
        {"seed": lambda self, text, p: str(id(object()) + _next()) if p.sampling else text},
        "draw by the prompt's seed",
    ),
    "weighs nothing": (answered(unchecked), "give `tokens` where"),
    "weighs other tokens": (
        answered(
            lambda answer, p: replace(answer, tokens=(Token("x", -1.0),)) if p.logprobs else answer
        ),
        "must make up the text",
    ),
    "weighs with NaN": (
        answered(
            lambda answer, p: (
                replace(answer, tokens=(Token(answer.text, float("nan")),))
                if p.logprobs
                else answer
            )
        ),
        "number up to 0",
    ),
}

_numbers = iter(range(10**9))


def _next() -> int:
    return next(_numbers)


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found(fault: str) -> None:
    changes, advice = FAULTS[fault]
    broken = type("Broken", (sound.Backend,), changes)()
    with pytest.raises(AssertionError, match=r"Broken breaks \d+ rules? of Backend") as found:
        check_backend(broken, secrets=["hush-hush-hush"])
    assert re.search(advice, str(found.value)), found.value


def test_a_secret_of_the_environment_is_not_shown_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORDS_API_KEY", "hush-hush-hush")
    leaky = type("Leaky", (sound.Backend,), {"identity": {"url": "x?key=hush-hush-hush"}})()
    with pytest.raises(AssertionError, match="identity shows a secret") as found:
        check_backend(leaky)
    assert "hush" not in str(found.value)


@pytest.mark.parametrize("text", ['{"verdict": "keep"}', '{"verdict": "maybe"}', "keep"])
def test_schemas_are_tried_on_backends_without_grammars(text: str) -> None:
    changes = answered(
        lambda answer, p: (
            replace(answer, text=text) if p.constraint and p.constraint.schema else answer
        )
    )
    server = type("Server", (sound.Backend,), {**changes, "abilities": frozenset({"schema"})})()
    if 'keep"' in text:
        check_backend(server)
    else:
        with pytest.raises(AssertionError, match="hold the answer to its schema"):
            check_backend(server)
