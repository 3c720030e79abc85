"""The `hf` backend beside other ways of putting the same prompts through the same model.

Few-shot JSON about sentences of NCBI Disease (or of the sample corpus), greedy, in float32: one by
one and in batches by `transformers.pipeline`, by lm-eval's `generate_until` if it is installed, and
by nerharness. That all of them write the same is asserted before any time is shown. Beside it is
what decoding could reach if nothing but the speed of the memory bounded it: each step reads the
weights, and the keys and values of every row.

    python -m benchmarks.throughput [--corpus path/to/ncbi/conll:conll] [--retriever fixed]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

import torch
from transformers import pipeline
from transformers.utils import logging

from benchmarks.questions import questions
from nerharness.backends.hf import TransformersBackend
from nerharness.backends.room import bytes_per_token
from nerharness.plugin import load_host
from nerharness.types import Prompt

LIMIT = 64
"""Tokens of an answer, at most: the other ways have one limit for all."""
Run = Callable[[], list[str]]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--corpus", default="sample")
    options.add_argument("--retriever", default="fixed")
    options.add_argument("--sentences", type=int, default=200)
    options.add_argument("--dtype", default="float32")
    options.add_argument("--device", default="auto")
    options.add_argument("--batch-sizes", type=int, nargs="+", default=[4, 8, 16, 32])
    given = options.parse_args()
    logging.set_verbosity_error()
    host = load_host()
    backend: TransformersBackend = host.make(
        "backends", "hf", options={"dtype": given.dtype, "device": given.device}
    )
    asked = questions(host, given.corpus, given.retriever, given.sentences, LIMIT)
    texts = [_text(backend, prompt) for prompt in asked]
    runs: dict[str, Run] = {"nerharness": lambda: ours(backend, asked)}
    pipe = pipeline("text-generation", model=backend._model, tokenizer=backend._chat._tokenizer)
    pipe.tokenizer.pad_token_id = pipe.tokenizer.eos_token_id
    pipe.tokenizer.padding_side = "left"
    runs["pipeline, one by one"] = lambda: piped(pipe, texts, 1)
    for size in given.batch_sizes:
        runs[f"pipeline, batches of {size}"] = lambda size=size: piped(pipe, texts, size)
    if find_spec("lm_eval"):
        judge = harness(backend)
        runs["lm-eval, batches of 16"] = lambda: generated(judge, texts)
    ours(backend, asked[:8])
    found: dict[str, list[str]] = {}
    seconds: dict[str, float] = {}
    for name, run in (*runs.items(), ("nerharness", runs["nerharness"])):
        begun = time.perf_counter()
        print(f"{name} …", file=sys.stderr, flush=True)
        answers = run()
        taken = time.perf_counter() - begun
        seconds[name] = min(taken, seconds.get(name, taken))
        found[name] = answers
    alone = found["pipeline, one by one"]
    for name, answers in found.items():
        differ = sum(one != other for one, other in zip(answers, alone, strict=True))
        print(f"{name}: {differ} of {len(alone)} answers are not those of one by one")
        assert given.dtype != "float32" or name != "nerharness" or not differ
    show(backend, texts, alone, seconds, given)


def show(
    backend: TransformersBackend,
    texts: Sequence[str],
    answers: Sequence[str],
    seconds: dict[str, float],
    given: argparse.Namespace,
) -> None:
    tokenizer = backend._chat._tokenizer
    read = sum(len(tokenizer(text, add_special_tokens=False)["input_ids"]) for text in texts)
    written = sum(1 + len(tokenizer(text)["input_ids"]) for text in answers)
    print(
        f"{len(texts)} prompts ({given.corpus}, {given.retriever}), {read:,} tokens read, about "
        f"{written:,} written, {given.dtype}, {torch.get_num_threads()} threads"
    )
    print("| | seconds | prompts/s | nerharness is as fast |\n|---|---|---|---|")
    best = seconds["nerharness"]
    for name, taken in seconds.items():
        print(f"| {name} | {taken:.1f} | {len(texts) / taken:.2f} | {taken / best:.1f} times |")
    bound(backend, read / len(texts), written / best)


def bound(backend: TransformersBackend, context: float, reached: float) -> None:
    """Print the tokens per second that the memory's speed allows in a full batch, and ours."""
    model, rows = backend._model, backend._chat._room.rows
    weights = sum(part.numel() * part.itemsize for part in model.parameters())
    step = weights + rows * context * bytes_per_token(model)
    speed = bandwidth(model.device)
    print(
        f"memory {speed / 1e9:.1f} GB/s; {rows} rows of {context:.0f} tokens: at most "
        f"{rows * speed / step:,.0f} tokens/s; reached, reading prompts included: {reached:,.0f}"
    )


def bandwidth(device: torch.device) -> float:
    """Return how many bytes a second are read, from summing up a quarter of a GB."""
    block = torch.ones(1 << 26, device=device)
    best = float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        block.sum().item()
        best = min(best, time.perf_counter() - begun)
    return block.numel() * block.itemsize / best


def _text(backend: TransformersBackend, prompt: Prompt) -> str:
    """Return the prompt as the other ways are given it, which has the same tokens."""
    turns = [{"role": turn.role, "content": turn.content} for turn in prompt.messages]
    tokenizer = backend._chat._tokenizer
    text: str = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    assert ids == backend._chat.encoding.encode(prompt)
    return text


def ours(backend: TransformersBackend, asked: Sequence[Prompt]) -> list[str]:
    found = dict(backend.generate(asked))
    return [found[place].text for place in range(len(asked))]


def piped(pipe: Any, texts: Sequence[str], size: int) -> list[str]:
    found = pipe(
        list(texts),
        batch_size=size,
        max_new_tokens=LIMIT,
        do_sample=False,
        return_full_text=False,
        add_special_tokens=False,
    )
    return [one[0]["generated_text"] for one in found]


def harness(backend: TransformersBackend) -> Any:
    from lm_eval.models.huggingface import HFLM

    return HFLM(pretrained=backend._model, tokenizer=backend._chat._tokenizer, batch_size=16)


def generated(model: Any, texts: Sequence[str]) -> list[str]:
    from lm_eval.api.instance import Instance

    until = {"until": [], "max_gen_toks": LIMIT, "do_sample": False}
    requests = [
        Instance("generate_until", {}, (text, dict(until)), place)
        for place, text in enumerate(texts)
    ]
    return list(model.generate_until(requests, disable_tqdm=True))


if __name__ == "__main__":
    main()
