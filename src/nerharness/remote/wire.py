"""An event loop in a thread of its own, with connections that outlive a call."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from typing import Any, Generic, NamedTuple, TypeVar

C = TypeVar("C", bound=AbstractAsyncContextManager[Any])
T = TypeVar("T")


class _Line(NamedTuple):
    """A running loop, its client, and what ends both."""

    loop: asyncio.AbstractEventLoop
    client: Any
    over: asyncio.Event


class Wire(Generic[C]):
    """Runs coroutines beside the caller; ends when closed, forgotten, or at the process's exit.

    `connect` is called in the thread, which has its `name`; what it makes is closed in the end.
    """

    def __init__(self, connect: Callable[[], C], *, name: str) -> None:
        opened: Future[_Line] = Future()
        self._thread = threading.Thread(
            target=_serve, args=(connect, opened), name=name, daemon=True
        )
        self._thread.start()
        line = opened.result()
        self._loop = line.loop
        self.client: C = line.client
        self.close = weakref.finalize(self, _hang_up, line, self._thread)

    def start(self, work: Coroutine[Any, Any, None], done: Callable[[], None]) -> Job:
        """Begin the work; `done` is called, in the wire's thread, when it has ended in any way."""
        return Job(work, done, self._loop, self._thread)

    def tell(self, action: Callable[[], None]) -> None:
        """Have this called in the wire's thread, soon."""
        self._loop.call_soon_threadsafe(action)

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Do the work and return what it comes to."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


class Job:
    """Work under way in a wire."""

    def __init__(
        self,
        work: Coroutine[Any, Any, None],
        done: Callable[[], None],
        loop: asyncio.AbstractEventLoop,
        thread: threading.Thread,
    ) -> None:
        self.error: BaseException | None = None
        """What ended the work before its time."""
        self._done = done
        self._loop = loop
        self._thread = thread
        self._ended = threading.Event()
        self._task: asyncio.Task[None] | None = None
        loop.call_soon_threadsafe(self._begin, work)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._task = self._loop.create_task(work)
        self._task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        self.error = asyncio.CancelledError() if task.cancelled() else task.exception()
        self._ended.set()
        self._done()

    def stop(self) -> None:
        """Cancel what is left of the work, and wait until none of it runs any more."""
        if self._ended.is_set():
            return
        self._loop.call_soon_threadsafe(self._cancel)
        if threading.current_thread() is not self._thread:  # else the garbage collector called us
            self._ended.wait()

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()


def _serve(connect: Callable[[], Any], opened: Future[_Line]) -> None:
    try:
        asyncio.run(_listen(connect, opened))
    except BaseException as error:
        if opened.done():
            raise
        opened.set_exception(error)


async def _listen(connect: Callable[[], Any], opened: Future[_Line]) -> None:
    async with connect() as client:
        over = asyncio.Event()
        opened.set_result(_Line(asyncio.get_running_loop(), client, over))
        await over.wait()


def _hang_up(line: _Line, thread: threading.Thread) -> None:
    line.loop.call_soon_threadsafe(line.over.set)
    if threading.current_thread() is not thread:
        thread.join()
