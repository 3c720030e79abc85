"""What the server writes as completions, with what they cost, and who wrote them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

from nerharness.backends.openai.answer import completion
from nerharness.backends.openai.api import Api
from nerharness.backends.openai.fault import Fault
from nerharness.pricing import Price
from nerharness.remote import Key, Notices
from nerharness.types import Completion

Signature = tuple[str, str]
"""The model and system fingerprint that an answer names; empty where it names none."""

NO_PREFIX = "the API cannot go on from a given beginning"


class Reader:
    """Reads the answers of one server; hides the key in all of them."""

    def __init__(self, api: Api, key: Key, price: Price | None, notices: Notices) -> None:
        self.signatures: Counter[Signature] = Counter()
        self._api = api
        self._key = key
        self._price = price
        self._notices = notices
        self._signed: dict[Signature, Signature] = {}

    def at(self, price: Price | None) -> Reader:
        """Return a reader for which answers have this price; both count who answers together."""
        other = Reader(self._api, self._key, price, self._notices)
        other.signatures = self.signatures
        return other

    def read(self, text: str, *, weigh: bool) -> Completion:
        """Return the completion that an answer's text holds; raises `Fault` if it holds none."""
        try:
            answer = json.loads(text)
        except (ValueError, RecursionError):
            raise Fault("passing", "the answer is no JSON") from None
        return self.judge(answer, weigh=weigh)

    def judge(self, answer: Any, *, weigh: bool) -> Completion:
        """Return the completion of an answer's JSON value, its tokens only if they are wanted."""
        answer = self._key.hide_in(answer)
        found = completion(answer, self._api, self._key, self._price)
        self._sign(answer)
        if not weigh:
            return replace(found, tokens=None) if found.tokens else found
        if found.tokens is None:
            self._notices.say("no tokens", "the server gives no log-probabilities of the answer")
        return found

    def _sign(self, answer: dict[str, Any]) -> None:
        named = tuple(
            said if isinstance(said := answer.get(name), str) else ""
            for name in ("model", "system_fingerprint")
        )
        signature = self._signed.get(named)  # type: ignore[arg-type]
        if signature is None:
            signature = self._new(named)
        self.signatures[signature] += 1

    def _new(self, named: tuple[str, ...]) -> Signature:
        model, fingerprint = map(self._key.hide, named)
        before = {one for one, _ in self.signatures}
        if before and model not in before:
            others = ", ".join(sorted(map(repr, before)))
            self._notices.say("model", f"the server answers as {model!r}, before as {others}")
        self._signed[named[0], named[1]] = model, fingerprint
        return model, fingerprint
