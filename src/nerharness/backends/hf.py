"""The `hf` backend: a causal language model on transformers and torch, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import torch
from transformers import AutoModelForCausalLM

from nerharness import models
from nerharness.backends.answer import Answer, Request
from nerharness.backends.decoder import Decoder
from nerharness.backends.encoding import ChatEncoding
from nerharness.backends.masks import Masks
from nerharness.backends.tokenizer import address, load_tokenizer
from nerharness.errors import UsageError
from nerharness.plugin import Ability
from nerharness.types import Completion, Finish, Prompt, Token, Usage


class TransformersBackend:
    """Loads a model once and answers prompts with its own chat template.

    GGUF files are de-quantised when loaded (transformers does it). Code that comes with a model is
    never run.
    """

    def __init__(
        self,
        *,
        model: str,
        revision: str | None,
        device: str,
        dtype: str,
        batch_size: int,
        max_tokens: int,
    ) -> None:
        for flag, value in (("--batch-size", batch_size), ("--max-tokens", max_tokens)):
            if value < 1:
                raise UsageError(f"must be at least 1, got {value}", where=flag)
        self._max_tokens = max_tokens
        self._source = models.locate(model)
        self._device = _pick_device(device)
        self._dtype = _pick_dtype(dtype, self._device)
        self._tokenizer, self._model = self._load(revision)
        self._encoding = ChatEncoding(self._tokenizer)
        self._batch_size = batch_size
        self._decoder: Decoder | None = None

    def _load(self, revision: str | None) -> tuple[Any, Any]:
        tokenizer = load_tokenizer(self._source, revision)
        name, extra = address(self._source)
        try:
            model = AutoModelForCausalLM.from_pretrained(
                name, revision=revision, dtype=self._dtype, **extra
            )
        except Exception as error:  # of transformers, safetensors, gguf, or the hub's library
            raise self._source.unusable(error) from error
        return tokenizer, model.to(self._device).eval()

    @cached_property
    def identity(self) -> Mapping[str, str]:
        """Model, its digest or revision, device, dtype and context length."""
        known = {
            "model": self._source.name,
            "device": str(self._device),
            "dtype": str(self._dtype).removeprefix("torch."),
            "context": str(self._context),
        }
        if self._source.path is not None:
            known["sha256"] = models.digest(self._source.path)
        elif commit := getattr(self._model.config, "_commit_hash", None):
            known["revision"] = str(commit)
        return known

    abilities: frozenset[Ability] = frozenset({"grammar", "prefix", "sampling", "logprobs"})

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        """Yield completions batch by batch, those of a batch as they finish."""
        fitting: list[int] = []
        requests: list[Request] = []
        for index, prompt in enumerate(prompts):
            try:
                requests.append(self._request(prompt))
                fitting.append(index)
            except ValueError as error:
                yield index, Completion("", "error", error=str(error))
        constrained = any(request.matcher is not None for request in requests)
        self._decoder = decoder = Decoder(
            self._model,
            self._ends,
            batch_size=self._batch_size,
            masks=self._masks if constrained else None,
        )
        for answer in decoder.complete(requests):
            index = fitting[answer.index]
            yield index, self._completion(answer, prompts[index].prefix)

    def drain(self) -> None:
        """Have `generate` finish the batch that is under way, and begin no other."""
        if self._decoder is not None:
            self._decoder.drain()

    def _request(self, prompt: Prompt) -> Request:
        """Raise `ValueError`, with what a completion is to say, for a prompt that cannot be put."""
        tokens = self._encoding.encode(prompt)
        limit = min(prompt.max_tokens or self._max_tokens, self._max_tokens)
        if len(tokens) + limit > self._context:
            raise ValueError(
                f"the prompt has {len(tokens)} tokens and the answer may take {limit}, "
                f"but the model's context is {self._context}"
            )
        bound = prompt.constraint
        matcher = self._masks.matcher(bound.grammar, prompt.prefix) if bound else None
        return Request(tokens, limit, matcher, prompt.sampling, prompt.logprobs)

    @cached_property
    def _masks(self) -> Masks:
        return Masks(self._tokenizer, self._ends, int(self._model.config.vocab_size))

    @cached_property
    def _context(self) -> int:
        return int(getattr(self._model.config, "max_position_embeddings", 1 << 30))

    def _completion(self, answer: Answer, prefix: str) -> Completion:
        usage = Usage(len(answer.request.tokens), len(answer.tokens))
        if (fault := answer.fault) is not None:
            return Completion("", "error", usage, f"the answer cannot be constrained: {fault}")
        ended = answer.tokens[-1] in self._ends
        body = answer.tokens[:-1] if ended else answer.tokens
        finish: Finish = "stop" if answer.complete else "length"
        if not answer.request.weigh:
            text = self._encoding.decode(body, prefix)
            # A character that the limit cut is left out: the answer can be gone on with from there.
            return Completion(text.rstrip("\ufffd") if finish == "length" else text, finish, usage)
        texts = self._encoding.decode_each(body, prefix)
        tokens = tuple(map(Token, texts, answer.logprobs))
        return Completion("".join(texts), finish, usage, tokens=tokens)

    @cached_property
    def _ends(self) -> frozenset[int]:
        ends = self._model.generation_config.eos_token_id
        listed = ends if isinstance(ends, list) else [ends]
        return frozenset(token for token in listed if token is not None)


def _pick_device(wanted: str) -> torch.device:
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if wanted == "auto":
        wanted = next((name for name, here in available.items() if here), "cpu")
    elif not available.get(wanted, True):
        raise UsageError(
            f"torch sees no {wanted} device here", where="--device", hint="use --device auto"
        )
    return torch.device(wanted)


def _pick_dtype(wanted: str, device: torch.device) -> torch.dtype:
    if wanted == "auto":
        wanted = "bfloat16" if device.type != "cpu" or _cpu_has_bfloat16() else "float32"
    dtype = getattr(torch, wanted)
    assert isinstance(dtype, torch.dtype)
    return dtype


def _cpu_has_bfloat16() -> bool:
    """Tell whether the processor multiplies in bfloat16 by itself: 2 to 3 times as fast there."""
    capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16"))
