"""Where a page is written, and who may read it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from nerharness.corpora.mark import is_marked, need_mark
from nerharness.errors import UsageError
from nerharness.pages import is_page
from nerharness.report.page import Content
from nerharness.whole_files import PRIVATE, write_whole

_HEAD = 2000
"""Characters in which a page can be known as one."""


def is_protected(runs: Iterable[Path]) -> bool:
    """Tell whether the texts of any of the runs are protected; errors as of `is_marked`."""
    marks = [is_marked(run) for run in runs]  # each is looked at for faults
    return any(marks)


def check_place(place: Path, content: Content) -> None:
    """Raise `UsageError` for a place where the page must not be written.

    That is a file that is no page, and for protected texts one that no mark protects.
    """
    if place.is_dir():
        raise UsageError("is a folder", where=f"-o {place}", hint="name a file in it")
    if place.exists() and not is_page(_head(place)):
        hint = "choose another name"
        raise UsageError("is there already, and no page", where=f"-o {place}", hint=hint)
    if content.text and content.protected:
        need_mark(place)


def _head(place: Path) -> str:
    try:
        with place.open(encoding="utf-8", errors="replace") as stream:
            return stream.read(_HEAD)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=f"-o {place}") from None


def write_page(place: Path, page: str, content: Content) -> None:
    """Write the page, for its owner alone if it holds texts; `RunError` if that is impossible."""
    write_whole(place, page, PRIVATE if content.text else 0o666)
