"""Answers held to a grammar, begun, drawn and weighed, with the packaged model."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("nerharness_llamacpp", reason="needs the plugin to be installed")

from nerharness.plugin import load_host
from nerharness.segment import segment
from nerharness.types import (
    Completion,
    Constraint,
    Label,
    LabelSet,
    Message,
    Prompt,
    Sampling,
    Span,
    Unit,
)

if TYPE_CHECKING:
    from nerharness_llamacpp.backend import LlamaCppBackend


def ask(content: str, grammar: str | None = None, **rest: Any) -> Prompt:
    held = None if grammar is None else Constraint(grammar)
    return Prompt((Message("user", content),), rest.pop("limit", 60), held, **rest)


def answers(backend: LlamaCppBackend, prompts: Sequence[Prompt]) -> list[Completion]:
    return [completion for _, completion in sorted(backend.generate(prompts))]


def answer(backend: LlamaCppBackend, prompt: Prompt) -> Completion:
    (completion,) = answers(backend, [prompt])
    return completion


def test_an_answer_is_of_the_grammar_and_ends_where_that_ends(backend: LlamaCppBackend) -> None:
    completion = answer(backend, ask("Say: The patient has a fever.", 'start: "患者" | "🫠🫠"'))
    assert completion.text in {"患者", "🫠🫠"}
    assert completion.finish == "stop"
    cut = answer(backend, ask("Hello", 'start: "abracadabra abracadabra"', limit=2))
    assert cut.finish == "length"
    assert "abracadabra abracadabra".startswith(cut.text)


def test_the_model_may_end_where_the_grammar_allows_it(backend: LlamaCppBackend) -> None:
    completion = answer(backend, ask("Say: The patient has a fever.", "start: /(?s:.)+/"))
    assert completion.finish == "stop"
    assert completion == answer(backend, ask("Say: The patient has a fever."))


def test_a_grounded_answer_names_words_of_the_text(backend: LlamaCppBackend) -> None:
    text = 'No "high" fever, 患者 hat Größe.'
    labels = LabelSet((Label("sign"), Label("disease")))
    unit = Unit(segment("d", text), Span(0, len(text)))
    held = load_host().make("formats", "json").constrain(unit, labels, "grounded")
    assert held is not None
    for seed in range(3):
        prompt = ask(f"List the signs as JSON: {text}", held.grammar)
        completion = answer(backend, replace(prompt, sampling=Sampling(1.5, seed)))
        if completion.finish == "stop":
            assert all(item["text"] in text for item in json.loads(completion.text))
        assert completion.text.startswith("[")


@pytest.mark.parametrize(
    ("grammar", "prefix"), [("start: (", ""), ('start: "yes"', "no")], ids=["grammar", "prefix"]
)
def test_what_cannot_be_followed_fails_alone(
    backend: LlamaCppBackend, grammar: str, prefix: str
) -> None:
    bad, good = answers(
        backend, [ask("Hello", grammar, prefix=prefix), ask("Hello", 'start: "ok"')]
    )
    assert (bad.text, bad.finish) == ("", "error")
    assert re.match("the answer cannot be constrained: .{10}", str(bad.error))
    assert (good.text, good.finish) == ("ok", "stop")


def test_an_answer_goes_on_from_its_given_beginning(backend: LlamaCppBackend) -> None:
    whole = answer(backend, ask("Count from one to twenty.", limit=40))
    cut = whole.text.index(" ", 10)
    begun = answer(backend, ask("Count from one to twenty.", prefix=whole.text[:cut], limit=40))
    assert (whole.text[:cut] + begun.text).startswith(whole.text)
    held = ask("Hello", 'start: "yes: " /[a-f]{4}/', prefix="yes: a")
    assert re.fullmatch("[a-f]{3}", answer(backend, held).text)
    full = answer(backend, ask("Hello", 'start: "yes"', prefix="yes"))
    assert (full.text, full.finish) == ("", "stop")


def test_the_same_seed_and_prompt_give_the_same_answer(backend: LlamaCppBackend) -> None:
    prompts = [
        ask(text, sampling=Sampling(1.0, seed), limit=12)
        for text in ("Tell a story.", "Name a colour.")
        for seed in (1, 2, 3)
    ]
    together = answers(backend, prompts)
    assert len({completion.text for completion in together}) == 6
    assert answers(backend, prompts[::-1])[::-1] == together


def scores(backend: LlamaCppBackend, tokens: list[int]) -> Any:
    """Read the tokens afresh and return the scores of what could come next."""
    import numpy as np

    from nerharness_llamacpp.slots import Slots

    return Slots(backend._make_context(1, 1024)).read(0, tokens).astype(np.float64)


def logprob(found: Any, token: int, among: Sequence[int]) -> float:
    top = max(found[one] for one in among)
    total = math.log(sum(math.exp(found[one] - top) for one in among)) + top
    return float(found[token] - total)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_tokens_are_drawn_as_often_as_they_are_likely(temperature: float) -> None:
    import numpy as np

    pytest.importorskip("llama_cpp", reason="needs llama-cpp-python")
    from nerharness_llamacpp.answer import Answer

    size, rated = 2000, np.array([-np.inf, 0.0, 1.0, -np.inf, 2.0, -3.0], dtype=np.float32)
    made = Answer(frozenset(), sampling=Sampling(temperature, 1), draw=Random(5))
    found = Counter(made.extend(rated.copy()) for _ in range(size))
    for token in range(len(rated)):
        share = math.exp(logprob(rated / temperature, token, range(len(rated))))
        deviation = math.sqrt(size * share * (1 - share))
        assert abs(found[token] - size * share) <= 4 * deviation, (token, found)


def test_logprobs_are_those_of_the_model(backend: LlamaCppBackend) -> None:
    prompt = ask("Say: The patient has a fever.", logprobs=True, limit=6)
    completion = answer(backend, prompt)
    assert completion.tokens is not None
    assert "".join(token.text for token in completion.tokens) == completion.text
    tokens = backend._encoding.encode(prompt)
    every = range(backend._llm.n_vocab())
    for text, weight in completion.tokens:
        (token,) = backend._llm.tokenize(text.encode(), add_bos=False)
        assert weight == pytest.approx(logprob(scores(backend, tokens), token, every), abs=0.02)
        tokens.append(token)
    assert answer(backend, replace(prompt, logprobs=False)).tokens is None


def test_logprobs_are_among_what_the_grammar_allows(backend: LlamaCppBackend) -> None:
    prompt = ask("Yes or no?", 'start: ("x" | "y") "🫠"', logprobs=True)
    completion = answer(backend, prompt)
    assert completion.tokens is not None
    x, y = (backend._llm.tokenize(one.encode(), add_bos=False)[0] for one in "xy")
    first, *rest = completion.tokens
    chosen = {"x": x, "y": y}[first.text]
    expected = logprob(scores(backend, backend._encoding.encode(prompt)), chosen, [x, y])
    assert first.logprob == pytest.approx(expected, abs=0.02)
    assert [text for text, _ in rest][-1] == "🫠"
    assert "".join(token.text for token in completion.tokens) == completion.text


def test_it_says_what_it_is_able_to_do(backend: LlamaCppBackend) -> None:
    assert backend.abilities == {"grammar", "prefix", "sampling", "logprobs"}
    assert load_host().find("backends", "llamacpp").abilities == backend.abilities
