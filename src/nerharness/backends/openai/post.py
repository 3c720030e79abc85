"""Requests over the connections that the library's client has, without its layers.

The library takes about 0.5 ms to make a request of its arguments, as much as all the rest: too much
where a server answers hundreds in a second. What is asked once goes through the library.
"""

from __future__ import annotations

import json
from typing import NamedTuple

import httpx2
import openai

from nerharness.backends.openai.api import Body
from nerharness.backends.openai.fault import Complaint, of_failure, of_status
from nerharness.remote import Key, Switchboard, asked_to_wait

_NO_TIMEOUT = {"timeout": {"connect": None, "read": None, "write": None, "pool": None}}
"""Whoever asks sets one for the whole request."""


class Link(NamedTuple):
    """The library's client, and the connections that it has; closed at the end of a context."""

    client: openai.AsyncOpenAI
    http: Switchboard

    async def __aenter__(self) -> Link:
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.client.close()
        await self.http.aclose()


class Post:
    """Sends requests to one path of a server."""

    def __init__(self, link: Link, path: str, key: Key) -> None:
        self._http = link.http
        self._key = key
        self._url = httpx2.URL(f"{str(link.client.base_url).rstrip('/')}{path}")
        host = self._url.netloc
        given = {
            name: value
            for name, value in link.client.default_headers.items()
            if isinstance(value, str)
        }
        given["Authorization"] = f"Bearer {link.client.api_key}"
        self._headers = [
            (b"host", host),
            *((name.lower().encode(), value.encode()) for name, value in given.items()),
        ]

    async def send(self, body: Body) -> str:
        """Return what the server answers; raises `Fault` for a status that is no success."""
        request = httpx2.Request(
            "POST",
            self._url,
            content=json.dumps(body).encode(),
            headers=self._headers,
            extensions=_NO_TIMEOUT,
        )
        try:
            response = await self._http.send(request)
        except (httpx2.RequestError, httpx2.InvalidURL) as error:
            raise of_failure(error, self._key) from None
        text = response.content.decode("utf-8", "replace")
        if response.is_success:
            return text
        wait = asked_to_wait(response.headers)
        raise of_status(response.status_code, Complaint.of(text), self._key, wait=wait)
