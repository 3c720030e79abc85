"""The `openai` backend: many prompts at once, to one server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import openai

from nerharness.backends.openai import address, models
from nerharness.backends.openai.api import ApiName
from nerharness.backends.openai.asking import Sender
from nerharness.backends.openai.batch import Batches
from nerharness.backends.openai.chat import Chat
from nerharness.backends.openai.desk import Desk
from nerharness.backends.openai.ledger import Ledger
from nerharness.backends.openai.lines import Lines
from nerharness.backends.openai.post import Link, Post
from nerharness.backends.openai.reader import Reader
from nerharness.backends.openai.request import Dialect
from nerharness.backends.openai.responses import Responses
from nerharness.errors import UsageError
from nerharness.plugin import Ability
from nerharness.pricing import Price, find_price
from nerharness.remote import (
    Asker,
    Key,
    Limit,
    Pace,
    Patience,
    Put,
    RemoteBackend,
    Switchboard,
    Wire,
    read_key,
)
from nerharness.types import Prompt

_NO_KEY = "none"
"""What servers without keys are given, since the library wants one."""

_POLL = 30.0
"""Seconds between two looks at a batch."""


class OpenAIBackend(RemoteBackend):
    """Asks as many prompts at once as the server bears; see docs/backends.md.

    Requests run in a thread of its own, so that none times out while a caller is busy with answers.
    """

    abilities: frozenset[Ability] = frozenset({"schema", "sampling", "logprobs"})
    folder: Path | None = None

    def __init__(
        self,
        *,
        model: str | None,
        base_url: str | None,
        api: ApiName = "chat",
        batch: bool = False,
        api_key_env: str,
        api_key_file: str | None,
        check_model: bool,
        local_server: bool = False,
        max_tokens: int,
        price_in: float | None = None,
        price_out: float | None = None,
        concurrency: int,
        request_timeout: float,
        deadline: float,
        retries: int,
        pace: Pace | None = None,
        poll: float = _POLL,
    ) -> None:
        _check(max_tokens, concurrency, request_timeout, deadline, retries)
        self._url = address.base_url(base_url)
        local = address.is_local(self._url, stated=local_server)
        self._key = _read_key(self._url, api_key_env, api_key_file)
        # Nothing here that holds this backend, so that the wire ends when it is forgotten.
        wire = Wire(
            partial(_connect, self._url, self._key, request_timeout, concurrency, local),
            name="nerharness-openai",
        )
        super().__init__(wire, at_once=concurrency)
        self._model = self._find_model(model, check=check_model)
        live, self.price = (
            find_price(self._model, self._url, price_in=price_in, price_out=price_out, batch=one)
            for one in (False, batch)
        )
        self._api = api
        self._patience = Patience(request_timeout, deadline, retries, pace or Pace())
        self._assemble(live, max_tokens, poll if batch else None)

    def _assemble(self, live: Price | None, max_tokens: int, poll: float | None) -> None:
        """Make what asks and reads: by batches if `poll` is given, and else at once."""
        api = Chat() if self._api == "chat" else Responses()
        link, notices = self.wire.client, self.notices
        dialect = Dialect(api, self._model, max_tokens, notices, store=self._url == address.OPENAI)
        self._reader = Reader(api, self._key, live, notices)
        self.asker = Asker(
            Sender(Post(link, api.path, self._key), self._reader, dialect),
            limit=Limit(self.at_once),
            patience=self._patience,
            notices=notices,
        )
        self._batches: Batches | None = None
        if poll is not None:
            self._batches = Batches(
                Desk(link.client, self._key, self._patience, notices),
                Lines(dialect, self._reader.at(self.price), self._key),
                key=self._key,
                price=self.price,
                notices=notices,
                poll=poll,
                asker=self.asker,
            )

    def _find_model(self, wanted: str | None, *, check: bool) -> str:
        try:
            client = self.wire.client.client
            listed = self.wire.call(models.listed_models(client, self._url, self._key))
            return models.choose_model(wanted, listed, check=check)
        except BaseException:
            self.close()
            raise

    @property
    def identity(self) -> Mapping[str, str]:
        """The model asked for, the server's address, and the API if it is not the usual one."""
        api = {} if self._api == "chat" else {"api": self._api}
        return {"model": self._model, "base_url": self._url, **api}

    @property
    def window(self) -> int | None:
        """How many units make a round: all of them where they are asked by batches."""
        return None if self._batches else super().window

    @property
    def grows(self) -> bool:
        """Whether prompts that come while others are answered are asked, too: not by batches."""
        return self._batches is None

    @property
    def observed(self) -> Mapping[str, Any]:
        """Who answered, and how often, by the names in answers; US dollars spent, where known."""
        answered = [
            {"model": model, "system_fingerprint": fingerprint, "answers": count}
            for (model, fingerprint), count in sorted(self._reader.signatures.items())
        ]
        spent = {} if self.spent.cost is None else {"spent": round(self.spent.cost, 9)}
        return {"answered": answered, **spent} if answered else {}

    def drain(self) -> None:
        """Begin no more prompts; of batches, collect what is there, and leave the others."""
        if self._batches is not None:
            self.wire.tell(self._batches.drain)
        else:
            super().drain()

    async def answer(self, prompts: Sequence[Prompt], put: Put) -> None:
        """Put each prompt's completion, in the wire's thread; raises as `generate` does."""
        if self._batches is None:
            await super().answer(prompts, put)
        else:
            ledger = Ledger(self.folder / "batches" if self.folder else None)
            await self._batches.answer(prompts, put, ledger, spend=self.spend, budget=self.budget)


def _read_key(url: str, variable: str, file: str | None) -> Key:
    """Return the key, an empty one for a server that needs none."""
    key = read_key(variable=variable, file=file)
    if key is None and url == address.OPENAI:
        raise UsageError(
            "OpenAI's server needs an API key, and none is set",
            where="--backend openai",
            hint=f"set {variable}, or give --api-key-file, or the --base-url of another",
        )
    return key or Key("")


def _connect(url: str, key: Key, timeout: float, connections: int, local: bool) -> Link:
    board = Switchboard(timeout=timeout, kept=connections + 1, local=local)
    client = openai.AsyncOpenAI(
        base_url=url,
        api_key=key.value or _NO_KEY,
        timeout=timeout,
        max_retries=0,
        http_client=board.clients[0],
    )
    return Link(client, board)


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
