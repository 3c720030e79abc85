"""What a server says before it is asked anything: the models that it has."""

from __future__ import annotations

import asyncio
import difflib
import json
from collections.abc import Sequence

import openai

from nerharness.backends.openai.fault import of_error
from nerharness.errors import ModelNotFoundError, UsageError
from nerharness.remote import Key, timed_out

_PATIENCE = 30.0
"""Seconds to wait for the list of models."""


async def listed_models(client: openai.AsyncOpenAI, url: str, key: Key) -> tuple[str, ...]:
    """Return the names of the models that the server lists; none if it keeps no list.

    Raises `UsageError` when it cannot be reached or refuses the key.
    """
    try:
        async with asyncio.timeout(_PATIENCE):
            answer = (await client.models.with_raw_response.list(timeout=_PATIENCE)).text
    except openai.AuthenticationError as error:
        raise UsageError(
            f"the server refuses the API key: {of_error(error, key).text}", where="--backend openai"
        ) from None
    except openai.APIStatusError:
        return ()
    except openai.APIError as error:
        raise _unreachable(url, of_error(error, key).text) from None
    except TimeoutError:  # of the whole: the library's is for each piece of the answer
        raise _unreachable(url, timed_out().text) from None
    return _names(answer)


def _unreachable(url: str, reason: str) -> UsageError:
    return UsageError(
        f"{url} cannot be reached: {reason}",
        where="--base-url",
        hint="start the server, or correct the address",
    )


def _names(answer: str) -> tuple[str, ...]:
    try:
        listed = json.loads(answer)["data"]
        return tuple(str(model["id"]) for model in listed)
    except (ValueError, KeyError, TypeError, RecursionError):
        return ()


def choose_model(wanted: str | None, listed: Sequence[str], *, check: bool) -> str:
    """Return the model to ask for: the one wanted, or the only one that the server lists.

    Raises `UsageError` if there is none to choose, and, to `check`, `ModelNotFoundError` for one
    that is not listed. What follows a colon, as in "llama3:latest", may be left out.
    """
    some = ", ".join(sorted(listed)[:10])
    if wanted is None:
        if len(listed) == 1:
            return listed[0]
        hint = f"choose from {some}" if listed else "the server does not list its models"
        raise UsageError("which model to ask is not said", where="--model", hint=hint)
    if check and listed and _bare(wanted) not in map(_bare, listed):
        near = ", ".join(difflib.get_close_matches(wanted, listed, n=3)) or some
        raise ModelNotFoundError(
            f"the server lists no model {wanted!r}",
            where="--model",
            hint=f"there is {near}; --no-check-model asks for it all the same",
        )
    return wanted


def _bare(name: str) -> str:
    return name.partition(":")[0]
