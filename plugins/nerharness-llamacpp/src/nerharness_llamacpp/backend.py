"""The `llamacpp` backend: answers of a GGUF model, one prompt at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib.metadata import version
from random import Random
from typing import Any

import numpy as np
from nerharness import models
from nerharness.errors import UsageError
from nerharness.plugin import Ability
from nerharness.types import Completion, Prompt, Token, Usage

from nerharness_llamacpp.answer import Answer
from nerharness_llamacpp.binding import llama_cpp
from nerharness_llamacpp.encoding import ChatEncoding
from nerharness_llamacpp.log import complaints
from nerharness_llamacpp.masks import Masks
from nerharness_llamacpp.model import CHUNK, LARGEST_DEFAULT_CONTEXT, chat_template, find, load
from nerharness_llamacpp.vocabulary import Vocabulary


class LlamaCppBackend:
    """Loads a model once and answers prompts with its own chat template.

    What a prompt shares with the one before is not read again, but only in whole chunks: then every
    token is always read together with the same others, the numbers come out the same to the last
    bit, and an answer does not depend on which prompts were asked before it.
    """

    def __init__(
        self, *, model: str, n_ctx: int | None, threads: int | None, max_tokens: int
    ) -> None:
        for flag, value in (
            ("--n-ctx", n_ctx),
            ("--threads", threads),
            ("--max-tokens", max_tokens),
        ):
            if value is not None and value < 1:
                raise UsageError(f"must be at least 1, got {value}", where=flag)
        self._name = model
        self._max_tokens = max_tokens
        self._path = find(model)
        self._llm = load(self._path, context=n_ctx or LARGEST_DEFAULT_CONTEXT, threads=threads)
        self._context = self._choose_context(n_ctx)
        self._vocabulary = Vocabulary(self._llm)
        self._encoding = ChatEncoding(self._llm, self._vocabulary, *chat_template(self._llm, model))
        self._cached: list[int] = []

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

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        """Yield completions in the order of the prompts, each as it is finished."""
        for index, prompt in enumerate(prompts):
            yield index, self._answer(prompt)

    def _answer(self, prompt: Prompt) -> Completion:
        with complaints() as reasons:
            try:
                tokens = self._encoding.encode(prompt)
                limit = min(prompt.max_tokens or self._max_tokens, self._max_tokens)
                if len(tokens) + limit > self._context:
                    return self._too_long(len(tokens), limit)
                answer = self._begin(prompt, tokens)
                self._complete(tokens, limit, answer)
                return self._completion(answer, len(tokens))
            except ValueError as error:
                return Completion("", "error", error="; ".join([str(error), *reasons]))
            except Exception as error:  # a model's template or llama.cpp; the other prompts go on
                fault = "; ".join([f"{type(error).__name__}: {error}", *reasons])
                return Completion("", "error", error=fault)

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

    def _complete(self, tokens: list[int], limit: int, answer: Answer) -> None:
        """Continue the prompt until an end token, the grammar's end or the limit."""
        shared = self._rewind(tokens)
        self._llm.eval(tokens[shared:])
        while True:
            token = answer.extend(self._scores())
            if answer.complete or len(answer.tokens) >= limit:
                break
            self._llm.eval([token])
        self._cached = tokens

    def _scores(self) -> np.ndarray[Any, Any]:
        """Return a copy of the scores of what could come next."""
        scores = llama_cpp.llama_get_logits_ith(self._llm.ctx, -1)
        return np.ctypeslib.as_array(scores, shape=(self._vocabulary.size,)).copy()

    def _rewind(self, tokens: Sequence[int]) -> int:
        """Keep of the cache the whole chunks that the prompt shares with the one before.

        Returns how many tokens those are. A model that cannot forget a part forgets all.
        """
        shared = 0
        for old, new in zip(self._cached, tokens[:-1], strict=False):
            if old != new:
                break
            shared += 1
        kept = shared - shared % CHUNK
        self._cached = []  # known again when this prompt has been read without a fault
        memory = llama_cpp.llama_get_memory(self._llm.ctx)
        if not kept or not llama_cpp.llama_memory_seq_rm(memory, -1, kept, -1):
            self._llm.reset()
            return 0
        self._llm.n_tokens = kept
        return kept

    def _completion(self, answer: Answer, size: int) -> Completion:
        ended = answer.tokens[-1] in self._vocabulary.ends
        texts = self._vocabulary.decode_each(answer.tokens[:-1] if ended else answer.tokens)
        return Completion(
            "".join(texts),
            "stop" if answer.complete else "length",
            Usage(size, len(answer.tokens)),
            tokens=tuple(map(Token, texts, answer.logprobs)) if answer.weigh else None,
        )
