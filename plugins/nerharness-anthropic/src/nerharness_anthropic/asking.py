"""A prompt's way to its completion: asked, and asked again while that may help."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import anthropic
from nerharness.remote import Key, Limit, Notices, Pace
from nerharness.types import Completion, Prompt

from nerharness_anthropic.answer import completion, counts
from nerharness_anthropic.fault import Fault, of_error, timed_out
from nerharness_anthropic.request import Body, Dialect
from nerharness_anthropic.sharing import Sharing


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for one request and for a prompt, in seconds, and how often to ask again."""

    request: float
    prompt: float
    retries: int
    pace: Pace = field(default_factory=Pace)


_MANY = 6
"""After so many faults of one prompt a person is told why it goes slowly."""


class Asker:
    """Asks one server, from one event loop."""

    def __init__(
        self,
        client: anthropic.AsyncAnthropic,
        key: Key,
        *,
        dialect: Dialect,
        limit: Limit,
        patience: Patience,
        sharing: Sharing,
        notices: Notices,
    ) -> None:
        self._client = client
        self._key = key
        self._dialect = dialect
        self._limit = limit
        self._patience = patience
        self._notices = notices
        self.sharing = sharing
        self.models: Counter[str] = Counter()
        self.tokens: Counter[str] = Counter()

    async def ask(self, prompt: Prompt) -> Completion:
        """Return the prompt's completion; if there is none, one that says why."""
        faults: list[Fault] = []
        try:
            async with asyncio.timeout(self._patience.prompt):
                return await self._persist(prompt, faults)
        except TimeoutError:
            reason = faults[-1].text if faults else timed_out().text
            return _failed(f"given up after {self._patience.prompt:g} s: {reason}")
        except Fault as fault:
            return _failed(fault.text)

    async def _persist(self, prompt: Prompt, faults: list[Fault]) -> Completion:
        retries = 0
        while True:
            try:
                async with self.sharing.turn(prompt) as shared:
                    body = self._dialect.body(prompt, shared)
                    return await self._attempt(body)
            except Fault as fault:
                faults.append(fault)
                if self._dialect.concede(body, fault):
                    continue
                retries += fault.kind == "passing"
                if fault.kind == "final" or retries > self._patience.retries:
                    raise
                if len(faults) == _MANY:
                    self._notices.say("slow", f"still asking, after {_MANY} times: {fault.text}")
                await asyncio.sleep(self._pause(len(faults), fault))

    def _pause(self, tries: int, fault: Fault) -> float:
        """Return how long to wait; raises `Fault` when that is longer than we would."""
        if fault.wait is not None and fault.wait > self._patience.prompt:
            raise Fault("final", f"{fault.text} (the server asks to wait {fault.wait:g} s)")
        return self._patience.pace.pause(tries, fault.wait)

    async def _attempt(self, body: Body) -> Completion:
        async with self._limit.slot() as begun:
            try:
                answer = await self._read(body)
            except Fault as fault:
                if fault.kind == "busy":
                    self._limit.cut(begun, fault.wait)
                raise
            self._limit.grow()
        found = completion(answer)
        self.tokens.update(counts(answer))
        if isinstance(model := answer.get("model"), str):
            self.models[model] += 1
        return found

    async def _read(self, body: Body) -> Any:
        """Return the JSON value that the server answers, without the key."""
        try:
            async with asyncio.timeout(self._patience.request):
                raw = await self._client.messages.with_raw_response.create(**body)
                text = await raw.text()
        except TimeoutError:
            raise timed_out() from None
        except anthropic.AnthropicError as error:
            raise of_error(error, self._key) from None
        try:
            return self._key.hide_in(json.loads(text))
        except (ValueError, RecursionError):
            raise Fault("passing", "the answer is no JSON") from None


def _failed(reason: str) -> Completion:
    return Completion("", "error", error=reason)
