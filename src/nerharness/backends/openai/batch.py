"""Prompts by the Batch API: submitted, waited for, and collected, also after a restart."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from nerharness.backends.openai.desk import Batch, Desk, Gone, left
from nerharness.backends.openai.ledger import Entry, Ledger, alone
from nerharness.backends.openai.lines import Lines
from nerharness.backends.openai.reader import NO_PREFIX
from nerharness.errors import RunError
from nerharness.pricing import Budget, Price
from nerharness.remote import Asker, Key, Notices, Put, failed
from nerharness.remote.round import Spend
from nerharness.types import Prompt

_MOST_REQUESTS = 50_000
_MOST_BYTES = 150_000_000
"""OpenAI takes 50,000 requests and 200 MB in a batch."""

_ENDED = frozenset({"completed", "failed", "expired", "cancelled"})

Waiting = Mapping[str, tuple[int, Prompt]]
"""By key, a prompt and its place among those asked."""


class Batches:
    """Answers prompts by batches; what the ledger holds is not submitted again."""

    def __init__(
        self,
        desk: Desk,
        lines: Lines,
        *,
        key: Key,
        price: Price | None,
        notices: Notices,
        poll: float,
        asker: Asker,
    ) -> None:
        self._asker: Asker | None = asker
        self._unanswered = 0
        self._spend: Spend = lambda _: None
        self._desk = desk
        self._lines = lines
        self._key = key
        self._price = price
        self._notices = notices
        self._poll = poll

    async def answer(
        self,
        prompts: Sequence[Prompt],
        put: Put,
        ledger: Ledger,
        *,
        spend: Spend,
        budget: Budget | None,
    ) -> None:
        """Give each prompt's completion to `put`; raises `RunError` if the server takes no batch.

        `spend` is told of answers that the ledger did not have yet.
        Raises, after all that there is, `Stopped` where what is left to submit may cost more than
        the budget bears, or where it was drained, and `RunError` where a batch ended without all
        its answers.
        """
        self._desk.draining.clear()
        self._unanswered = 0
        self._spend = spend
        waiting = self._keyed(prompts, put)
        known = list(ledger.covering(set(waiting)))
        covered = {key for _, keys in known for key in keys}
        rest = {key: one for key, one in waiting.items() if key not in covered}
        if rest and self._asker is not None and self._bears_first(rest, budget):
            await self._first(rest, self._asker, put, ledger)
        under_way = {
            key: waiting[key] for entry, keys in known if entry.status is None for key in keys
        }
        committed = self._estimate(under_way) if budget else 0.0
        stopped = None
        async with _Together() as group:
            for entry, keys in known:
                own = {key: waiting[key] for key in keys}
                group.add(self._go_on(entry, own, put, ledger))
            for part in self._parts(rest):
                if self._desk.draining.is_set():
                    break
                committed += self._estimate(part) if budget else 0.0
                if budget is not None and not budget.bears(committed):
                    stopped = budget.stop(f"what is left to ask may cost ${committed:.4f}")
                    break
                entry = await self._submit(part, ledger)
                group.add(self._collect(entry, part, put, ledger))
        if self._desk.draining.is_set():
            raise left()
        if stopped is not None:
            raise stopped
        if self._unanswered:
            raise RunError(
                f"batches ended without answers to {self._unanswered:,} prompts",
                where="--batch",
                hint="what is finished is kept: --resume submits the others again",
            )

    def drain(self) -> None:
        """Submit no more, and wait no longer for batches that have not ended."""
        self._desk.draining.set()

    def _bears_first(self, rest: Waiting, budget: Budget | None) -> bool:
        key = next(iter(rest))
        return budget is None or budget.bears(self._estimate({key: rest[key]}))

    async def _first(
        self, rest: dict[str, tuple[int, Prompt]], asker: Asker, put: Put, ledger: Ledger
    ) -> None:
        """Ask one prompt by itself, which shows what words the server takes; keep its answer."""
        key = next(iter(rest))
        index, prompt = rest.pop(key)
        question = asker.question(prompt)
        try:
            completion = await asker.ask(question)
        except (RunError, asyncio.CancelledError):
            self._spend(question.usage)
            raise
        if completion.finish != "error":
            ledger.end(ledger.new([key]), "completed", [alone(key, completion)])
        self._spend(completion.usage)
        put(index, completion)
        self._asker = None

    def _keyed(self, prompts: Sequence[Prompt], put: Put) -> Waiting:
        """Return the prompts by what they ask, whatever words the server takes; draws by number."""
        seen: Counter[str] = Counter()
        waiting = {}
        for index, prompt in enumerate(prompts):
            if prompt.prefix:
                put(index, failed(NO_PREFIX))
                continue
            digest = self._lines.digest(prompt)
            waiting[f"{digest}-{seen[digest]}"] = index, prompt
            seen[digest] += 1
        return waiting

    def _parts(self, waiting: Waiting) -> Iterator[Waiting]:
        part: dict[str, tuple[int, Prompt]] = {}
        size = 0
        for key, (index, prompt) in waiting.items():
            more = len(self._lines.write(key, prompt))
            if part and (len(part) >= _MOST_REQUESTS or size + more > _MOST_BYTES):
                yield part
                part, size = {}, 0
            part[key] = index, prompt
            size += more
        if part:
            yield part

    def _estimate(self, part: Waiting) -> float:
        """Return what answers to the prompts may cost."""
        if self._price is None:
            return 0.0
        return sum(self._price.cost(self._lines.guess(prompt)) for _, prompt in part.values())

    async def _submit(self, part: Waiting, ledger: Ledger) -> Entry:
        entry = ledger.new(list(part))
        ledger.put(entry)  # before the server has it, so that it is looked for after a crash
        lines = "".join(self._lines.write(key, prompt) for key, (_, prompt) in part.items())
        batch = await self._desk.submit(lines, self._lines.path, entry.digest)
        entry = replace(entry, id=batch.id)
        ledger.put(entry)
        self._notices.say(
            batch.id,
            f"batch {batch.id} with {len(part):,} requests is submitted and may take a day; "
            "interrupt at will, --resume finds it",
        )
        return entry

    async def _go_on(self, entry: Entry, own: Waiting, put: Put, ledger: Ledger) -> None:
        """Collect a batch from before; submit it where a crash came before the server had it."""
        if entry.id is None and entry.status is None:
            found = await self._desk.find(entry.digest)
            if found is None:
                ledger.drop(entry)
                entry = await self._submit(own, ledger)
            else:
                entry = replace(entry, id=found.id)
                ledger.put(entry)
        await self._collect(entry, own, put, ledger)

    async def _collect(self, entry: Entry, own: Waiting, put: Put, ledger: Ledger) -> None:
        if new := entry.status is None:
            ended = await self._await(entry, ledger)
            if ended is None:
                return
            entry = ended
        found = {}
        for line in ledger.lines(entry):
            if isinstance(line, dict) and line.get("custom_id") in own:
                found[str(line["custom_id"])] = line
        status = str(entry.status)
        came = {key: self._lines.read(found.get(key), one[1], status) for key, one in own.items()}
        # Before anyone has them: what failed is asked anew if somebody asks for it again.
        ledger.free(
            entry, [key for key, one in came.items() if one is None or one.finish == "error"]
        )
        for key, completion in came.items():
            if completion is None:
                self._unanswered += 1
            else:
                if new:
                    self._spend(completion.usage)
                put(own[key][0], completion)

    async def _await(self, entry: Entry, ledger: Ledger) -> Entry | None:
        """Wait for the batch's end, and keep what it came to; `None` if nobody waits any more.

        Raises `RunError` for a batch that the server refused, or does not have.
        """
        assert entry.id is not None
        try:
            return await self._end(entry.id, entry, ledger)
        except Gone as error:
            raise ledger.lost(entry, error.what) from None

    async def _end(self, id: str, entry: Entry, ledger: Ledger) -> Entry | None:
        while (batch := await self._desk.look(id)).status not in _ENDED:
            if self._desk.draining.is_set():
                return None
            with suppress(TimeoutError):
                await asyncio.wait_for(self._desk.draining.wait(), self._poll)
        if batch.status == "failed":
            ledger.drop(entry)
            raise RunError(self._key.hide(f"the server refuses {_shown(batch)}"), where="--batch")
        lines = [
            self._key.hide_in(line)
            for file in (batch.output, batch.errors)
            for line in await self._desk.read(file)
        ]
        return ledger.end(entry, batch.status, lines)


class _Together(asyncio.TaskGroup):
    """Runs side by side; what goes wrong first is raised as it is."""

    def add(self, work: Any) -> None:
        """Begin the work."""
        self.create_task(work)

    async def __aexit__(self, *raised: Any) -> None:
        try:
            await super().__aexit__(*raised)
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None


def _shown(batch: Batch) -> str:
    return f"batch {batch.id}: {batch.reason or 'no reason given'}"
