"""One question to a server, and its answer."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import anthropic
from nerharness.pricing import Price
from nerharness.remote import Begin, Key
from nerharness.types import Completion, Prompt

from nerharness_anthropic.answer import completion, counts
from nerharness_anthropic.fault import Fault, of_error
from nerharness_anthropic.request import Body, Dialect
from nerharness_anthropic.sharing import Sharing


class Sender:
    """Asks one server, once each time, and counts who answered and what that took."""

    def __init__(
        self,
        client: anthropic.AsyncAnthropic,
        key: Key,
        *,
        dialect: Dialect,
        sharing: Sharing,
        price: Price | None,
    ) -> None:
        self._client = client
        self._key = key
        self._dialect = dialect
        self._price = price
        self.sharing = sharing
        self.models: Counter[str] = Counter()
        self.tokens: Counter[str] = Counter()

    async def __call__(self, prompt: Prompt, begin: Begin) -> Completion:
        """Return the prompt's completion; raises `Fault` if there is none."""
        async with self.sharing.turn(prompt) as shared:
            body = self._dialect.body(prompt, shared)
            try:
                async with begin():
                    answer = await self._read(body)
                self._count(answer)
                return completion(answer, self._price)
            except Fault as fault:
                if self._dialect.concede(body, fault):
                    fault.kind = "worded"
                raise

    def _count(self, answer: Any) -> None:
        if isinstance(answer, dict):
            self.tokens.update(counts(answer))
            if isinstance(model := answer.get("model"), str):
                self.models[model] += 1

    async def _read(self, body: Body) -> Any:
        """Return the JSON value that the server answers, without the key."""
        try:
            raw = await self._client.messages.with_raw_response.create(**body)
            text = await raw.text()
        except anthropic.AnthropicError as error:
            raise of_error(error, self._key) from None
        try:
            return self._key.hide_in(json.loads(text))
        except (ValueError, RecursionError):
            raise Fault("passing", "the answer is no JSON") from None
