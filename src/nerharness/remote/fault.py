"""What went wrong with a request, and what follows from it."""

from __future__ import annotations

from typing import Literal

from nerharness.types import Completion, Usage

Kind = Literal["busy", "passing", "final", "filtered", "worded", "doubtful", "closed"]
"""busy: the server wants us to wait. passing: trying again may help. final: it does not. filtered:
the server answers no such prompt. worded: it takes the question in other words, which come next.
doubtful: trying again does not help, and other prompts may have no answer, either. closed: none
has."""


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
    ) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text
        self.wait = wait
        self.slow = slow
        self.status = status
        self.usage = Usage()


def timed_out() -> Fault:
    """Return the fault of a request that took too long."""
    return Fault("passing", "no answer in time", slow=True)


def failed(reason: str) -> Completion:
    """Return the completion of a prompt without an answer."""
    return Completion("", "error", error=reason)


def outcome(fault: Fault) -> Completion:
    """Return the completion of a prompt whose last answer was a fault."""
    return Completion("", "filtered") if fault.kind == "filtered" else failed(fault.text)
