"""The `llamacpp` backend: answers of a GGUF model, several prompts side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from importlib.metadata import version
from random import Random

from nerharness import models
from nerharness.errors import RunError, UsageError
from nerharness.plugin import Ability
from nerharness.types import Completion, Prompt, Token, Usage

from nerharness_llamacpp.answer import Answer
from nerharness_llamacpp.binding import llama_cpp
from nerharness_llamacpp.context import Context
from nerharness_llamacpp.encoding import ChatEncoding
from nerharness_llamacpp.log import complaints
from nerharness_llamacpp.masks import Masks
from nerharness_llamacpp.model import (
    LARGEST_DEFAULT_CONTEXT,
    chat_template,
    find,
    half_of_the_cores,
    load,
)
from nerharness_llamacpp.round import Round, Work, failure
from nerharness_llamacpp.slots import Slots
from nerharness_llamacpp.vocabulary import Vocabulary

_ROUNDS = 4
"""So many times as many units as slots are in a round."""


class LlamaCppBackend:
    """Loads a model once and answers prompts with its own chat template, several side by side."""

    def __init__(
        self, *, model: str, n_ctx: int | None, threads: int | None, slots: int, max_tokens: int
    ) -> None:
        for flag, value in (
            ("--n-ctx", n_ctx),
            ("--threads", threads),
            ("--slots", slots),
            ("--max-tokens", max_tokens),
        ):
            if value is not None and value < 1:
                raise UsageError(f"must be at least 1, got {value}", where=flag)
        most = int(llama_cpp.llama_max_parallel_sequences())
        if slots > most:
            raise UsageError(f"llama.cpp has at most {most}, got {slots}", where="--slots")
        self._name = model
        self._max_tokens = max_tokens
        self._most_slots = slots
        self._threads = threads or half_of_the_cores()
        self._path = find(model)
        self._llm = load(self._path)
        self._context = self._choose_context(n_ctx)
        self._vocabulary = Vocabulary(self._llm)
        self._encoding = ChatEncoding(self._llm, self._vocabulary, *chat_template(self._llm, model))
        self._slots: Slots | None = None
        self._round: Round | None = None
        self._draining = False

    def _choose_context(self, wanted: int | None) -> int:
        trained = int(llama_cpp.llama_model_n_ctx_train(self._llm.model))
        if wanted is not None and wanted > trained:
            raise UsageError(
                f"{wanted} is more than the {trained} tokens that model {self._name!r} knows",
                where="--n-ctx",
            )
        return wanted or min(trained, LARGEST_DEFAULT_CONTEXT)

    @cached_property
    def identity(self) -> Mapping[str, str]:
        """Model, its digest, context length, and the library."""
        return {
            "model": self._name,
            "sha256": models.digest(self._path),
            "context": str(self._context),
            "library": f"llama-cpp-python {version('llama-cpp-python')}",
        }

    abilities: frozenset[Ability] = frozenset({"grammar", "prefix", "sampling", "logprobs"})

    @property
    def window(self) -> int:
        """How many units are wanted in a round, so that few slots wait for its end."""
        return _ROUNDS * self._most_slots

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        """Yield each completion as it is finished."""
        self._round = None
        self._draining = False
        works: list[Work] = []
        for index, prompt in enumerate(prompts):
            if self._draining:
                return
            found = self._prepare(index, prompt)
            if isinstance(found, Work):
                works.append(found)
            else:
                yield index, found
        if works and not self._draining:
            self._round = Round(self._room(works), works, self._completion)
            yield from self._round.completions()

    def drain(self) -> None:
        """Begin no more prompts: `generate` yields what is under way, and ends."""
        self._draining = True
        if self._round is not None:
            self._round.draining = True

    def _prepare(self, index: int, prompt: Prompt) -> Work | Completion:
        with complaints() as reasons:
            try:
                tokens = self._encoding.encode(prompt)
            except Exception as error:  # a model's template may raise anything
                return failure(error, reasons)
        limit = prompt.limit(self._max_tokens)
        if len(tokens) + limit > self._context:
            return self._too_long(len(tokens), limit)
        return Work(index, tokens, limit, partial(self._begin, prompt, tokens))

    def _room(self, works: Sequence[Work]) -> Slots:
        """Return slots for so many prompts, as far as there may be, and of their size."""
        count = min(len(works), self._most_slots)
        size = max(len(work.tokens) + work.limit for work in works)
        if self._slots is None or len(self._slots) < count or self._slots.size < size:
            if self._slots is not None:
                count, size = max(count, len(self._slots)), max(size, self._slots.size)
            self._slots = None  # so that there are never two in memory
            self._slots = Slots(self._make_context(count, size))
            if len(self._slots) < count:  # there is no room for more in later rounds, either
                self._most_slots = len(self._slots)
        return self._slots

    def _make_context(self, count: int, size: int) -> Context:
        """Return a context of so many sequences, or of fewer where there is no room for them."""
        with complaints():
            while True:
                try:
                    return Context(self._llm, count=count, size=size, threads=self._threads)
                except MemoryError as error:
                    if count == 1:
                        raise RunError(
                            f"llama.cpp cannot make a context: {error}",
                            where="--backend llamacpp",
                            hint="give a smaller --n-ctx or --max-tokens",
                        ) from None
                    count = count // 2

    def _begin(self, prompt: Prompt, tokens: list[int]) -> Answer:
        """Raise `ValueError` for a constraint that cannot be followed."""
        drawn, bound = prompt.sampling, prompt.constraint
        return Answer(
            self._vocabulary.ends,
            sampling=drawn,
            draw=Random(f"{drawn.seed} {tokens}") if drawn else None,
            masks=self._masks if bound else None,
            matcher=self._masks.matcher(bound.grammar, prompt.prefix) if bound else None,
            weigh=prompt.logprobs,
        )

    @cached_property
    def _masks(self) -> Masks:
        return Masks(self._vocabulary)

    def _too_long(self, size: int, limit: int) -> Completion:
        reason = (
            f"the prompt has {size} tokens and the answer may take {limit}, "
            f"but the model's context is {self._context}"
        )
        return Completion("", "error", error=reason)

    def _completion(self, work: Work) -> Completion:
        answer = work.written
        ended = answer.tokens[-1] in self._vocabulary.ends
        texts = self._vocabulary.decode_each(answer.tokens[:-1] if ended else answer.tokens)
        return Completion(
            "".join(texts),
            "stop" if answer.complete else "length",
            Usage(len(work.tokens), len(answer.tokens)),
            tokens=tuple(map(Token, texts, answer.logprobs)) if answer.weigh else None,
        )
