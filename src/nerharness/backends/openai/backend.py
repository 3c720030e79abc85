"""The `openai` backend: many prompts at once, to one server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from queue import SimpleQueue
from typing import Any

import openai

from nerharness.backends.openai import address
from nerharness.backends.openai.asking import Asker, Pace, Patience
from nerharness.backends.openai.key import Key, read_key
from nerharness.backends.openai.limit import Limit
from nerharness.backends.openai.notices import Notices
from nerharness.backends.openai.request import Dialect
from nerharness.backends.openai.wire import Wire
from nerharness.errors import UsageError
from nerharness.plugin import Ability
from nerharness.types import Completion, Prompt

_NO_KEY = "none"
"""What servers without keys are given, since the library wants one."""

Answered = tuple[int, Completion]


class OpenAIBackend:
    """Asks as many prompts at once as the server bears; see docs/backends.md.

    Requests run in a thread of its own, so that none times out while a caller is busy with answers.
    """

    def __init__(
        self,
        *,
        model: str | None,
        base_url: str | None,
        api_key_env: str,
        api_key_file: str | None,
        check_model: bool,
        max_tokens: int,
        concurrency: int,
        request_timeout: float,
        deadline: float,
        retries: int,
        pace: Pace | None = None,
    ) -> None:
        _check(max_tokens, concurrency, request_timeout, deadline, retries)
        self._url = address.base_url(base_url)
        key = read_key(variable=api_key_env, file=api_key_file)
        if key is None and self._url == address.OPENAI:
            raise UsageError(
                "OpenAI's server needs an API key, and none is set",
                where="--backend openai",
                hint=f"set {api_key_env}, or give --api-key-file, or the --base-url of another",
            )
        self._key = key or Key("")
        # Nothing here that holds this backend, so that the wire ends when it is forgotten.
        self._wire = Wire(partial(_client, self._url, key, request_timeout))
        self._model = self._find_model(model, check=check_model)
        self._notices = Notices()
        self._workers = concurrency
        self._asker = Asker(
            self._wire.client,
            self._key,
            dialect=Dialect(self._model, max_tokens, self._notices),
            limit=Limit(concurrency),
            pace=pace or Pace(),
            patience=Patience(request_timeout, deadline, retries),
            notices=self._notices,
        )

    def _find_model(self, wanted: str | None, *, check: bool) -> str:
        try:
            listed = self._wire.call(address.listed_models(self._wire.client, self._url, self._key))
            return address.choose_model(wanted, listed, check=check)
        except BaseException:
            self.close()
            raise

    @property
    def identity(self) -> Mapping[str, str]:
        """The model asked for, and the server's address."""
        return {"model": self._model, "base_url": self._url}

    @property
    def observed(self) -> Mapping[str, Any]:
        """Who answered, and how often: the models and system fingerprints that answers name."""
        answered = [
            {"model": model, "system_fingerprint": fingerprint, "answers": count}
            for (model, fingerprint), count in sorted(self._asker.signatures.items())
        ]
        return {"answered": answered} if answered else {}

    abilities: frozenset[Ability] = frozenset({"schema", "sampling", "logprobs"})

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[Answered]:
        """Yield completions as they come; when closed, what is under way is cancelled first."""
        inbox: SimpleQueue[Answered | None] = SimpleQueue()
        job = self._wire.start(self._answer(prompts, inbox), lambda: inbox.put(None))
        try:
            while (answered := inbox.get()) is not None:
                self._notices.show()
                yield answered
            if job.error is not None:
                raise job.error
        finally:
            job.stop()

    async def _answer(self, prompts: Sequence[Prompt], inbox: SimpleQueue[Answered | None]) -> None:
        left = iter(enumerate(prompts))

        async def work() -> None:
            for index, prompt in left:
                inbox.put((index, await self._asker.ask(prompt)))

        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._workers, len(prompts))):
                group.create_task(work())

    def close(self) -> None:
        """End all connections; otherwise they end with the process, or when this is forgotten."""
        self._wire.close()


def _client(url: str, key: Key | None, timeout: float) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        base_url=url,
        api_key=key.value if key else _NO_KEY,
        timeout=timeout,
        max_retries=0,
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
