"""A server on the loopback as `benchmarks.remote` needs it: with so much delay, slots and faults.

It speaks just enough of Chat Completions and costs little time itself. Counts are read back from
`GET /v1/counts`.
"""

import argparse
import asyncio
import json
import random
from collections import Counter
from typing import Any


class Desk:
    """What all connections share."""

    def __init__(self, delay: float, slots: int, faults: float) -> None:
        self.slots = asyncio.Semaphore(slots)
        self.delay = delay
        self.faults = faults
        self.draw = random.Random(7)
        self.asked: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.under_way: set[asyncio.Task[None]] = set()

    def counts(self) -> list[int]:
        """Return how many requests there were, prompts with an answer, and most answers of one."""
        return [self.asked.total(), len(self.answered), max(self.answered.values(), default=0)]


class Connection(asyncio.Protocol):
    """Answers the requests of one connection."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.buffer = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].lower()
            at = head.find(b"content-length:")
            size = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            whole = end + 4 + size
            if len(self.buffer) < whole:
                return
            body, self.buffer = self.buffer[end + 4 : whole], self.buffer[whole:]
            self.serve(head, body)

    def serve(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"post"):
            question = json.loads(body)["messages"][-1]["content"]
            task = asyncio.ensure_future(self.answer(question))
            self.desk.under_way.add(task)
            task.add_done_callback(self.desk.under_way.discard)
        elif b"/counts" in head.split(b"\r\n", 1)[0]:
            self.write(200, self.desk.counts())
        else:
            self.write(200, {"data": [{"id": "tiny"}]})

    async def answer(self, question: str) -> None:
        desk = self.desk
        desk.asked[question] += 1
        async with desk.slots:
            await asyncio.sleep(desk.delay)
        if desk.draw.random() < desk.faults:
            self.fail(desk.draw.choice(["429", "500", "late", "cut", "garbage"]))
            return
        desk.answered[question] += 1
        message = {"role": "assistant", "content": question[-6:]}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        usage = {"prompt_tokens": 700, "completion_tokens": 30, "total_tokens": 730}
        named = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "tiny"}
        self.write(200, {**named, "choices": [choice], "usage": usage})

    def fail(self, kind: str) -> None:
        if kind == "cut":
            self.transport.abort()
        elif kind == "garbage":
            self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>")
        elif kind != "late":  # which gets no answer at all
            self.write(int(kind), {"error": {"message": "not now"}})

    def write(self, status: int, value: Any) -> None:
        body = json.dumps(value).encode()
        head = f"HTTP/1.1 {status} OK\r\ncontent-type: application/json\r\n"
        self.transport.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)


async def serve(delay: float, slots: int, faults: float) -> None:
    """Print the port, and serve until killed."""
    desk = Desk(delay, slots, faults)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(desk), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for name, default in {"--delay": 0.2, "--slots": 64, "--faults": 0.0}.items():
        parser.add_argument(name, type=type(default), default=default)
    asyncio.run(serve(**vars(parser.parse_args())))
