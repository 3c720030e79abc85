"""How near the `openai` backend comes to what a server can bear, and what that takes of us.

A server on the loopback, in a process of its own, answers after 200 ms and works on 64 requests at
a time. The ideal is the time in which it could answer all of them; the CPU time is that of the
whole client process, all its threads. Each answer is checked before anything is said of time.
Beside it, the same prompts by the openai library alone, with as many at once from the first on.
Then a tenth of the answers are 429, 500, none at all, cut connections or garbage.

    python -m benchmarks.remote [--requests 2000] [--slots 64] [--delay 0.2]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import platform
import subprocess
import sys
import time
import urllib.request
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import openai

from nerharness.backends.openai.backend import OpenAIBackend
from nerharness.plugin.host import load_host
from nerharness.types import Message, Prompt

SERVER = Path(__file__).with_name("remote_server.py")
RULES = "Copy every disease, disorder or symptom of the text, word by word, into a JSON list. " * 20
"""About as much as the instruction and four demonstrations."""


class Measured(NamedTuple):
    """Seconds by the clock, and of all CPUs."""

    wall: float
    cpu: float


@contextmanager
def serving(delay: float, slots: int, faults: float) -> Iterator[str]:
    """Start the server; gives its address."""
    words = ["--delay", str(delay), "--slots", str(slots), "--faults", str(faults)]
    server = subprocess.Popen([sys.executable, SERVER, *words], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
    finally:
        server.terminate()
        server.wait()


def counts(url: str) -> tuple[int, int, int]:
    """Return how many requests there were, prompts with an answer, and most answers of one."""
    with urllib.request.urlopen(f"{url}/counts") as answer:
        asked, answered, most = json.load(answer)
    return asked, answered, most


def measure(work: Callable[[], list[str]], texts: Sequence[str]) -> Measured:
    """Time what answers the texts, and see that it does."""
    wall, cpu = time.perf_counter(), time.process_time()
    answers = work()
    measured = Measured(time.perf_counter() - wall, time.process_time() - cpu)
    assert answers == [text[-6:] for text in texts]
    return measured


def ours(url: str, texts: Sequence[str], **options: Any) -> Measured:
    """Ask by the backend, from its first request on."""
    os.environ.setdefault("OPENAI_API_KEY", "none")
    given = {"base_url": url, **options}
    backend: OpenAIBackend = load_host().make("backends", "openai", options=given)
    prompts = [Prompt((Message("user", text),), 100) for text in texts]

    def ask() -> list[str]:
        found = [""] * len(prompts)
        for index, completion in backend.generate(prompts):
            found[index] = completion.text
        return found

    try:
        return measure(ask, texts)
    finally:
        backend.close()


def library(url: str, texts: Sequence[str], slots: int) -> Measured:
    """Ask by the library alone, so many at once."""

    async def ask() -> list[str]:
        found, left = [""] * len(texts), iter(enumerate(texts))

        async def work(client: openai.AsyncOpenAI) -> None:
            for index, text in left:
                answer = await client.chat.completions.create(
                    model="tiny",
                    messages=[{"role": "user", "content": text}],
                    max_tokens=100,
                    temperature=0,
                )
                found[index] = answer.choices[0].message.content or ""

        async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:
            await asyncio.gather(*(work(client) for _ in range(slots)))
        return found

    return measure(lambda: asyncio.run(ask()), texts)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--slots", type=int, default=64)
    parser.add_argument("--delay", type=float, default=0.2)
    given = parser.parse_args()
    texts = [f"{RULES}\nThe patient had gout. {number:06}" for number in range(given.requests)]
    ideal = math.ceil(given.requests / given.slots) * given.delay
    packages = ", ".join(f"{name} {version(name)}" for name in ("openai", "httpx2"))
    print(f"{given.requests:,} requests, {given.slots} slots, {given.delay:g} s each: at best")
    print(f"{ideal:.2f} s; Python {platform.python_version()}, {packages}\n")
    print("| | seconds | × ideal | CPU ms per request |\n|---|---|---|---|")
    for name, run in {
        "nerharness": lambda url: ours(url, texts, concurrency=given.slots),
        "openai library alone": lambda url: library(url, texts, given.slots),
    }.items():
        with serving(given.delay, given.slots, 0.0) as url:
            measured = run(url)
            assert counts(url) == (given.requests, given.requests, 1)
        print(row(name, measured, ideal, given.requests))
    with serving(given.delay, given.slots, 0.1) as url, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it asks some prompts often
        measured = ours(url, texts, concurrency=given.slots, request_timeout=2.0)
        asked, answered, most = counts(url)
    assert (answered, most) == (given.requests, 1), "each prompt is answered once"
    print(row(f"nerharness, {asked - given.requests:,} faults", measured, ideal, given.requests))


def row(name: str, measured: Measured, ideal: float, requests: int) -> str:
    """Return a line of the table."""
    each = measured.cpu / requests * 1000
    return f"| {name} | {measured.wall:.2f} | {measured.wall / ideal:.3f} | {each:.2f} |"


if __name__ == "__main__":
    main()
