"""What went wrong with a request, and what follows from it."""

from __future__ import annotations

from typing import Literal

import anthropic
from nerharness.remote import Key, asked_to_wait

Kind = Literal["busy", "passing", "final"]
"""busy: the server has too much to do. passing: trying again may help. final: it does not."""

_BUSY = frozenset({429, 503, 529})
_PASSING = frozenset({408, 409, 425})
_SHOWN = 300
"""So much of what a server says is shown."""


class Fault(Exception):  # noqa: N818 - a value as much as an error
    """A request without an answer; `wait` is how many seconds the server asks to wait, if it does.

    `said` is the server's own message, which may quote the prompt: `text` alone is shown.
    """

    def __init__(
        self,
        kind: Kind,
        text: str,
        *,
        wait: float | None = None,
        status: int | None = None,
        said: str = "",
    ) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text
        self.wait = wait
        self.status = status
        self.said = said


def of_error(error: anthropic.AnthropicError, key: Key) -> Fault:
    """Return the fault that an exception of the library stands for."""
    if isinstance(error, anthropic.APIStatusError):
        status = error.status_code
        said = error.api_message or error.response.text
        shown = " ".join(key.hide(said).split())[:_SHOWN]
        return Fault(
            _kind(status),
            f"HTTP {status}: {shown}" if shown else f"HTTP {status}",
            wait=asked_to_wait(error.response.headers),
            status=status,
            said=said,
        )
    if isinstance(error, anthropic.APITimeoutError):
        return timed_out()
    reason = error.__cause__ or error
    text = " ".join(f"{type(reason).__name__}: {reason}".split()).rstrip(": ")
    return Fault("passing", f"the connection failed: {key.hide(text)[:_SHOWN]}")


def _kind(status: int) -> Kind:
    if status in _BUSY:
        return "busy"
    return "passing" if status >= 500 or status in _PASSING else "final"


def timed_out() -> Fault:
    """Return the fault of a request that took too long."""
    return Fault("passing", "no answer in time")
