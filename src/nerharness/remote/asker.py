"""A prompt's way to its completion: asked, and asked again while that may help."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from nerharness.errors import RunError
from nerharness.remote.fault import Fault, outcome, timed_out
from nerharness.remote.limit import Limit
from nerharness.remote.notices import Notices
from nerharness.remote.pace import Pace
from nerharness.types import Completion, Message, Prompt, Usage

Begin = Callable[[], AbstractAsyncContextManager[None]]
"""Waits for a slot, and holds it while the server is asked; raises `Fault` for one that is late."""

Send = Callable[[Prompt, Begin], Awaitable[Completion]]
"""Asks once, within what `Begin` gives, and reads the answer; raises `Fault` if there is none."""

_MANY = 6
"""After so many faults of one prompt a person is told why it goes slowly."""

_LONG = 10.0
"""Seconds to wait, if the server asks for so many, of which a person is told."""

_PROBE = Prompt((Message("user", "Say yes."),), 16)
"""Shows whether the server answers anything, where a prompt has no answer."""

_NOTHING = Usage()
_KEPT = "what is finished is kept"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for one request and for a prompt, in seconds, and how often to ask again."""

    request: float
    prompt: float
    retries: int
    pace: Pace = field(default_factory=Pace)

    def check(self, fault: Fault) -> None:
        """Raise `RunError` if the server asks to wait longer than a prompt may take."""
        if fault.wait is not None and fault.wait > self.prompt:
            raise RunError(
                f"the server asks to wait {fault.wait:g} s, longer than --deadline: {fault.text}",
                hint=f"{_KEPT}: go on then with --resume",
            )


@dataclass(slots=True, eq=False)
class Question:
    """A prompt under way.

    `begun` once it was asked at all, `asking` while a request is with the server, begun at `since`;
    when it is `over`, its next fault ends it with that. `left` are the seconds that it may still
    take. `shown` when others were seen to be answered after it was not.
    """

    prompt: Prompt
    left: float
    begun: bool = False
    asking: bool = False
    shown: bool = False
    over: RunError | None = None
    since: float = -math.inf
    retries: int = 0
    faults: list[Fault] = field(default_factory=list)
    usage: Usage = _NOTHING
    """Of all answers that were written to it and are no completion of it."""


