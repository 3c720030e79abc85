"""What went wrong with a request, and what follows from it."""

from __future__ import annotations

import json
from typing import NamedTuple

import openai

from nerharness import remote
from nerharness.remote import Key, Kind, asked_to_wait, timed_out

SHOWN = 300
"""So much of what a server says is shown."""

_BUSY = frozenset({429, 503})
_PASSING = frozenset({408, 409, 425})
_FILTERED = frozenset(
    {
        "bio_policy",
        "content_filter",
        "content_policy_violation",
        "misalignment_policy_violation",
    }
)
_SPENT = frozenset({"billing_hard_limit_reached", "billing_not_active", "insufficient_quota"})
_CLOSED = frozenset({401, 402})
_DOUBTFUL = frozenset({403, 404})


class Complaint(NamedTuple):
    """What the body of an error says; `code` and `param` are empty if it does not."""

    message: str
    code: str = ""
    param: str = ""

    @classmethod
    def of(cls, body: str) -> Complaint:
        """Read the body, whatever its shape."""
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            return cls(body)
        error = value.get("error", value) if isinstance(value, dict) else value
        if not isinstance(error, dict):
            return cls(error if isinstance(error, str) else body)
        message = error.get("message")
        return cls(
            message if isinstance(message, str) else body,
            str(error.get("code") or error.get("type") or ""),
            str(error.get("param") or ""),
        )


class Fault(remote.Fault):
    """A request without an answer, and what the server says of it."""

    def __init__(
        self,
        kind: Kind,
        text: str,
        *,
        wait: float | None = None,
        slow: bool = False,
        status: int | None = None,
        complaint: Complaint | None = None,
    ) -> None:
        super().__init__(kind, text, wait=wait, slow=slow, status=status)
        self.complaint = complaint or Complaint(text)


def of_error(error: openai.APIError, key: Key) -> remote.Fault:
    """Return the fault that an exception of the library stands for."""
    if isinstance(error, openai.APIStatusError):
        response = error.response
        wait = asked_to_wait(response.headers)
        return of_status(response.status_code, Complaint.of(response.text), key, wait=wait)
    if isinstance(error, openai.APITimeoutError):
        return timed_out()
    return of_failure(error.__cause__ or error, key)


def of_failure(reason: BaseException, key: Key) -> Fault:
    """Return the fault of a connection that could not be made, or was lost."""
    text = " ".join(f"{type(reason).__name__}: {reason}".split()).rstrip(": ")
    return Fault("passing", f"the connection failed: {key.hide(text)[:SHOWN]}")


def of_status(status: int, complaint: Complaint, key: Key, *, wait: float | None = None) -> Fault:
    """Return the fault that a status and the error with it stand for."""
    shown = " ".join(key.hide(complaint.message).split())[:SHOWN]
    return Fault(
        _kind(status, complaint.code),
        f"HTTP {status}: {shown}" if shown else f"HTTP {status}",
        wait=wait,
        slow=status in _BUSY,
        status=status,
        complaint=complaint,
    )


def _kind(status: int, code: str) -> Kind:
    if code in _FILTERED:
        return "filtered"
    if code in _SPENT or status in _CLOSED:
        return "closed"
    if status in _DOUBTFUL or status < 400:  # a redirect, which is not followed
        return "doubtful"
    if status in _BUSY:
        return "busy"
    return "passing" if status >= 500 or status in _PASSING else "final"
