"""Answers that are drawn: the same draw for the same seed and prompt, and as often as likely."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from backends.tiny import ask, complete

from nerharness.types import Constraint, Prompt, Sampling

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("llguidance")


def drawn(text: str, *seeds: int, temperature: float = 1.0, **rest: Any) -> list[Prompt]:
    (prompt,) = ask(text)
    return [replace(prompt, sampling=Sampling(temperature, seed), **rest) for seed in seeds]


def test_the_same_seed_and_prompt_give_the_same_answer_whatever_the_batch(spelling: Any) -> None:
    others = [
        prompt for text in ("gout", "a fever of the skin", "") for prompt in drawn(text, 1, 2)
    ]
    alone = [complete(spelling, [prompt])[0] for prompt in others]
    assert complete(spelling, others) == alone
    assert (
        complete(spelling, [*others[::-1], *drawn("else", *range(20))])[: len(others)]
        == (alone[::-1])
    )


def test_other_seeds_give_other_answers(spelling: Any) -> None:
    answers = complete(spelling, drawn("gout", *range(12)))
    assert len({answer.text for answer in answers}) == 12


def test_other_prompts_are_drawn_independently(spelling: Any) -> None:
    prompts = [one for text in ("one", "two", "three", "four") for one in drawn(text, 1)]
    free = [replace(one, constraint=Constraint("start: /[a-p]{6}/")) for one in prompts]
    assert len({answer.text for answer in complete(spelling, free)}) == 4


def test_a_cool_draw_is_the_likeliest_answer(spelling: Any) -> None:
    (greedy,) = complete(spelling, ask("gout"))
    for answer in complete(spelling, drawn("gout", 1, 2, 3, temperature=1e-4)):
        assert answer.text == greedy.text


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_answers_are_drawn_as_often_as_they_are_likely(
    spelling: Any, letters: Path, temperature: float
) -> None:
    size = 600
    bound = {"constraint": Constraint('start: "a" | "x" | "y" | "z"'), "max_tokens": 1}
    prompts = drawn("gout", *range(size), temperature=temperature, **bound)
    found = Counter(answer.text for answer in complete(spelling, prompts))
    expected = shares(letters, "gout", "axyz", temperature)
    assert max(expected) - min(expected) > 0.1, "or else the temperature makes no difference"
    for letter, share in zip("axyz", expected, strict=True):
        deviation = (size * share * (1 - share)) ** 0.5
        assert abs(found[letter] - size * share) < 4 * deviation, (letter, found, expected)


def shares(letters: Path, text: str, choices: str, temperature: float) -> list[float]:
    """Compute from the model itself how likely each letter is to come first."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(letters)
    model = transformers.AutoModelForCausalLM.from_pretrained(letters, dtype=torch.float32)
    turns = [{"role": "user", "content": text}]
    rendered = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    ids = tokenizer(rendered, return_tensors="pt", add_special_tokens=False)["input_ids"]
    allowed = [tokenizer.convert_tokens_to_ids(letter) for letter in choices]
    logits = model(ids).logits[0, -1, allowed]
    found: list[float] = (logits / temperature).softmax(-1).tolist()
    return found
