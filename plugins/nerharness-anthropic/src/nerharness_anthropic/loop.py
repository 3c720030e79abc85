"""An event loop in a thread of its own, so that requests go on while a caller is busy."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Loop:
    """Runs coroutines beside the caller; ends when closed, forgotten, or at the process's exit."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=_serve, args=(self._loop,), name="nerharness-anthropic", daemon=True
        )
        self._thread.start()
        self.close = weakref.finalize(self, _stop, self._loop, self._thread)

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Do the work and return what it comes to."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def start(self, work: Coroutine[Any, Any, T], done: Callable[[], None]) -> asyncio.Task[T]:
        """Begin the work; `done` is called, in the loop's thread, when it has ended in any way."""

        async def begin() -> asyncio.Task[T]:
            task = asyncio.get_running_loop().create_task(work)
            task.add_done_callback(lambda _: done())
            return task

        return self.call(begin())

    def stop(self, task: asyncio.Task[T]) -> None:
        """Cancel what is left of the work, and wait until none of it runs any more."""

        async def end() -> None:
            task.cancel()
            await asyncio.wait([task])

        if threading.current_thread() is self._thread:  # the garbage collector called us
            task.cancel()
        elif not task.done():
            self.call(end())

    def at_end(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Have this done before the loop ends."""
        self.close.detach()
        self.close = weakref.finalize(self, _stop, self._loop, self._thread, work)


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


def _stop(
    loop: asyncio.AbstractEventLoop,
    thread: threading.Thread,
    last: Callable[[], Coroutine[Any, Any, None]] | None = None,
) -> None:
    async def end() -> None:
        if last is not None:
            await last()
        loop.stop()

    asyncio.run_coroutine_threadsafe(end(), loop)
    if threading.current_thread() is not thread:
        thread.join()
