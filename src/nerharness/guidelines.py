"""Annotation guidelines: what a prompt tells a model about a corpus's boundaries and labels."""

from __future__ import annotations

from pathlib import Path

from nerharness.errors import UsageError
from nerharness.text_files import read_text


def read_guidelines(path: Path) -> str:
    """Read a Markdown file; `UsageError` for one that is missing, empty or not UTF-8."""
    try:
        text = read_text(path).strip()
    except ValueError as error:
        raise UsageError(f"cannot be read: {error}", where=f"--guidelines {path}") from None
    if not text:
        raise UsageError("the file is empty", where=f"--guidelines {path}")
    return text
