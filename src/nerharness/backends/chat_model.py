"""A causal language model in memory, as a backend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from nerharness.backends.answer import Answer, Request
from nerharness.backends.decoder import Decoder
from nerharness.backends.encoding import ChatEncoding
from nerharness.backends.masks import Masks
from nerharness.backends.room import find_room
from nerharness.plugin import Ability
from nerharness.types import Completion, Finish, Prompt, Token, Usage

_BATCHES = 8
"""Batches in a round: its last one is not full."""


class ChatModel:
    """Answers prompts with a model's own chat template, in batches.

    `model` is one of transformers with a language modelling head, in evaluation mode.
    """

    abilities: frozenset[Ability] = frozenset({"grammar", "prefix", "sampling", "logprobs"})

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        batch_size: int | None = None,
        batch_tokens: int | None = None,
        max_tokens: int,
    ) -> None:
        self._model = model
        self._tokenizer = tokenizer
        self._max_tokens = max_tokens
        self._room = find_room(model, batch_size, batch_tokens)
        self.encoding = ChatEncoding(tokenizer)
        self._draining = False

    @property
    def identity(self) -> Mapping[str, str]:
        """Device, dtype and context length; nothing of where the weights come from."""
        return {
            "device": str(self._model.device),
            "dtype": str(self._model.dtype).removeprefix("torch."),
            "context": str(self.context),
        }

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        """Yield completions as they finish; the weights must be those of the first call."""
        self._draining = False
        fitting: list[int] = []
        requests: list[Request] = []
        for index, prompt in enumerate(prompts):
            try:
                requests.append(self._request(prompt))
                fitting.append(index)
            except ValueError as error:
                yield index, Completion("", "error", error=str(error))
            if self._draining:
                return
        held = any(request.matcher is not None for request in requests)
        masks = self._masks if held else None
        for answer in self._decoder.complete(requests, masks, lambda: self._draining):
            index = fitting[answer.index]
            yield index, self._completion(answer, prompts[index].prefix)

    def drain(self) -> None:
        """Have `generate` finish the answers that are begun, and begin no other."""
        self._draining = True

    @property
    def window(self) -> int:
        """How many prompts keep a batch full for most of the time."""
        return _BATCHES * self._room.rows

    @cached_property
    def _decoder(self) -> Decoder:
        return Decoder(self._model, self.ends, self._room)

    def _request(self, prompt: Prompt) -> Request:
        """Raise `ValueError`, with what a completion is to say, for a prompt that cannot be put."""
        tokens, limit = self.sized(prompt)
        bound = prompt.constraint
        matcher = self._masks.matcher(bound.grammar, prompt.prefix) if bound else None
        ending = self._masks.watcher(prompt.ending, prompt.prefix) if prompt.ending else None
        return Request(tokens, limit, matcher, ending, prompt.sampling, prompt.logprobs)

    def sized(self, prompt: Prompt) -> tuple[list[int], int]:
        """Return its tokens and how many an answer may have; `ValueError` where that is too much.

        The error says what a completion is to say.
        """
        tokens = self.encoding.encode(prompt)
        limit = prompt.limit(self._max_tokens)
        if len(tokens) + limit > self.context:
            raise ValueError(
                f"the prompt has {len(tokens)} tokens and the answer may take {limit}, "
                f"but the model's context is {self.context}"
            )
        return tokens, limit

    @cached_property
    def _masks(self) -> Masks:
        return Masks(self._tokenizer, self.ends, int(self._config.vocab_size))

    @cached_property
    def context(self) -> int:
        """How many tokens a prompt and its answer may have together."""
        return int(getattr(self._config, "max_position_embeddings", 1 << 30))

    @property
    def _config(self) -> Any:
        """That of the language model, which may be a part of a larger one."""
        return self._model.config.get_text_config(decoder=True)

    def _completion(self, answer: Answer, prefix: str) -> Completion:
        usage = Usage(len(answer.request.tokens), len(answer.tokens))
        if (fault := answer.fault) is not None:
            return Completion("", "error", usage, fault)
        ended = answer.tokens[-1] in self.ends
        body = answer.tokens[:-1] if ended else answer.tokens
        finish: Finish = "stop" if answer.complete else "length"
        if not answer.request.weigh:
            text = self.encoding.decode(body, prefix)
            # A character that the limit cut is left out: the answer can be gone on with from there.
            return Completion(text.rstrip("\ufffd") if finish == "length" else text, finish, usage)
        texts = self.encoding.decode_each(body, prefix)
        tokens = tuple(map(Token, texts, answer.logprobs))
        return Completion("".join(texts), finish, usage, tokens=tokens)

    @cached_property
    def ends(self) -> frozenset[int]:
        """The tokens that end an answer."""
        ends = self._model.generation_config.eos_token_id
        listed = ends if isinstance(ends, list) else [ends]
        return frozenset(token for token in listed if token is not None)
