"""One question to a server, and its answer."""

from __future__ import annotations

from nerharness.backends.openai.fault import Fault
from nerharness.backends.openai.post import Post
from nerharness.backends.openai.reader import NO_PREFIX, Reader
from nerharness.backends.openai.request import Dialect
from nerharness.remote import Begin
from nerharness.types import Completion, Prompt

_WEIGHED = frozenset({"logprobs", "include"})
"""The fields that ask for log-probabilities."""


class Sender:
    """Asks one server, once each time."""

    def __init__(self, post: Post, reader: Reader, dialect: Dialect) -> None:
        self._post = post
        self._reader = reader
        self._dialect = dialect

    async def __call__(self, prompt: Prompt, begin: Begin) -> Completion:
        """Return the prompt's completion; raises `Fault` if there is none."""
        if prompt.prefix:
            raise Fault("final", NO_PREFIX)
        body = self._dialect.body(prompt)
        try:
            async with begin():
                text = await self._post.send(body)
            return self._reader.read(text, weigh=not _WEIGHED.isdisjoint(body))
        except Fault as fault:
            if self._dialect.concede(body, fault):
                fault.kind = "worded"
            raise
