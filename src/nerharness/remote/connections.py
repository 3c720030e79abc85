"""The connections to a service, whatever its library would make of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

    import httpx2

_ADDED = "x-stainless-"
"""Headers that libraries add: operating system, processor, Python …"""

_EACH = 8
"""Connections of a client of several."""

_RAW = "x-stainless-raw-response"
"""The one that they look at again, to know how the answer is wanted."""


def connect(*, timeout: float, kept: int, local: bool = False) -> httpx2.AsyncClient:
    """Return a client that follows no redirect, and says nothing of this machine.

    It asks a `local` server by no proxy. So many connections are `kept` while they are not used.
    """
    import httpx2

    return _client(timeout, kept, httpx2.create_ssl_context(trust_env=not local), local)


class Switchboard:
    """Clients as `connect` makes them, which share the requests.

    A client goes through all of its connections twice for each request, and looks whether those
    that are not used are still open; with few each, that takes no time.
    """

    def __init__(self, *, timeout: float, kept: int, local: bool = False) -> None:
        import httpx2

        certificates = httpx2.create_ssl_context(trust_env=not local)
        self.clients = [
            _client(timeout, _EACH, certificates, local) for _ in range(math.ceil(kept / _EACH))
        ]
        self._under_way = [0] * len(self.clients)

    async def send(self, request: httpx2.Request) -> httpx2.Response:
        """Send the request by the client that has the least to do; raises as that does."""
        least = self._under_way.index(min(self._under_way))
        self._under_way[least] += 1
        try:
            return await self.clients[least].send(request)
        finally:
            self._under_way[least] -= 1

    async def aclose(self) -> None:
        """End all connections."""
        for client in self.clients:
            await client.aclose()


def _client(
    timeout: float, kept: int, certificates: ssl.SSLContext, local: bool
) -> httpx2.AsyncClient:
    import httpx2

    return httpx2.AsyncClient(
        verify=certificates,
        timeout=timeout,
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=kept),
        follow_redirects=False,
        trust_env=not local,
        event_hooks={"request": [_strip]},
    )


async def _strip(request: httpx2.Request) -> None:
    for name in [name for name in request.headers if name.startswith(_ADDED) and name != _RAW]:
        del request.headers[name]