class Asker:
    """Asks one server, from one event loop.

    A prompt that is not answered is a failed one only if others are: it, or the server, may be at
    fault. If no other was answered meanwhile, the server is asked something that it can answer.
    """

    def __init__(self, send: Send, *, limit: Limit, patience: Patience, notices: Notices) -> None:
        self._send = send
        self._limit = limit
        self._patience = patience
        self._notices = notices
        self._probing = asyncio.Lock()
        self._answered = -math.inf
        self._answered_begun = -math.inf
        self._silent = -math.inf

    def question(self, prompt: Prompt) -> Question:
        """Return the prompt as a question that has not been asked."""
        return Question(prompt, self._patience.prompt)

    async def ask(self, question: Question) -> Completion:
        """Return the prompt's completion; if there is none, one that says why.

        Its usage is of all answers that were written to the prompt, even those not to be read.
        Raises `RunError` where the server answers no prompt at all.
        """
        try:
            found = await self._persist(question)
        except Fault as fault:
            found = outcome(fault)
        if question.usage != _NOTHING:
            found = replace(found, usage=question.usage + found.usage)
        return found

    async def _persist(self, question: Question) -> Completion:
        while True:
            try:
                found = await self._send(question.prompt, partial(self._begin, question))
            except Fault as fault:
                question.faults.append(fault)
                if fault.usage != _NOTHING:
                    question.usage += fault.usage
                if fault.kind != "worded":
                    await self._wait(question, fault)
            else:
                self._note(question.since)
                return found

    @asynccontextmanager
    async def _begin(self, question: Question) -> AsyncIterator[None]:
        now = asyncio.get_running_loop().time
        async with self._limit.slot() as generation:
            question.begun = question.asking = True
            question.since = now()
            seconds = min(self._patience.request, question.left)
            try:
                async with asyncio.timeout(seconds):
                    yield
            except TimeoutError:
                if seconds == self._patience.request:
                    self._limit.cut(generation, late=True)
                elif question.faults:  # what is told is why it took so long
                    raise Fault("passing", question.faults[-1].text) from None
                raise timed_out() from None
            except Fault as fault:
                if fault.slow:
                    self._limit.cut(generation, fault.wait)
                raise
            finally:
                question.asking = False
                question.left -= now() - question.since
            self._limit.grow()

    async def _wait(self, question: Question, fault: Fault) -> None:
        """Wait until asking again may help; raises the fault, or `RunError`, if it does not."""
        if question.over is not None:
            raise question.over
        self._check(fault)
        question.retries += fault.kind == "passing"
        seconds = self._patience.pace.pause(len(question.faults), fault.wait)
        late = question.left <= seconds
        if late or fault.kind == "doubtful":
            await self._judge(question, fault, late=late, last=True)
        elif fault.kind == "passing" and question.retries >= self._patience.retries:
            last = question.retries > self._patience.retries
            await self._judge(question, fault, late=False, last=last)
        say_wait(fault, self._notices)
        if len(question.faults) == _MANY:
            self._notices.say("slow", f"still asking, after {_MANY} times: {fault.text}")
        question.left -= seconds
        await asyncio.sleep(seconds)

    async def _judge(self, question: Question, fault: Fault, *, late: bool, last: bool) -> None:
        """Raise the fault of a prompt that has none of its patience left, if others are answered.

        One that failed before they were is asked once more: the server may have been out till then.
        Raises `RunError` if none is answered, and it is too late to wait for that, or costs.
        """
        before = question.shown
        question.shown = await self._answers_others(question, fault)
        if late and question.shown:
            raise Fault("final", f"given up after {self._patience.prompt:g} s: {fault.text}")
        if last and before and question.shown:
            raise fault
        paid = last and question.usage != _NOTHING
        if not question.shown and (late or paid or fault.kind == "doubtful"):
            raise _silent(fault)

    def _check(self, fault: Fault) -> None:
        """Raise the fault if it is the prompt's own, `RunError` if it is surely the server's."""
        if fault.kind in ("final", "filtered"):
            raise fault
        if fault.kind == "closed":
            raise _silent(fault)
        self._patience.check(fault)

    def _note(self, begun: float) -> None:
        """Note that a request that was begun then has been answered."""
        self._answered = asyncio.get_running_loop().time()
        self._answered_begun = max(self._answered_begun, begun)

    async def _answers_others(self, question: Question, fault: Fault) -> bool:
        """Tell whether the server answers other prompts while it does not answer this one."""

        def seen() -> bool:
            if fault.slow and fault.status is None:  # what was asked later may be waiting, too
                late = asyncio.get_running_loop().time() - self._patience.request
                return self._answered > min(question.since, late)
            # What was asked before may be answered yet by a server that takes nothing in any more.
            return self._answered_begun > question.since

        if seen():
            return True
        async with self._probing:
            if seen():
                return True
            if asyncio.get_running_loop().time() < self._silent + self._patience.pace.cap:
                return False
            return await self._probe(question)

    async def _probe(self, question: Question) -> bool:
        """Tell whether the server answers what any server can answer."""
        now = asyncio.get_running_loop().time
        begun = now()
        try:
            found = await self._send_probe()
        except Fault as fault:
            self._silent = now()
            question.usage += fault.usage
            return False
        self._note(begun)
        question.usage += found.usage
        return True

    async def _send_probe(self) -> Completion:
        while True:
            try:
                return await self._send(_PROBE, self._at_once)
            except Fault as fault:
                if fault.kind != "worded":
                    raise

    @asynccontextmanager
    async def _at_once(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._patience.request):
                yield
        except TimeoutError:
            raise timed_out() from None


def say_wait(fault: Fault, notices: Notices) -> None:
    """Tell a person if the server asks to wait long."""
    if (fault.wait or 0.0) >= _LONG:
        notices.say("wait", f"the server asks to wait {fault.wait:g} s: {fault.text}")


def _silent(fault: Fault) -> RunError:
    return RunError(
        f"the server answers no prompt any more: {fault.text}",
        hint=f"{_KEPT}: put that right, and go on with --resume",
    )
