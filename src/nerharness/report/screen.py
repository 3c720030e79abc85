"""The console that people read: no text acts on it, and whoever reads it may go away."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable
from typing import IO, Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from nerharness.escapes import escaped


class Screen(Console):
    """A console that shows every text as it is: control characters escaped, brackets no markup.

    When the reader of stderr goes away, the rest is dropped, and work goes on; for stdout, that is
    a `BrokenPipeError`.
    """

    def __init__(
        self,
        *,
        stderr: bool = False,
        quiet: bool = False,
        file: IO[str] | None = None,
        width: int | None = None,
        record: bool = False,
    ) -> None:
        super().__init__(
            stderr=stderr,
            quiet=quiet,
            file=file,
            width=width,
            record=record,
            markup=False,
            emoji=False,
            highlight=False,
        )

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield the parts of what is printed, with text escaped."""
        for part in super().render(renderable, options):
            yield part if part.control else part._replace(text=escaped(part.text))

    def render_str(self, text: str, **rest: Any) -> Text:
        """Return a string as text, escaped before its width is measured."""
        return super().render_str(escaped(text), **rest)

    def on_broken_pipe(self) -> None:
        """Go on without a reader of stderr; raise `BrokenPipeError` without one of stdout."""
        if not self.stderr:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        self.quiet = True
        drop(sys.stderr)


def drop(stream: IO[str]) -> None:
    """Let what is written to a stream from now on, or waits there, go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
