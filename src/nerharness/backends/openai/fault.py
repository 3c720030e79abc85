"""What went wrong with a request, and what follows from it."""

from __future__ import annotations

import json
from typing import Literal, NamedTuple

import openai

from nerharness.remote import Key, asked_to_wait
from nerharness.types import Usage

Kind = Literal["busy", "passing", "final", "filtered"]
"""busy: the server wants us to wait. passing: trying again may help. final: it does not. filtered:
the server answers no such prompt."""

_SHOWN = 300
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
_SPENT = frozenset({"insufficient_quota", "billing_hard_limit_reached"})


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


class Fault(Exception):  # noqa: N818 - a value as much as an error
    """A request without an answer.

    `wait` is how many seconds the server wants us to wait, if it says so; `slow` means that it has
    more to do than it can. `usage` is that of an answer that was written but cannot be read.
    """

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
        super().__init__(text)
        self.kind = kind
        self.text = text
        self.wait = wait
        self.slow = slow
        self.status = status
        self.complaint = complaint or Complaint(text)
        self.usage = Usage()


def of_error(error: openai.APIError, key: Key) -> Fault:
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
    return Fault("passing", f"the connection failed: {key.hide(text)[:_SHOWN]}")


def of_status(status: int, complaint: Complaint, key: Key, *, wait: float | None = None) -> Fault:
    """Return the fault that a status and the error with it stand for."""
    shown = " ".join(key.hide(complaint.message).split())[:_SHOWN]
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
    if code in _SPENT:
        return "final"
    if status in _BUSY:
        return "busy"
    return "passing" if status >= 500 or status in _PASSING else "final"


def timed_out() -> Fault:
    """Return the fault of a request that took too long."""
    return Fault("passing", "no answer in time", slow=True)
