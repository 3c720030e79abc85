"""The `anthropic` backend: many prompts at once, to one server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import anthropic
from nerharness.errors import UsageError
from nerharness.plugin import Ability
from nerharness.pricing import find_price
from nerharness.remote import (
    Asker,
    Key,
    Limit,
    Pace,
    Patience,
    Put,
    RemoteBackend,
    Wire,
    connect,
    read_key,
)
from nerharness.types import Prompt

from nerharness_anthropic import address
from nerharness_anthropic.answer import COUNTS
from nerharness_anthropic.asking import Sender
from nerharness_anthropic.models import check_model as check
from nerharness_anthropic.request import Dialect
from nerharness_anthropic.sharing import Sharing

_NO_KEY = "none"
"""What servers without keys are given, since the library wants one."""


class AnthropicBackend(RemoteBackend):
    """Asks as many prompts at once as the server bears.

    The library's own retries, tracing and search for credentials are off.
    """

    abilities: frozenset[Ability] = frozenset({"schema"})

    def __init__(
        self,
        *,
        model: str | None,
        base_url: str | None,
        api_key_env: str,
        api_key_file: str | None,
        check_model: bool,
        max_tokens: int,
        price_in: float | None = None,
        price_out: float | None = None,
        concurrency: int,
        request_timeout: float,
        deadline: float,
        retries: int,
        prompt_cache: bool,
        pace: Pace | None = None,
    ) -> None:
        _check(max_tokens, concurrency, request_timeout, deadline, retries)
        if model is None:
            raise UsageError("which model to ask is not said", where="--model")
        self._model = model
        self._url = address.base_url(base_url)
        key = _read_key(self._url, api_key_env, api_key_file)
        self.price = find_price(model, self._url, price_in=price_in, price_out=price_out)
        # Nothing here that holds this backend, so that the wire ends when it is forgotten.
        wire = Wire(
            partial(_connect, self._url, key, request_timeout, concurrency),
            name="nerharness-anthropic",
        )
        super().__init__(wire, at_once=concurrency)
        if check_model:
            self._ask_for_model(key)
        self._sender = Sender(
            self.wire.client,
            key,
            dialect=Dialect(model, max_tokens, self.notices),
            sharing=Sharing(use=prompt_cache),
            price=self.price,
        )
        self.asker = Asker(
            self._sender,
            limit=Limit(concurrency),
            patience=Patience(request_timeout, deadline, retries, pace or Pace()),
            notices=self.notices,
        )

    def _ask_for_model(self, key: Key) -> None:
        try:
            self.wire.call(check(self.wire.client, self._model, self._url, key))
        except BaseException:
            self.close()
            raise

    @property
    def identity(self) -> Mapping[str, str]:
        """The model asked for, and the server's address."""
        return {"model": self._model, "base_url": self._url}

    @property
    def observed(self) -> Mapping[str, Any]:
        """Which models answered how often, the tokens that took, and US dollars, where known."""
        models, tokens = self._sender.models, self._sender.tokens
        if not models:
            return {}
        answered = [{"model": model, "answers": count} for model, count in sorted(models.items())]
        spent = {} if self.spent.cost is None else {"spent": round(self.spent.cost, 9)}
        return {"answered": answered, "tokens": {one: tokens[one] for one in COUNTS}, **spent}

    async def answer(self, prompts: Sequence[Prompt], put: Put) -> None:
        """Put each prompt's completion, in the wire's thread; raises as `generate` does."""
        self._sender.sharing.follow(prompts)
        await super().answer(prompts, put)


def _read_key(url: str, variable: str, file: str | None) -> Key:
    """Return the key, an empty one for a server that needs none."""
    key = read_key(variable=variable, file=file)
    if key is None and url == address.ANTHROPIC:
        raise UsageError(
            "Anthropic's server needs an API key, and none is set",
            where="--backend anthropic",
            hint=f"set {variable}, or give --api-key-file",
        )
    return key or Key("")


def _connect(url: str, key: Key, timeout: float, connections: int) -> anthropic.AsyncAnthropic:
    return anthropic.AsyncAnthropic(
        api_key=key.value or _NO_KEY,
        base_url=url,
        timeout=timeout,
        max_retries=0,
        open_telemetry=False,
        http_client=connect(timeout=timeout, kept=connections + 1),
    )


def _check(
    max_tokens: int, concurrency: int, request_timeout: float, deadline: float, retries: int
) -> None:
    """Raise `UsageError` for a number out of range."""
    least = {
        "--max-tokens": (max_tokens, 1),
        "--concurrency": (concurrency, 1),
        "--retries": (retries, 0),
    }
    for flag, (value, lowest) in least.items():
        if value < lowest:
            raise UsageError(f"must be at least {lowest}, got {value}", where=flag)
    for flag, seconds in (("--request-timeout", request_timeout), ("--deadline", deadline)):
        if not 0 < seconds < float("inf"):
            raise UsageError(f"must be seconds above 0, got {seconds}", where=flag)
