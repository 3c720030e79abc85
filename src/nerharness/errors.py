"""Errors a person can act on: what was wrong, where, and what to do next."""

from __future__ import annotations

from pathlib import Path


class NerharnessError(Exception):
    """Root of all errors this package raises for a cause outside its own code.

    `what` states the fault, `where` the place (plugin, file:line, option, document id), `hint` the
    next step. `str()` joins the three into one line; a library's words may end with a full stop.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        self.what = what
        self.where = where
        self.hint = hint
        super().__init__(what)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        said = f"{self.what.rstrip().removesuffix('.')}; {self.hint}" if self.hint else self.what
        return " ".join(f"{place}{said}".split())


class UsageError(NerharnessError):
    """A flag, name or setting that cannot be used as given."""


class CorpusError(NerharnessError):
    """A corpus or another input file that cannot be read as what it claims to be."""

    @classmethod
    def at(cls, path: Path, line: int | None, what: str, *, hint: str = "") -> CorpusError:
        """Build the error for one line (1-based) of a file, or for the whole file with `None`."""
        return cls(what, where=f"{path}:{line}" if line is not None else str(path), hint=hint)


class ModelNotFoundError(NerharnessError):
    """A model that is neither on this machine nor to be had from a hub."""


class MissingDependencyError(NerharnessError):
    """An optional library that the chosen plugin needs and that is not installed."""


class PluginError(NerharnessError):
    """A plugin that breaks the contract of its hook."""


class RunError(NerharnessError):
    """A run folder that cannot be written, resumed or scored."""


class Stopped(NerharnessError):  # noqa: N818 - nothing went wrong
    """A run that ends before its time as it was told to; what is finished is kept."""
