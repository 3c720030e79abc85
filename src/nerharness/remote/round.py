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
        self._waiting = iter(enumerate(prompts))  # also those that are added meanwhile
        self._left = False  # whether prompts that were taken up were not asked
        self._put = put
        self._spend = spend
        self._at_once = min(at_once, len(prompts))
        self._budget = budget
        self._under_way: dict[asyncio.Task[None], Question] = {}
        self._draining = budget is not None and budget.used_up
        self._end: RunError | None = None

    async def answer(self) -> None:
        """Put each prompt's completion, until all are there.

        Raises `Stopped` where the budget was used up before, and the `RunError` of a server that
        answers nobody, both after all that was under way.
        """
        async with asyncio.TaskGroup() as group:
            for _ in range(self._at_once):
                group.create_task(self._work())
        if self._end is not None:
            raise self._end
        left = self._left or next(self._waiting, None) is not None
        if left and self._budget is not None and self._budget.used_up:
            raise self._budget.stop()

    def drain(self) -> None:
        """Begin no more prompts; those that wait to be asked for the first time are left."""
        self._draining = True
        for task, question in self._under_way.items():
            if not question.begun:
                task.cancel()

    async def _work(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        while not self._draining and (one := next(self._waiting, None)):
            self._under_way[task] = question = self._asker.question(one[1])
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
            self._put(one[0], completion)
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
