"""What it costs to hold answers to a grammar: the same tokens decoded with and without.

The packaged model answers the first units of the sample corpus, few-shot, in one batch, grounded.
Then it decodes those very tokens again, unconstrained, but guessed as before. The answers are
checked first: every mention is in its text, and both ways give the same tokens.

    python -m benchmarks.decoding [--format json] [--units 16] [--rounds 5]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from unittest.mock import patch

import torch

from nerharness.align import Aligner
from nerharness.backends.answer import Answer, Request
from nerharness.backends.chooser import Chooser
from nerharness.backends.decoder import Decoder
from nerharness.backends.hf import TransformersBackend
from nerharness.backends.room import find_room
from nerharness.plugin import Decoding, Task, load_host
from nerharness.runs.corpus import load_corpus
from nerharness.runs.units import unit_examples, units
from nerharness.types import Unit


class Replay(Chooser):
    """Takes the tokens that were taken before, after choosing for itself."""

    def __init__(self, answers: Sequence[Answer], ends: frozenset[int]) -> None:
        super().__init__(ends, None)
        self._tokens = {answer.index: answer.tokens for answer in answers}

    def _pick(self, row: Answer, logits: torch.Tensor, likeliest: int) -> int:
        super()._pick(row, logits, likeliest)
        return self._tokens[row.index][len(row.tokens)]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--format", default="json")
    options.add_argument("--units", type=int, default=16)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    host = load_host()
    backend: TransformersBackend = host.make("backends", "hf")
    corpus = load_corpus(host, "sample", None)
    task = Task(
        corpus.labels,
        host.make("formats", given.format),
        examples=tuple(unit_examples(corpus.splits["train"], "sentence")),
        index=host.make("retrievers", "bm25").index,
        decoding=Decoding("grounded"),
    )
    strategy = host.make("strategies", "few-shot")
    test = [unit for e in corpus.splits["test"] for unit in units(e.document, "sentence")]
    asked = test[: given.units]
    prompts = [next(strategy.solve(unit, task))[0] for unit in asked]

    def requests() -> list[Request]:
        return [backend._chat._request(prompt) for prompt in prompts]

    room = find_room(backend._model, given.units, None)
    ends = backend._chat.ends

    def complete(requests: Sequence[Request]) -> list[Answer]:
        """Answer with nothing kept from earlier calls."""
        return list(Decoder(backend._model, ends, room).complete(requests, backend._chat._masks))

    held = complete(requests())
    check(held, asked, task, backend)
    best: dict[str, float] = {}
    for _ in range(given.rounds):
        begun = time.perf_counter()
        fresh = requests()
        compiled = time.perf_counter()
        answers = complete(fresh)
        ended = time.perf_counter()
        assert tokens(answers) == tokens(held)
        free = [
            replace(request, matcher=None, limit=len(one.tokens))
            for request, one in zip(fresh, sorted(held, key=lambda one: one.index), strict=True)
        ]
        with patch("nerharness.backends.decoder.Chooser", lambda *_: Replay(held, ends)):
            again = time.perf_counter()
            answers = complete(free)
            done = time.perf_counter()
        assert tokens(answers) == tokens(held)
        for name, seconds in (
            ("prompts and grammars", compiled - begun),
            ("grounded", ended - compiled),
            ("free", done - again),
        ):
            best[name] = min(seconds, best.get(name, seconds))
    total = sum(len(one.tokens) for one in held)
    print(f"format {given.format}, {given.units} units in one batch, {total} tokens")
    for name, seconds in best.items():
        print(f"{name:22s} {seconds:8.3f} s  {1e3 * seconds / total:7.3f} ms a token")
    print(f"grounded / free        {best['grounded'] / best['free']:8.3f}")


def tokens(answers: Sequence[Answer]) -> list[list[int]]:
    return [one.tokens for one in sorted(answers, key=lambda one: one.index)]


def check(
    answers: Sequence[Answer], asked: Sequence[Unit], task: Task, backend: TransformersBackend
) -> None:
    """Every answer can be read, and what it names is in its text as it is written."""
    aligner = Aligner()
    for answer in answers:
        unit = asked[answer.index]
        text = backend._chat._completion(answer, "").text
        reading = task.format.parse(text, unit, task.labels)
        assert reading.status != "failed", text
        for mention in reading.mentions:
            assert aligner.candidates(unit.text, mention.text), mention


if __name__ == "__main__":
    main()
