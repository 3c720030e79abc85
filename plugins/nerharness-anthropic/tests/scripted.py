"""A scripted server on the loopback that speaks the Messages API, and what asks it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nerharness.types import Completion, Constraint, Message, Prompt


@dataclass(frozen=True)
class Request:
    """What the server was asked: the path, the headers in lower case, and the JSON body."""

    path: str
    headers: Mapping[str, str]
    body: Any

    @property
    def question(self) -> str:
        """The last message."""
        return str(self.body["messages"][-1]["content"][-1]["text"])


@dataclass(frozen=True)
class Reply:
    """What the server does: answer after `after` seconds, or cut the connection."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0
    cut: bool = False

    def encode(self) -> bytes:
        body = self.body if isinstance(self.body, str) else json.dumps(self.body)
        head = {"content-type": "application/json", "content-length": len(body.encode())}
        lines = [f"{name}: {value}" for name, value in {**head, **self.headers}.items()]
        return "\r\n".join([f"HTTP/1.1 {self.status} Scripted", *lines, "", body]).encode()


Script = Callable[[Request], Reply]
Talking = Callable[..., tuple[Any, "Server"]]
KEY = "sk-ant-a-secret-that-must-not-be-seen"
USAGE = {
    "input_tokens": 7,
    "cache_creation_input_tokens": 20,
    "cache_read_input_tokens": 100,
    "output_tokens": 3,
}


def message(*content: Mapping[str, Any], stop: str = "end_turn", **rest: Any) -> Reply:
    """Answer with these blocks; `rest` goes into the message, but for `after`."""
    after = rest.pop("after", 0.0)
    body = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-tiny-2026",
        "content": list(content),
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": USAGE,
    }
    return Reply({**body, **rest}, after=after)


def said(text: str, **rest: Any) -> Reply:
    """Answer with a text."""
    return message({"type": "text", "text": text}, **rest)


def called(value: Any, **rest: Any) -> Reply:
    """Answer with a call of the tool."""
    block = {"type": "tool_use", "id": "toolu_1", "name": "answer", "input": value}
    return message(block, stop=rest.pop("stop", "tool_use"), **rest)


def refused(status: int, text: str, kind: str = "invalid_request_error", **headers: str) -> Reply:
    """Answer with an error in Anthropic's shape."""
    body = {"type": "error", "error": {"type": kind, "message": text}, "request_id": "req_1"}
    return Reply(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


def echo(request: Request) -> Reply:
    """Answer with the question in capitals."""
    return said(request.question.upper())


def alone(reply: Reply, question: str) -> Script:
    """Give the reply to one question, and echo all others."""
    return lambda request: reply if request.question == question else echo(request)


MODEL = Reply(
    {
        "id": "claude-tiny",
        "type": "model",
        "display_name": "Tiny",
        "created_at": "2026-01-01T00:00:00Z",
    }
)


class Server:
    """Runs in a thread; notes what it was asked, and how many requests it had at once."""

    def __init__(self, script: Script = echo, *, model: Reply = MODEL) -> None:
        self.script = script
        self.model = model
        self.asked: list[Request] = []
        self.looked_up: list[Request] = []
        self.at_once: list[int] = []
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
    def questions(self) -> list[str]:
        return [request.question for request in self.asked]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
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
        await asyncio.wait([task])
        self._open.discard(task)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while not (reply := await self._reply(await _read(reader))).cut:
                writer.write(reply.encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has gone
        finally:
            writer.transport.abort()

    async def _reply(self, request: Request) -> Reply:
        if "/models/" in request.path:
            self.looked_up.append(request)
            return self.model
        self.asked.append(request)
        self._running += 1
        self.at_once.append(self._running)
        try:
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
    return Request(head[0].split()[1], headers, json.loads(body) if body else None)


SCHEMA = {"type": "object", "properties": {"x": {"type": "string"}}, "required": ["x"]}
BOUND = Constraint('start: "x"', SCHEMA)


def ask(*texts: str, **fields: Any) -> list[Prompt]:
    return [Prompt((Message("user", text),), **fields) for text in texts]


def complete(backend: Any, prompts: Sequence[Prompt]) -> list[Completion]:
    pairs = list(backend.generate(prompts))
    assert sorted(index for index, _ in pairs) == list(range(len(prompts)))
    return [completion for _, completion in sorted(pairs, key=lambda pair: pair[0])]


def first(*replies: Reply) -> Callable[[Request], Reply]:
    """Give the replies one after the other, and then the true answer."""
    left = list(replies)
    return lambda request: left.pop(0) if left else echo(request)
