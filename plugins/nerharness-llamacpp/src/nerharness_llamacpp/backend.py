"""The `llamacpp` backend: greedy answers of a GGUF model, one prompt at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib.metadata import version
from itertools import islice

from nerharness import models
from nerharness.errors import UsageError
from nerharness.types import Completion, Finish, Prompt, Usage

from nerharness_llamacpp.binding import llama_cpp
from nerharness_llamacpp.log import complaints
from nerharness_llamacpp.model import (
    CHUNK,
    LARGEST_DEFAULT_CONTEXT,
    chat_template,
    decode,
    find,
    load,
)


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
        self._template = chat_template(self._llm, model)
        self._vocabulary = llama_cpp.llama_model_get_vocab(self._llm.model)
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

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        """Yield completions in the order of the prompts, each as it is finished."""
        for index, prompt in enumerate(prompts):
            yield index, self._answer(prompt)

    def _answer(self, prompt: Prompt) -> Completion:
        with complaints() as reasons:
            try:
                tokens = self._encode(prompt)
                limit = min(prompt.max_tokens or self._max_tokens, self._max_tokens)
                if len(tokens) + limit > self._context:
                    return self._too_long(len(tokens), limit)
                return self._complete(tokens, limit)
            except Exception as error:  # a model's template or llama.cpp; the other prompts go on
                fault = "; ".join([f"{type(error).__name__}: {error}", *reasons])
                return Completion("", "error", error=fault)

    def _encode(self, prompt: Prompt) -> list[int]:
        text = self._template(prompt.messages)
        return list(self._llm.tokenize(text.encode(), add_bos=False, special=True))

    def _too_long(self, size: int, limit: int) -> Completion:
        reason = (
            f"the prompt has {size} tokens and the answer may take {limit}, "
            f"but the model's context is {self._context}"
        )
        return Completion("", "error", error=reason)

    def _complete(self, tokens: list[int], limit: int) -> Completion:
        """Continue the prompt greedily until an end token or the limit."""
        self._rewind(tokens)
        body: list[int] = []
        finish: Finish = "length"
        for token in islice(self._llm.generate(tokens, temp=0.0), limit):
            if llama_cpp.llama_vocab_is_eog(self._vocabulary, token):
                finish = "stop"
                break
            body.append(token)
        self._cached = tokens
        text = decode(self._llm, body)
        return Completion(text, finish, Usage(len(tokens), len(body) + (finish == "stop")))

    def _rewind(self, tokens: Sequence[int]) -> None:
        """Keep of the cache the whole chunks that the prompt shares with the one before."""
        shared = 0
        for old, new in zip(self._cached, tokens[:-1], strict=False):
            if old != new:
                break
            shared += 1
        self._llm.n_tokens = shared - shared % CHUNK
        self._cached = []  # known again when this prompt has been read without a fault
