"""A round: prompts that are answered side by side, as many at once as there are slots."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nerharness.types import Completion

from nerharness_llamacpp.answer import Answer
from nerharness_llamacpp.log import complaints
from nerharness_llamacpp.slots import Slots


@dataclass(slots=True)
class Work:
    """A prompt to be answered with at most `limit` tokens."""

    index: int
    tokens: list[int]
    limit: int
    begin: Callable[[], Answer]
    """Raises `ValueError` for a constraint that cannot be followed."""
    answer: Answer | None = None

    @property
    def written(self) -> Answer:
        """The answer of a prompt that was read."""
        assert self.answer is not None
        return self.answer

    @property
    def over(self) -> bool:
        """Whether nothing more is to be written."""
        return self.written.complete or len(self.written.tokens) >= self.limit


class Round:
    """Reads prompts as slots become free, and goes on with all that are read, token by token."""

    def __init__(
        self, slots: Slots, works: list[Work], complete: Callable[[Work], Completion]
    ) -> None:
        self._slots = slots
        self._waiting = deque(works)
        self._running: dict[int, Work] = {}
        self._complete = complete
        self.draining = False
        """Whether no more prompts are to be begun."""

    def completions(self) -> Iterator[tuple[int, Completion]]:
        """Yield each prompt's completion as it is finished."""
        while self._running or (self._waiting and not self.draining):
            self._take_slots()
            yield from self._read()
            yield from self._go_on()

    def _take_slots(self) -> None:
        """Begin anew what was under way when another round took the slots."""
        if self._slots.owner is not self:
            self._slots.owner = self
            self._waiting.extendleft(work for _, work in sorted(self._running.items()))
            self._running.clear()

    def _read(self) -> Iterator[tuple[int, Completion]]:
        while self._waiting and not self.draining and len(self._running) < len(self._slots):
            work = self._waiting.popleft()
            with complaints() as reasons:
                failed = self._begin(work, reasons)
            if failed or work.over:
                yield work.index, failed or self._complete(work)
                self._take_slots()

    def _begin(self, work: Work, reasons: list[str]) -> Completion | None:
        free = [slot for slot in range(len(self._slots)) if slot not in self._running]
        slot = self._slots.choose(work.tokens, free)
        try:
            work.answer = work.begin()
            work.answer.extend(self._slots.read(slot, work.tokens))
        except Exception as error:  # of llama.cpp, or the grammar's; the other prompts go on
            return failure(error, reasons)
        if not work.over:
            self._running[slot] = work
        return None

    def _go_on(self) -> Iterator[tuple[int, Completion]]:
        if not self._running:
            return
        self._close_up()
        with complaints() as reasons:
            ended = list(self._step(reasons))
        for slot, completion in ended:
            yield self._running.pop(slot).index, completion

    def _step(self, reasons: list[str]) -> Iterator[tuple[int, Completion]]:
        """Write a token of each answer; yield the slots of those that are ended by it."""
        slots = sorted(self._running)
        tokens = [(slot, self._running[slot].written.tokens[-1]) for slot in slots]
        try:
            scores = self._slots.go_on(tokens)
        except Exception as error:  # of llama.cpp: what it knows of these prompts is in doubt
            self._slots.forget()
            yield from ((slot, failure(error, reasons)) for slot in slots)
            return
        for slot, row in zip(slots, scores, strict=True):
            work = self._running[slot]
            try:
                work.written.extend(row)
            except Exception as error:  # of the grammar
                yield slot, failure(error, reasons)
                continue
            if work.over:
                yield slot, self._complete(work)

    def _close_up(self) -> None:
        """Move answers into free slots in front: a gap would be computed as two batches."""
        for slot in range(len(self._running)):
            if slot not in self._running:
                last = max(self._running)
                self._slots.move(last, slot)
                self._running[slot] = self._running.pop(last)


def failure(error: Exception, reasons: list[str]) -> Completion:
    """Return the completion of a prompt that failed, with what llama.cpp complained of."""
    said = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
    return Completion("", "error", error="; ".join([said, *reasons]))
