"""A prompt's way to its completion: asked, and asked again while that may help."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

import openai

from nerharness.backends.openai.answer import completion
from nerharness.backends.openai.fault import Fault, of_error, timed_out
from nerharness.backends.openai.key import Key
from nerharness.backends.openai.limit import Limit
from nerharness.backends.openai.notices import Notices
from nerharness.backends.openai.request import Body, Dialect
from nerharness.types import Completion, Prompt


@dataclass(frozen=True, slots=True)
class Pace:
    """When to ask again, in seconds: after a random part of `base`, doubled each time, up to `cap`.

    Full jitter, as in "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
    """

    base: float = 0.5
    cap: float = 30.0
    random: Random = field(default_factory=Random)

    def pause(self, tries: int, asked: float | None) -> float:
        """Return how long to wait after so many tries; at least what the server `asked` for."""
        if asked is not None:
            return asked + self.random.uniform(0, self.base)
        return self.random.uniform(0, min(self.base * 2 ** min(tries - 1, 32), self.cap))


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for one request and for a prompt, in seconds, and how often to ask again."""

    request: float
    prompt: float
    retries: int


_MANY = 6
"""After so many faults of one prompt a person is told why it goes slowly."""

Signature = tuple[str, str]
"""The model and system fingerprint that an answer names; empty where it names none."""


class Asker:
    """Asks one server, from one event loop."""

    def __init__(
        self,
        client: openai.AsyncOpenAI,
        key: Key,
        *,
        dialect: Dialect,
        limit: Limit,
        pace: Pace,
        patience: Patience,
        notices: Notices,
    ) -> None:
        self._client = client
        self._key = key
        self._dialect = dialect
        self._limit = limit
        self._pace = pace
        self._patience = patience
        self._notices = notices
        self.signatures: Counter[Signature] = Counter()

    async def ask(self, prompt: Prompt) -> Completion:
        """Return the prompt's completion; if there is none, one that says why."""
        if prompt.prefix:
            return _failed("Chat Completions cannot go on from a given beginning")
        last: list[Fault] = []
        try:
            async with asyncio.timeout(self._patience.prompt):
                return await self._persist(prompt, last)
        except TimeoutError:
            reason = last[-1].text if last else timed_out().text
            return _failed(f"given up after {self._patience.prompt:g} s: {reason}")
        except Fault as fault:
            if fault.kind == "filtered":
                return Completion("", "filtered")
            return _failed(fault.text)

    async def _persist(self, prompt: Prompt, faults: list[Fault]) -> Completion:
        retries = 0
        while True:
            body = self._dialect.body(prompt)
            try:
                return await self._attempt(body, weigh=prompt.logprobs)
            except Fault as fault:
                faults.append(fault)
                if self._dialect.concede(body, fault):
                    continue
                retries += fault.kind == "passing"
                if fault.kind in ("final", "filtered") or retries > self._patience.retries:
                    raise
                if len(faults) == _MANY:
                    self._notices.say("slow", f"still asking, after {_MANY} times: {fault.text}")
                await asyncio.sleep(self._pause(len(faults), fault))

    def _pause(self, tries: int, fault: Fault) -> float:
        """Return how long to wait; raises `Fault` when that is longer than we would."""
        if fault.wait is not None and fault.wait > self._patience.prompt:
            raise Fault("final", f"{fault.text} (the server asks to wait {fault.wait:g} s)")
        return self._pace.pause(tries, fault.wait)

    async def _attempt(self, body: Body, *, weigh: bool) -> Completion:
        async with self._limit.slot() as begun:
            try:
                found = await self._read(body)
            except Fault as fault:
                if fault.slow:
                    self._limit.cut(begun, fault.wait)
                raise
            self._limit.grow()
        if not weigh:
            return replace(found, tokens=None)
        if found.tokens is None and "logprobs" in body:
            self._notices.say("no tokens", "the server gives no log-probabilities of the answer")
        return found

    async def _read(self, body: Body) -> Completion:
        try:
            async with asyncio.timeout(self._patience.request):
                create = self._client.chat.completions.with_raw_response.create
                text = (await create(**body)).text
        except TimeoutError:
            raise timed_out() from None
        except openai.APIError as error:
            raise of_error(error, self._key) from None
        try:
            answer = self._key.hide_in(json.loads(text))
        except (ValueError, RecursionError):
            raise Fault("passing", "the answer is no JSON") from None
        found = completion(answer, self._key)
        self._sign(answer)
        return found

    def _sign(self, answer: dict[str, Any]) -> None:
        model, fingerprint = (
            self._key.hide(said) if isinstance(said := answer.get(name), str) else ""
            for name in ("model", "system_fingerprint")
        )
        before = {one for one, _ in self.signatures}
        self.signatures[model, fingerprint] += 1
        if before and model not in before:
            others = ", ".join(sorted(map(repr, before)))
            self._notices.say("model", f"the server answers as {model!r}, before as {others}")


def _failed(reason: str) -> Completion:
    return Completion("", "error", error=reason)
