"""The connections to a service, whatever its library would make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2

_ADDED = "x-stainless-"
"""Headers that libraries add: operating system, processor, Python …"""

_RAW = "x-stainless-raw-response"
"""The one that they look at again, to know how the answer is wanted."""


def connect(*, timeout: float, kept: int, local: bool = False) -> httpx2.AsyncClient:
    """Return a client that follows no redirect, and says nothing of this machine.

    It asks a `local` server by no proxy. So many connections are `kept` while they are not used.
    """
    import httpx2

    return httpx2.AsyncClient(
        timeout=timeout,
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=kept),
        follow_redirects=False,
        trust_env=not local,
        event_hooks={"request": [_strip]},
    )


async def _strip(request: httpx2.Request) -> None:
    for name in [name for name in request.headers if name.startswith(_ADDED) and name != _RAW]:
        del request.headers[name]
