"""The `anthropic` backend: many prompts at once, to one server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from queue import SimpleQueue
from typing import Any

import anthropic
from nerharness.errors import UsageError
from nerharness.plugin import Ability
from nerharness.remote import Key, Limit, Notices, read_key
from nerharness.types import Completion, Prompt

from nerharness_anthropic import address
from nerharness_anthropic.answer import COUNTS
from nerharness_anthropic.asking import Asker, Patience
from nerharness_anthropic.loop import Loop
from nerharness_anthropic.request import Dialect
from nerharness_anthropic.sharing import Sharing

_NO_KEY = "none"
"""What servers without keys are given, since the library wants one."""

Answered = tuple[int, Completion]


class AnthropicBackend:
    """Asks as many prompts at once as the server bears.

    The library's own retries, tracing and search for credentials are off.
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
        prompt_cache: bool,
        patience: Patience | None = None,
    ) -> None:
        _check(max_tokens, concurrency, request_timeout, deadline, retries)
        if model is None:
            raise UsageError("which model to ask is not said", where="--model")
        self._model = model
        self._url = address.base_url(base_url)
        key = read_key(variable=api_key_env, file=api_key_file)
        if key is None and self._url == address.ANTHROPIC:
            raise UsageError(
                "Anthropic's server needs an API key, and none is set",
                where="--backend anthropic",
                hint=f"set {api_key_env}, or give --api-key-file",
            )
        self._loop = Loop()
        client = anthropic.AsyncAnthropic(
            api_key=key.value if key else _NO_KEY,
            base_url=self._url,
            timeout=request_timeout,
            max_retries=0,
            open_telemetry=False,
        )
        self._loop.at_end(client.close)
        if check_model:
            self._ask_for_model(client, key or Key(""))
        self._notices = Notices()
        self._workers = concurrency
        self._asker = Asker(
            client,
            key or Key(""),
            dialect=Dialect(model, max_tokens, self._notices),
            limit=Limit(concurrency),
            patience=patience or Patience(request_timeout, deadline, retries),
            sharing=Sharing(use=prompt_cache),
            notices=self._notices,
        )

    def _ask_for_model(self, client: anthropic.AsyncAnthropic, key: Key) -> None:
        try:
            self._loop.call(address.check_model(client, self._model, self._url, key))
        except BaseException:
            self.close()
            raise

    @property
    def identity(self) -> Mapping[str, str]:
        """The model asked for, and the server's address."""
        return {"model": self._model, "base_url": self._url}

    @property
    def observed(self) -> Mapping[str, Any]:
        """Which models answered how often, and the tokens read anew, cached, and written."""
        if not self._asker.models:
            return {}
        answered = [
            {"model": model, "answers": count}
            for model, count in sorted(self._asker.models.items())
        ]
        return {"answered": answered, "tokens": {one: self._asker.tokens[one] for one in COUNTS}}

    abilities: frozenset[Ability] = frozenset({"schema"})

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[Answered]:
        """Yield completions as they come; when closed, what is under way is cancelled first."""
        if not prompts:
            return
        inbox: SimpleQueue[Answered | None] = SimpleQueue()
        work = self._loop.start(self._answer(prompts, inbox), lambda: inbox.put(None))
        try:
            while (answered := inbox.get()) is not None:
                self._notices.show()
                yield answered
            work.result()
        finally:
            self._loop.stop(work)

    async def _answer(self, prompts: Sequence[Prompt], inbox: SimpleQueue[Answered | None]) -> None:
        self._asker.sharing.expect(prompts)
        left = iter(enumerate(prompts))

        async def work() -> None:
            for index, prompt in left:
                inbox.put((index, await self._asker.ask(prompt)))

        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._workers, len(prompts))):
                group.create_task(work())

    def close(self) -> None:
        """End all connections; otherwise they end with the process, or when this is forgotten."""
        self._loop.close()


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
