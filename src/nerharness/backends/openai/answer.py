"""A server's answer as a completion; whatever is wrong with it is a fault, never a crash."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nerharness.backends.openai.api import Api
from nerharness.backends.openai.fault import Complaint, Fault, of_status
from nerharness.pricing import Price, priced
from nerharness.remote import Key
from nerharness.types import Completion, Usage

_STATUSES = {"rate_limit_exceeded": 429, "invalid_prompt": 400}
"""What the codes stand for that come with status 200; any other is taken for 500."""


def completion(answer: Any, api: Api, key: Key, price: Price | None = None) -> Completion:
    """Return the completion that the JSON value of an answer holds; raises `Fault` if none.

    Its tokens are those that the answer gives, if their texts make up its text, and else `None`.
    The fault of an answer that was written, and so has its price, holds its usage.
    """
    if not isinstance(answer, dict):
        raise Fault("passing", "the answer is no JSON object")
    if answer.get("error"):  # with status 200, as gateways do
        raise _told(answer["error"], key)
    usage = api.usage(answer)
    try:
        found = api.completion(answer)
    except Fault as fault:
        fault.usage = priced(usage, price) if usage != Usage() else usage
        raise
    return replace(found, usage=priced(usage, price))


def _told(error: Any, key: Key) -> Fault:
    complaint = Complaint(str(error))
    code = None
    if isinstance(error, dict):
        code = error.get("code")
        complaint = Complaint(str(error.get("message", error)), str(code or ""))
    if isinstance(code, int) and code >= 400:
        return of_status(code, complaint, key)
    return of_status(_STATUSES.get(complaint.code, 500), complaint, key)
