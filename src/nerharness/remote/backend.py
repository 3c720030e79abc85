"""What backends that ask one server many prompts at once have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import Any

from nerharness.pricing import Budget
from nerharness.remote.asker import Asker
from nerharness.remote.listening import Answered, listen
from nerharness.remote.notices import Notices
from nerharness.remote.round import Put, Round
from nerharness.remote.wire import Wire
from nerharness.types import Prompt, Usage

_ROUNDS = 4
"""So many times as many units as requests at once are in a round, so that few wait for its end."""


class RemoteBackend:
    """Asks through a wire, at most `at_once` prompts at a time, within a budget.

    A backend that is one of these makes its wire first, and then sets what asks, its `asker`.
    """

    asker: Asker
    budget: Budget | None = None
    stop: Callable[[], bool] | None = None
    """Whether to begin no more: looked at while nothing comes."""

    def __init__(self, wire: Wire[Any], *, at_once: int) -> None:
        self.wire = wire
        self.at_once = at_once
        self.notices = Notices()
        self.spent = Usage()
        """What all answers took."""
        self._round: Round | None = None

    @property
    def window(self) -> int | None:
        """How many units make a round."""
        return _ROUNDS * self.at_once

    @property
    def grows(self) -> bool:
        """Whether prompts that come while others are answered are asked, too."""
        return True

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[Answered]:
        """Yield completions as they come; when closed, what is under way is cancelled first.

        Raises, after all that was under way, `Stopped` where the budget was used up before all were
        asked, and `RunError` where the server answers no prompt any more.
        """
        known = len(prompts)
        work = partial(self.answer, prompts)
        with closing(listen(self.wire, work, self.notices, self._look)) as answers:
            for answered in answers:
                yield answered
                if len(prompts) > known and self._round is not None:
                    known = len(prompts)
                    self.wire.tell(self._round.take_up)

    def _look(self) -> None:
        if self.stop is not None and self.stop():
            self.drain()

    async def answer(self, prompts: Sequence[Prompt], put: Put) -> None:
        """Put each prompt's completion, in the wire's thread; raises as `generate` does."""
        self._round = Round(
            self.asker,
            prompts,
            put,
            at_once=self.at_once,
            spend=self.spend,
            budget=self.budget,
        )
        await self._round.answer()

    def spend(self, usage: Usage) -> None:
        """Count what an answer took."""
        self.spent += usage
        if self.budget is not None:
            self.budget.add(usage)

    def drain(self) -> None:
        """Begin no more prompts."""
        if self._round is not None:
            self.wire.tell(self._round.drain)

    def close(self) -> None:
        """End all connections; otherwise they end with the process, or when this is forgotten."""
        self.wire.close()
