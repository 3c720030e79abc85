"""What went wrong with a request, and what follows from it."""

from __future__ import annotations

import anthropic
from nerharness import remote
from nerharness.remote import Key, Kind, asked_to_wait, timed_out

_BUSY = frozenset({429, 503, 529})
_PASSING = frozenset({408, 409, 425})
_CLOSED = frozenset({401, 402})
_DOUBTFUL = frozenset({403, 404})
_SPENT = "credit balance is too low"
"""What an account without credit is told, with status 400."""

_SHOWN = 300
"""So much of what a server says is shown."""


class Fault(remote.Fault):
    """A request without an answer.

    `said` is the server's own message, which may quote the prompt: `text` alone is shown.
    """

    def __init__(
        self,
        kind: Kind,
        text: str,
        *,
        wait: float | None = None,
        slow: bool = False,
        status: int | None = None,
        said: str = "",
    ) -> None:
        super().__init__(kind, text, wait=wait, slow=slow, status=status)
        self.said = said


def of_error(error: anthropic.AnthropicError, key: Key) -> remote.Fault:
    """Return the fault that an exception of the library stands for."""
    if isinstance(error, anthropic.APIStatusError):
        status = error.status_code
        said = error.api_message or error.response.text
        shown = " ".join(key.hide(said).split())[:_SHOWN]
        return Fault(
            _kind(status, said),
            f"HTTP {status}: {shown}" if shown else f"HTTP {status}",
            wait=asked_to_wait(error.response.headers),
            slow=status in _BUSY,
            status=status,
            said=said,
        )
    if isinstance(error, anthropic.APITimeoutError):
        return timed_out()
    reason = error.__cause__ or error
    text = " ".join(f"{type(reason).__name__}: {reason}".split()).rstrip(": ")
    return Fault("passing", f"the connection failed: {key.hide(text)[:_SHOWN]}")


def _kind(status: int, said: str) -> Kind:
    if status in _CLOSED or (status == 400 and _SPENT in said[:_SHOWN]):
        return "closed"
    if status in _DOUBTFUL or status < 400:  # a redirect, which is not followed
        return "doubtful"
    if status in _BUSY:
        return "busy"
    return "passing" if status >= 500 or status in _PASSING else "final"
