"""Prompts that are asked side by side, until all are answered or no more are to be begun."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from nerharness.errors import RunError
from nerharness.pricing import Budget
from nerharness.remote.asker import Asker, Question
from nerharness.types import Completion, Prompt, Usage

Put = Callable[[int, Completion], None]
"""Takes a prompt's place among those asked, and its completion."""

Spend = Callable[[Usage], None]
"""Takes what answers took, also those to prompts that have no completion in the end."""


class Round:
    """Has an asker answer prompts, so many at once; belongs to its event loop."""

    def __init__(
        self,
        asker: Asker,
        prompts: Sequence[Prompt],
        put: Put,
        *,
        at_once: int,
        spend: Spend,
        budget: Budget | None = None,
    ) -> None:
        self._asker = asker
        self._prompts = prompts
        self._taken = 0
        self._left = False  # whether prompts that were taken up were not asked
        self._put = put
        self._spend = spend
        self._at_once = at_once
        self._budget = budget
        self._group: asyncio.TaskGroup | None = None
        self._workers: set[asyncio.Task[None]] = set()
        self._under_way: dict[asyncio.Task[None], Question] = {}
        self._draining = budget is not None and budget.used_up
        self._end: RunError | None = None

    async def answer(self) -> None:
        """Put each prompt's completion, until all are there.

        Raises `Stopped` where the budget was used up before, and the `RunError` of a server that
        answers nobody, both after all that was under way.
        """
        async with asyncio.TaskGroup() as group:
            self._begin(group)
            self._group = group
        if self._end is not None:
            raise self._end
        left = self._left or self._taken < len(self._prompts)
        if left and self._budget is not None and self._budget.used_up:
            raise self._budget.stop()

    def take_up(self) -> None:
        """Ask prompts that were added, as far as there is room; those that come too late are left.

        That is when all others have been answered.
        """
        if self._group is not None and self._workers:
            self._begin(self._group)

    def _begin(self, group: asyncio.TaskGroup) -> None:
        room = self._at_once - len(self._workers)
        for _ in range(min(room, len(self._prompts) - self._taken)):
            worker = group.create_task(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)

    def drain(self) -> None:
        """Begin no more prompts; those that wait to be asked for the first time are left."""
        self._draining = True
        for task, question in self._under_way.items():
            if not question.begun:
                task.cancel()

    async def _work(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        while not self._draining and self._taken < len(self._prompts):
            index = self._taken
            self._taken += 1
            self._under_way[task] = question = self._asker.question(self._prompts[index])
            try:
                completion = await self._asker.ask(question)
            except RunError as error:
                self._spend(question.usage)
                self._leave(error)
                return
            except asyncio.CancelledError:
                self._left = True
                self._spend(question.usage)
                raise
            finally:
                del self._under_way[task]
            self._spend(completion.usage)
            self._put(index, completion)
            if self._budget is not None and self._budget.used_up:
                self.drain()

    def _leave(self, reason: RunError) -> None:
        """Wait for what the server is answering, and for nothing else."""
        self._end = self._end or reason
        self._draining = True
        own = asyncio.current_task()
        for task, question in self._under_way.items():
            question.over = reason
            if not question.asking and task is not own:
                task.cancel()
