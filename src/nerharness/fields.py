"""Fields of a JSON object, checked when they are taken."""

from __future__ import annotations

from collections.abc import Mapping
from reprlib import repr as shorten
from typing import Any, TypeVar

T = TypeVar("T")

_ARTICLES: dict[type, str] = {str: "a string", list: "a list", int: "a whole number"}


def typed(record: Mapping[str, Any], name: str, kind: type[T]) -> T:
    """Return the field; `ValueError` unless it is there, of that type and no broken text."""
    if name not in record:
        raise ValueError(f"no field {name!r}")
    value = record[name]
    if type(value) is not kind:
        raise ValueError(f"field {name!r} must be {_ARTICLES[kind]}, got {shorten(value)}")
    if isinstance(value, str):
        _check_encodable(value, name)
    return value


def _check_encodable(text: str, name: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"field {name!r} has a lone surrogate at character {error.start}, "
            "which is not Unicode text"
        ) from None
