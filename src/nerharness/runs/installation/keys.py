"""Keys: which are set, by name; no part of a value is kept or shown."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from nerharness.errors import UsageError
from nerharness.remote.key import Key, read_key
from nerharness.runs.installation.fact import Fact

_ENVIRONMENT, _FILE = "NERHARNESS_API_KEY_ENV", "NERHARNESS_API_KEY_FILE"
_HUB = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASS|CREDENTIAL|AUTH", re.IGNORECASE)
_LEAST = 12
"""A shorter value may be a word, and stays where it stands."""


def key_facts(variables: Mapping[str, str], environ: Mapping[str, str]) -> Iterator[Fact]:
    """Yield a fact for each variable that holds a backend's key, and for the file of one.

    `variables` says which backend reads which by default.
    """
    chosen = environ.get(_ENVIRONMENT)
    named = {chosen: _ENVIRONMENT, **variables} if chosen else dict(variables)
    for variable, owner in named.items():
        yield _variable(variable, owner, environ)
    if file := environ.get(_FILE):
        yield _file(Path(file))
    for variable in _HUB:
        if environ.get(variable):
            yield Fact(variable, "info", "set: sent to the hub when it is asked")


def _variable(variable: str, owner: str, environ: Mapping[str, str]) -> Fact:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", variable):
        text = "takes the name of an environment variable, never a key"
        return Fact(_ENVIRONMENT, "problem", text, "set the key in a variable, and give its name")
    value = environ.get(variable, "").strip()
    if not value:
        return Fact(variable, "info", f"not set ({owner})")
    if re.fullmatch(r"[!-~]+", value):
        return Fact(variable, "ok", f"set ({owner})")
    return Fact(variable, "problem", "no API key: it must be one line of visible ASCII", "set anew")


def _file(path: Path) -> Fact:
    try:
        read_key(variable=_FILE, file=str(path))
    except UsageError as error:
        advice = f"chmod 600 {path}" if error.hint else ""
        return Fact(_FILE, "problem", f"{path}: {error.what}", advice)
    mode = stat.S_IMODE(path.stat().st_mode)
    return Fact(_FILE, "ok", f"{path}" if os.name == "nt" else f"{path}, mode {mode:04o}")


def without_secrets(fact: Fact, environ: Mapping[str, str]) -> Fact:
    """Return a fact in which no value stands of a variable that is named as secrets are.

    A library's error, or an address, may hold one.
    """
    name, value, advice = fact.name, fact.value, fact.advice
    for variable, secret in environ.items():
        if _SECRET.search(variable) and _may_be_secret(secret):
            hide = Key(secret.strip()).hide
            name, value, advice = hide(name), hide(value), hide(advice)
    return replace(fact, name=name, value=value, advice=advice)


def _may_be_secret(value: str) -> bool:
    """Tell whether a value is more than a word, and no path: parts of those stand elsewhere."""
    return len(value.strip()) >= _LEAST and not os.path.exists(value)  # noqa: PTH110 - any text
