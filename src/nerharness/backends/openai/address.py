"""The server's address, and what it says before it is asked anything."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Sequence
from urllib.parse import urlsplit

import openai

from nerharness.backends.openai.fault import of_error
from nerharness.backends.openai.key import Key
from nerharness.errors import ModelNotFoundError, UsageError

OPENAI = "https://api.openai.com/v1"

_PATIENCE = 30.0
"""Seconds to wait for the list of models."""


def base_url(given: str | None) -> str:
    """Return the address given, that of OPENAI_BASE_URL, or OpenAI's own.

    Raises `UsageError` for one that is no plain address: passwords and keys have no place in it.
    """
    url = (given or os.environ.get("OPENAI_BASE_URL") or OPENAI).strip().rstrip("/")
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        whole = False
    if not whole or parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError(
            "no address such as http://localhost:8000/v1, without user, password or query",
            where="--base-url",
            hint="a key goes into the environment",
        )
    return url


async def listed_models(client: openai.AsyncOpenAI, url: str, key: Key) -> tuple[str, ...]:
    """Return the names of the models that the server lists; none if it keeps no list.

    Raises `UsageError` when it cannot be reached or refuses the key.
    """
    try:
        answer = (await client.models.with_raw_response.list(timeout=_PATIENCE)).text
    except openai.AuthenticationError as error:
        raise UsageError(
            f"the server refuses the API key: {of_error(error, key).text}", where="--backend openai"
        ) from None
    except openai.APIStatusError:
        return ()
    except openai.APIError as error:
        raise UsageError(
            f"{url} cannot be reached: {of_error(error, key).text}",
            where="--base-url",
            hint="start the server, or correct the address",
        ) from None
    return _names(answer)


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
