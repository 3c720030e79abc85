"""The server's address, and whether it is this machine's own. Imports nothing heavy."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from nerharness.errors import UsageError
from nerharness.pricing import Price, find_price

OPENAI = "https://api.openai.com/v1"


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


def is_local(url: str, *, stated: bool) -> bool:
    """Tell whether a server's address is this machine's own, and the user has `stated` so.

    A loopback address alone proves nothing: a tunnel or a gateway may listen there. Raises
    `UsageError` for any other address that is said to be local.
    """
    if not stated:
        return False
    host = urlsplit(url).hostname or ""
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if not loopback:
        raise UsageError(
            f"{host} is not a loopback address", where="--local-server", hint="see docs/privacy.md"
        )
    return True


def remote(options: Mapping[str, Any]) -> bool:
    """Tell whether the backend, made with these options, sends prompts to another machine."""
    return not is_local(base_url(options["base_url"]), stated=bool(options["local_server"]))


def price(options: Mapping[str, Any]) -> Price | None:
    """Return what the backend, made with these options, pays; `None` if that is not known."""
    return price_of(options["model"], base_url(options["base_url"]), options)


def price_of(model: str | None, url: str, options: Mapping[str, Any]) -> Price | None:
    """Return what a server's model costs: as given in the options, or as listed."""
    return find_price(
        model,
        url,
        price_in=options["price_in"],
        price_out=options["price_out"],
        batch=bool(options["batch"]),
    )
