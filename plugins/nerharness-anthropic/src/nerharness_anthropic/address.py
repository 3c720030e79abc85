"""The server's address, and what its answers cost. Imports nothing heavy."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from nerharness.errors import UsageError
from nerharness.pricing import Price, find_price

ANTHROPIC = "https://api.anthropic.com"


def base_url(given: str | None) -> str:
    """Return the address given, that of ANTHROPIC_BASE_URL, or Anthropic's own.

    Raises `UsageError` for one that is no plain address: passwords and keys have no place in it.
    """
    url = (given or os.environ.get("ANTHROPIC_BASE_URL") or ANTHROPIC).strip().rstrip("/")
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        whole = False
    if not whole or parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError(
            "no address such as https://api.anthropic.com, without user, password or query",
            where="--base-url",
            hint="a key goes into the environment",
        )
    return url


def price(options: Mapping[str, Any]) -> Price | None:
    """Return what the backend, made with these options, pays; `None` if that is not known."""
    return find_price(
        options["model"],
        base_url(options["base_url"]),
        price_in=options["price_in"],
        price_out=options["price_out"],
    )
