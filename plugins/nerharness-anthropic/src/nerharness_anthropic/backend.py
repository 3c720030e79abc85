"""The `anthropic` backend: many prompts at once, to one server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import anthropic
from nerharness.errors import UsageError
from nerharness.plugin import Ability
from nerharness.pricing import Budget, find_price
from nerharness.remote import (
    Answered,
    Asker,
    Key,
    Limit,
    Notices,
    Pace,
    Patience,
    Put,
    Round,
    Wire,
    connect,
    listen,
    read_key,
)
from nerharness.types import Prompt, Usage

from nerharness_anthropic import address
from nerharness_anthropic.answer import COUNTS
from nerharness_anthropic.asking import Sender
from nerharness_anthropic.models import check_model as check
from nerharness_anthropic.request import Dialect
from nerharness_anthropic.sharing import Sharing

_NO_KEY = "none"
"""What servers without keys are given, since the library wants one."""

_ROUNDS = 4
"""So many times as many units as requests at once are in a round, so that few wait for its end."""


class AnthropicBackend:
    """Asks as many prompts at once as the server bears.

    The library's own retries, tracing and search for credentials are off.
    """

    abilities: frozenset[Ability] = frozenset({"schema"})
    budget: Budget | None = None

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
        self._wire = Wire(
            partial(_connect, self._url, key, request_timeout, concurrency),
            name="nerharness-anthropic",
        )
        if check_model:
            self._ask_for_model(key)
        self._workers = concurrency
        self._notices = Notices()
        self._spent = Usage()
        self._round: Round | None = None
        self._sender = Sender(
            self._wire.client,
            key,
            dialect=Dialect(model, max_tokens, self._notices),
            sharing=Sharing(use=prompt_cache),
            price=self.price,
        )
        self._asker = Asker(
            self._sender,
            limit=Limit(concurrency),
            patience=Patience(request_timeout, deadline, retries, pace or Pace()),
            notices=self._notices,
        )

    def _ask_for_model(self, key: Key) -> None:
        try:
            self._wire.call(check(self._wire.client, self._model, self._url, key))
        except BaseException:
            self.close()
            raise

    @property
    def identity(self) -> Mapping[str, str]:
        """The model asked for, and the server's address."""
        return {"model": self._model, "base_url": self._url}

    @property
    def window(self) -> int:
        """How many units make a round."""
        return _ROUNDS * self._workers

    @property
    def observed(self) -> Mapping[str, Any]:
        """Which models answered how often, the tokens that took, and US dollars, where known."""
        models, tokens = self._sender.models, self._sender.tokens
        if not models:
            return {}
        answered = [{"model": model, "answers": count} for model, count in sorted(models.items())]
        spent = {} if self._spent.cost is None else {"spent": round(self._spent.cost, 9)}
        return {"answered": answered, "tokens": {one: tokens[one] for one in COUNTS}, **spent}

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[Answered]:
        """Yield completions as they come; when closed, what is under way is cancelled first.

        Raises, after all that was under way, `Stopped` where the budget was used up before all were
        asked, and `RunError` where the server answers no prompt any more.
        """
        return listen(self._wire, partial(self._answer, prompts), self._notices)

    def drain(self) -> None:
        """Begin no more prompts."""
        if self._round is not None:
            self._wire.tell(self._round.drain)

    async def _answer(self, prompts: Sequence[Prompt], put: Put) -> None:
        budget = self.budget

        def spend(usage: Usage) -> None:
            self._spent += usage
            if budget is not None:
                budget.add(usage)

        self._sender.sharing.expect(prompts)
        workers = self._workers
        self._round = Round(self._asker, prompts, put, at_once=workers, spend=spend, budget=budget)
        await self._round.answer()

    def close(self) -> None:
        """End all connections; otherwise they end with the process, or when this is forgotten."""
        self._wire.close()


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
