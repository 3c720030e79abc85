"""What the slots of the `llamacpp` plugin bring: several prompts side by side, and one by one.

The packaged model answers the first units of the sample corpus, few-shot. Beside it, the same
prompts by `create_chat_completion` of llama-cpp-python, which also keeps what a prompt shares with
the one before. The contestants take turns; the fastest of the rounds counts, by the clock and by
the CPU time of the process, which other work on the machine changes less. The answers are looked at
first: with any number of slots they must be the same, token for token.

    python -m benchmarks.slots [--units 48] [--slots 4 8 16] [--rounds 3] [--threads 1]
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from typing import Any, NamedTuple

import llama_cpp

from benchmarks.questions import questions
from nerharness.models import locate
from nerharness.plugin import load_host
from nerharness.types import Prompt

MODEL = "smollm2-135m-instruct"
Answers = list[tuple[str, int]]
"""The texts, and how many tokens each has."""


class Spent(NamedTuple):
    """Seconds by the clock, and of all CPUs."""

    wall: float
    cpu: float


def ours(backend: Any, prompts: Sequence[Prompt]) -> Answers:
    """Answer by the backend."""
    found = dict(backend.generate(prompts))
    return [(found[n].text, found[n].usage.completion_tokens) for n in range(len(prompts))]


def library(llm: llama_cpp.Llama, prompts: Sequence[Prompt]) -> Answers:
    """Answer by the library alone."""
    answers: Answers = []
    for prompt in prompts:
        said: Any = llm.create_chat_completion(
            [{"role": turn.role, "content": turn.content} for turn in prompt.messages],  # type: ignore[misc]
            temperature=0.0,
            repeat_penalty=1.0,
            max_tokens=prompt.max_tokens,
        )
        text = said["choices"][0]["message"]["content"]
        answers.append((text, said["usage"]["completion_tokens"]))
    return answers


def contestants(slots: Sequence[int], threads: int) -> dict[str, Callable[..., Answers]]:
    """Load the model once for each."""
    host, made = load_host(), {}
    for count in [1, *slots]:
        given = {"slots": count, "threads": threads}
        backend = host.make("backends", "llamacpp", options=given)
        made[f"{count} slot{'s' * (count > 1)}"] = partial(ours, backend)
    llm = llama_cpp.Llama(
        str(locate(MODEL).path),
        n_ctx=4096,
        n_threads=threads,
        n_threads_batch=threads,
        verbose=False,
    )
    made["llama-cpp-python alone"] = partial(library, llm)
    return made


def main() -> None:
    """Print a table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--units", type=int, default=48)
    options.add_argument("--slots", type=int, nargs="+", default=[4, 8, 16])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--threads", type=int, default=max((os.cpu_count() or 2) // 2, 1))
    options.add_argument("--retriever", default="bm25")
    options.add_argument("--max-tokens", type=int, default=96)
    given = options.parse_args()
    prompts = questions(load_host(), "sample", given.retriever, given.units, given.max_tokens)
    runs = contestants(given.slots, given.threads)
    best: dict[str, Spent] = {}
    said: dict[str, Answers] = {}
    for _ in range(given.rounds):
        for name, run in runs.items():
            wall, cpu = time.perf_counter(), time.process_time()
            answers = run(prompts)
            spent = Spent(time.perf_counter() - wall, time.process_time() - cpu)
            assert said.setdefault(name, answers) == answers, f"{name} says another thing each time"
            best[name] = Spent(*map(min, spent, best.get(name, spent)))
    show(said, best, f"{len(prompts)} prompts, {given.retriever}, {given.threads} threads")


def show(said: dict[str, Answers], best: dict[str, Spent], what: str) -> None:
    """Print how long each took, after making sure that the slots change no answer."""
    one, alone = said["1 slot"], best["1 slot"]
    for name, answers in said.items():
        assert answers == one or "slots" not in name, f"{name}: other answers"
    print(f"{what}; llama-cpp-python {version('llama-cpp-python')}\n")
    print("| | seconds | CPU s | tokens per CPU s | × 1 slot, wall / CPU | same answers |")
    print("|---|---|---|---|---|---|")
    for name, spent in best.items():
        tokens = sum(count for _, count in said[name])
        same = sum(text == other for (text, _), (other, _) in zip(said[name], one, strict=True))
        faster = f"{alone.wall / spent.wall:.2f} / {alone.cpu / spent.cpu:.2f}"
        times = f"{spent.wall:.1f} | {spent.cpu:.1f} | {tokens / spent.cpu:.0f}"
        print(f"| {name} | {times} | {faster} | {same}/{len(one)} |")


if __name__ == "__main__":
    main()
