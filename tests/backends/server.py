"""A server on the loopback that speaks Chat Completions as a script tells it to."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """What the server was asked: path, headers in lower case, and the body as JSON and as it is."""

    path: str
    headers: Mapping[str, str]
    body: Any
    method: str = "POST"
    raw: bytes = b""

    @property
    def question(self) -> str:
        """The last message."""
        return str((self.body.get("messages") or self.body["input"])[-1]["content"])


@dataclass(frozen=True)
class Reply:
    """What the server does: answer after `after` seconds, or cut the connection.

    Between two bytes of the body are `drip` seconds.
    """

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0
    cut: bool = False
    drip: float = 0.0

    async def send(self, writer: asyncio.StreamWriter) -> None:
        """Write it all."""
        written = self.encode()
        head = written.index(b"\r\n\r\n") + 4 if self.drip else len(written)
        writer.write(written[:head])
        for place in range(head, len(written)):
            await asyncio.sleep(self.drip)
            writer.write(written[place : place + 1])
        await writer.drain()

    def encode(self) -> bytes:
        body = self.body if isinstance(self.body, str) else json.dumps(self.body)
        head = {"content-type": "application/json", "content-length": len(body.encode())}
        lines = [f"{name}: {value}" for name, value in {**head, **self.headers}.items()]
        return "\r\n".join([f"HTTP/1.1 {self.status} Scripted", *lines, "", body]).encode()


Script = Callable[[Request], Reply]
CUT = Reply(cut=True)


def said(text: str | None, finish: str | None = "stop", **rest: Any) -> Reply:
    """Answer with a text; `rest` goes into the message, but for `model`, `logprobs`, `after`."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": finish,
        "logprobs": rest.pop("logprobs", None),
    }
    body = {
        "model": rest.pop("model", "tiny-2026"),
        "system_fingerprint": rest.pop("fingerprint", "fp_1"),
        "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
    }
    after = rest.pop("after", 0.0)
    body["usage"].update(rest.pop("usage", {}))  # type: ignore[attr-defined]
    choice["message"].update(rest)  # type: ignore[attr-defined]
    return Reply({**body, "choices": [choice]}, after=after)


def refused(status: int, message: str, **rest: Any) -> Reply:
    """Answer with an error in OpenAI's shape."""
    headers = rest.pop("headers", {})
    return Reply({"error": {"message": message, **rest}}, status, headers)


def echo(request: Request) -> Reply:
    """Answer with the question in capitals."""
    return said(request.question.upper())


def alone(reply: Reply, question: str = "gout") -> Script:
    """Give the reply to one question, and echo all others."""
    return lambda request: reply if request.question == question else echo(request)


MODELS = Reply({"object": "list", "data": [{"id": "tiny"}]})


class Server:
    """Runs in a thread; notes what it was asked, and how many requests it had at once.

    It works on `slots` requests at a time, and drops those whose client has gone.
    """

    def __init__(
        self, script: Script = echo, *, models: Reply = MODELS, slots: int = 10_000
    ) -> None:
        self.script = script
        self.slots = slots
        self.models = models
        self.asked: list[Request] = []
        self.listed: list[Request] = []
        self.at_once: list[int] = []
        self.connections = 0
        self._running = 0
        self._open: set[asyncio.Task[None]] = set()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> Server:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def questions(self) -> list[str]:
        return [request.question for request in self.asked]

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self._slots = asyncio.Semaphore(self.slots)
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._over.wait()
        server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._converse(reader, writer))
        self._open.add(task)
        self.connections += 1
        await asyncio.wait([task])
        self._open.discard(task)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not (reply := await self._reply(await _read(reader), reader)).cut:
                await reply.send(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has gone
        finally:
            writer.transport.abort()

    async def _reply(self, request: Request, reader: asyncio.StreamReader) -> Reply:
        if request.path.endswith("/models"):
            self.listed.append(request)
            return self.models
        self.asked.append(request)
        self._running += 1
        self.at_once.append(self._running)
        try:
            async with self._slots:
                if reader.at_eof():
                    raise ConnectionError
                reply = self.script(request)
                await asyncio.sleep(reply.after)
        finally:
            self._running -= 1
        return reply


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = [line.split(":", 1) for line in head[1:] if line]
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    value = json.loads(body) if "json" in headers.get("content-type", "") and body else None
    return Request(head[0].split()[1], headers, value, head[0].split()[0], body)
