"""The API key: where it may come from, and how it is kept out of all that is shown or written."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Any

from nerharness.errors import UsageError

_PLACEHOLDER = "[key]"
_PIECE = 12
"""So much of a key, anywhere in it, is hidden in what is shown."""

_SURE = 16
"""A key shorter than this may be a word, as "EMPTY", and is left alone in models' answers."""


class Key:
    """An API key; neither its `repr` nor its `str` shows it."""

    def __init__(self, value: str) -> None:
        self.value = value
        size = min(_PIECE, len(value))
        self._size = size
        self._pieces = {value[at : at + size] for at in range(len(value) - size + 1) if value}

    def hide(self, text: str) -> str:
        """Return what may be shown of a message: without the key, or any longer part of it."""
        if not self._pieces:
            return text
        shown, at = [], 0
        while at < len(text):
            end = at
            while text[end : end + self._size] in self._pieces:
                end += 1
            shown.append(_PLACEHOLDER if end > at else text[at])
            at = end + self._size - 1 if end > at else at + 1
        return "".join(shown)

    def hide_in(self, value: Any) -> Any:
        """Return a JSON value with the key hidden in each of its texts, unless it may be a word."""
        if len(self.value) < _SURE:
            return value
        if isinstance(value, str):
            return value.replace(self.value, _PLACEHOLDER)
        if isinstance(value, list):
            return [self.hide_in(one) for one in value]
        if isinstance(value, dict):
            return {self.hide_in(name): self.hide_in(one) for name, one in value.items()}
        return value


def read_key(*, variable: str, file: str | None) -> Key | None:
    """Return the key of `file`, if given, or of the environment variable; `None` if it is not set.

    Raises `UsageError`, which shows nothing of what may be a key, for one that cannot be used.
    """
    if file is not None:
        return _checked(_content(Path(file)), where="--api-key-file")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", variable):
        raise UsageError(
            "takes the name of an environment variable, never a key",
            where="--api-key-env",
            hint="set the key in the environment and give the variable's name",
        )
    value = os.environ.get(variable, "").strip()
    return _checked(value, where="the API key in the environment") if value else None


def _checked(value: str, *, where: str) -> Key:
    if not re.fullmatch(r"[!-~]+", value):
        raise UsageError("no API key: it must be one line of visible ASCII", where=where)
    return Key(value)


def _content(path: Path) -> str:
    """Return the file's text; `UsageError` if others than its owner may read or write it."""
    try:
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            content = stream.read()
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where="--api-key-file") from None
    if os.name != "nt" and stat.S_IMODE(mode) & 0o077:
        raise UsageError(
            f"others than its owner can use the file (mode {stat.S_IMODE(mode):04o})",
            where="--api-key-file",
            hint="chmod 600",
        )
    return content.decode("ascii", errors="replace").strip()
