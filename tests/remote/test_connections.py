"""Clients that share the requests: evenly, each with few connections, all closed in the end."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from nerharness.remote import Switchboard

httpx2 = pytest.importorskip("httpx2")


async def share(requests: int, kept: int) -> Counter[int]:
    """Send so many requests at once, and count those of each client."""
    board = Switchboard(timeout=5.0, kept=kept)
    sent: Counter[int] = Counter()
    together = asyncio.Event()

    def transport(number: int) -> httpx2.MockTransport:
        async def answer(request: httpx2.Request) -> httpx2.Response:
            sent[number] += 1
            if sum(sent.values()) == requests:
                together.set()
            await together.wait()
            return httpx2.Response(200)

        return httpx2.MockTransport(answer)

    ends = list(board.clients)
    board.clients[:] = [
        httpx2.AsyncClient(transport=transport(number)) for number in range(len(ends))
    ]
    request = httpx2.Request("GET", "http://127.0.0.1/")
    await asyncio.gather(*(board.send(request) for _ in range(requests)))
    made = list(board.clients)
    await board.aclose()
    assert all(client.is_closed for client in made)
    for client in ends:
        await client.aclose()
    return sent


@pytest.mark.parametrize(
    ("requests", "kept", "each"), [(20, 20, [6, 7, 7]), (5, 4, [5]), (64, 65, [7] * 8 + [8])]
)
def test_requests_are_shared_evenly(requests: int, kept: int, each: list[int]) -> None:
    assert sorted(asyncio.run(share(requests, kept)).values()) == each
