"""Files that a person writes: settings, labels, guidelines, templates."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file, without the mark of byte order that some editors write.

    Raises `ValueError` that says why it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ValueError(error.strerror or str(error)) from None
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start:,}") from None


def read_toml(path: Path) -> dict[str, Any]:
    """Return the table of a TOML file; raises `ValueError` as `read_text`, or for what is none."""
    return tomllib.loads(read_text(path))
