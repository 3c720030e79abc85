"""A prompt's way to its completion: asked, and asked again while that may help."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from nerharness.backends.openai.api import Body
from nerharness.backends.openai.fault import Fault, timed_out
from nerharness.backends.openai.post import Post
from nerharness.backends.openai.reader import NO_PREFIX, Reader, failed, outcome
from nerharness.backends.openai.request import Dialect
from nerharness.remote import Limit, Notices, Pace
from nerharness.types import Completion, Prompt, Usage


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for one request and for a prompt, in seconds, and how often to ask again."""

    request: float
    prompt: float
    retries: int


_MANY = 6
"""After so many faults of one prompt a person is told why it goes slowly."""

_NOTHING = Usage()
_WEIGHED = frozenset({"logprobs", "include"})
"""The fields that ask for log-probabilities."""


class Asker:
    """Asks one server, from one event loop."""

    def __init__(
        self,
        post: Post,
        reader: Reader,
        *,
        dialect: Dialect,
        limit: Limit,
        pace: Pace,
        patience: Patience,
        notices: Notices,
    ) -> None:
        self._post = post
        self._reader = reader
        self._dialect = dialect
        self._limit = limit
        self._pace = pace
        self._patience = patience
        self._notices = notices

    async def ask(self, prompt: Prompt) -> Completion:
        """Return the prompt's completion; if there is none, one that says why.

        Its usage is of all answers that were written to the prompt, even those not to be read.
        """
        if prompt.prefix:
            return failed(NO_PREFIX)
        faults: list[Fault] = []
        try:
            async with asyncio.timeout(self._patience.prompt):
                found = await self._persist(prompt, faults)
        except TimeoutError:
            reason = faults[-1].text if faults else timed_out().text
            found = failed(f"given up after {self._patience.prompt:g} s: {reason}")
        except Fault as fault:
            found = outcome(fault)
        if any(fault.usage != _NOTHING for fault in faults):
            found = replace(found, usage=sum((one.usage for one in faults), found.usage))
        return found

    async def _persist(self, prompt: Prompt, faults: list[Fault]) -> Completion:
        retries = 0
        while True:
            body = self._dialect.body(prompt)
            try:
                return await self._attempt(body, weigh=not _WEIGHED.isdisjoint(body))
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
                async with asyncio.timeout(self._patience.request):
                    text = await self._post.send(body)
            except TimeoutError:
                self._limit.cut(begun)
                raise timed_out() from None
            except Fault as fault:
                if fault.slow:
                    self._limit.cut(begun, fault.wait)
                raise
            self._limit.grow()
        return self._reader.read(text, weigh=weigh)
