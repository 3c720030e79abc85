"""The server's Batch API: its calls, each asked again while that may help."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import openai

from nerharness import remote
from nerharness.backends.openai.fault import Fault, of_error
from nerharness.errors import RunError, Stopped
from nerharness.remote import Key, Notices, Patience, timed_out
from nerharness.remote.asker import say_wait

T = TypeVar("T")

MARK = "nerharness"
"""The name under which a batch's metadata hold the digest of its requests."""

_NOT_FOUND = 404
_LISTED = 300
"""So many of the latest batches are gone through to find one."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What the server says of a batch."""

    id: str
    status: str
    output: str | None
    errors: str | None
    reason: str
    mark: str

    @classmethod
    def of(cls, value: Any) -> Batch:
        """Read a batch's JSON value; raises `Fault` where it is none."""
        if not isinstance(value, dict) or not isinstance(value.get("id"), str):
            raise Fault("passing", "the answer is no batch")
        metadata = value.get("metadata")
        return cls(
            value["id"],
            str(value.get("status")),
            _text(value.get("output_file_id")),
            _text(value.get("error_file_id")),
            _reason(value.get("errors")),
            str(metadata.get(MARK, "")) if isinstance(metadata, dict) else "",
        )


class Gone(RunError):  # noqa: N818 - an answer as much as an error
    """What the server was asked about is not there: not any more, or not for this key."""


class Desk:
    """Takes batches in, tells how they stand, and hands out what they came to.

    A call may take as long as a request, one that moves a file as long as a prompt. Once it is
    `draining` none is tried again: what failed raises `Stopped` then.
    """

    def __init__(
        self, client: openai.AsyncOpenAI, key: Key, patience: Patience, notices: Notices
    ) -> None:
        self._client = client
        self._key = key
        self._patience = patience
        self._notices = notices
        self.draining = asyncio.Event()

    async def submit(self, lines: str, path: str, digest: str) -> Batch:
        """Submit requests, one a line; `RunError` where it may be that the server has the batch.

        Where an answer is lost, the batch is looked for before it is submitted again.
        """
        upload = await self._persist(lambda: self._upload(lines, digest))
        tried = False

        async def create() -> Batch:
            nonlocal tried
            found = await self._search(digest) if tried else None
            tried = True
            return found or await self._create(upload, path, digest)

        return await self._persist(create)

    async def _upload(self, lines: str, digest: str) -> str:
        file = (f"{digest}.jsonl", lines.encode(), "application/jsonl")
        answer = await _within(
            self._patience.prompt,
            self._client.files.with_raw_response.create(file=file, purpose="batch"),
        )
        value = _json(answer.text)
        if not isinstance(value, dict) or not isinstance(value.get("id"), str):
            raise Fault("passing", "the answer is no file")
        return str(value["id"])

    async def _create(self, upload: str, path: str, digest: str) -> Batch:
        answer = await _within(
            self._patience.request,
            self._client.batches.with_raw_response.create(
                input_file_id=upload,
                endpoint=f"/v1{path}",  # type: ignore[arg-type]
                completion_window="24h",
                metadata={MARK: digest},
            ),
        )
        return Batch.of(_json(answer.text))

    async def find(self, digest: str) -> Batch | None:
        """Return the batch with this mark, if the server has it among the latest."""
        return await self._persist(lambda: self._search(digest))

    async def _search(self, digest: str) -> Batch | None:
        seen, after = 0, ""
        while seen < _LISTED:
            answer = await _within(
                self._patience.request,
                self._client.batches.with_raw_response.list(limit=100, after=after or openai.omit),
            )
            page = _json(answer.text)
            values = page.get("data") if isinstance(page, dict) else None
            batches = [Batch.of(value) for value in values or ()]
            for batch in batches:
                if batch.mark == digest:
                    return batch
            if not batches or not page.get("has_more"):
                break
            seen, after = seen + len(batches), batches[-1].id
        return None

    async def look(self, id: str) -> Batch:
        """Return how a batch stands; `Gone` where there is none."""

        async def look() -> Batch:
            call = self._client.batches.with_raw_response.retrieve(id)
            return Batch.of(_json((await _within(self._patience.request, call)).text))

        return await self._persist(look)

    async def read(self, file: str | None) -> list[Any]:
        """Return the JSON values of a file's lines; `None` in place of one that is garbage.

        Raises `Gone` where there is no such file.
        """
        if file is None:
            return []

        async def read() -> str:
            return (await _within(self._patience.prompt, self._client.files.content(file))).text

        return [_line(line) for line in (await self._persist(read)).split("\n") if line.strip()]

    async def _persist(self, call: Callable[[], Awaitable[T]]) -> T:
        """Do the call, again after faults that may pass; raises `RunError` if none helps."""
        tries = 0
        while True:
            try:
                return await call()
            except remote.Fault as error:
                fault = error
            except openai.APIError as error:
                fault = of_error(error, self._key)
            tries += 1
            if fault.kind not in ("busy", "passing") or tries > self._patience.retries:
                kind = Gone if fault.status == _NOT_FOUND else RunError
                raise kind(f"the Batch API fails: {fault.text}", where="--batch")
            self._patience.check(fault)
            say_wait(fault, self._notices)
            with suppress(TimeoutError):
                pause = self._patience.pace.pause(tries, fault.wait)
                await asyncio.wait_for(self.draining.wait(), pause)
                raise left()


def left() -> Stopped:
    """Return what is raised where nobody waits for batches any more."""
    return Stopped("batches that have not ended are left", hint="--resume goes on with them")


async def _within(seconds: float, call: Awaitable[T]) -> T:
    """Do the call in this time; the library's own is for each piece that is sent or comes."""
    try:
        async with asyncio.timeout(seconds):
            return await call
    except TimeoutError:
        raise timed_out() from None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Fault("passing", "the answer is no JSON") from None


def _line(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _reason(errors: Any) -> str:
    data = errors.get("data") if isinstance(errors, dict) else None
    said = [str(one.get("message")) for one in data or () if isinstance(one, dict)]
    return "; ".join(said[:3])
