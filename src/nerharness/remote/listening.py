"""What work in another thread gives, one by one in the caller's."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from queue import Empty, SimpleQueue
from typing import Any

from nerharness.remote.notices import Notices
from nerharness.remote.round import Put
from nerharness.remote.wire import Wire
from nerharness.types import Completion

_LOOK = 1.0
"""Seconds after which notices are shown, at the latest."""

Answered = tuple[int, Completion]
_Inbox = SimpleQueue[Answered | None]


def listen(
    wire: Wire[Any],
    work: Callable[[Put], Coroutine[Any, Any, None]],
    notices: Notices,
    look: Callable[[], None] = lambda: None,
) -> Generator[Answered]:
    """Yield what the work puts, as it comes, and raise what ended it before its time.

    Calls `look` now and then while nothing comes.
    When closed, what is under way is cancelled first.
    """
    inbox: _Inbox = SimpleQueue()
    job = wire.start(work(lambda *answered: inbox.put(answered)), lambda: inbox.put(None))
    try:
        while (answered := _next(inbox, notices, look)) is not None:
            yield answered
        notices.show()
        if job.error is not None:
            raise job.error
    finally:
        job.stop()


def _next(inbox: _Inbox, notices: Notices, look: Callable[[], None]) -> Answered | None:
    while True:
        notices.show()
        look()
        try:
            return inbox.get(timeout=_LOOK)
        except Empty:
            continue
