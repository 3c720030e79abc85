"""What a plugin author needs: hook marker, providers, options and the protocols to fulfil."""

from nerharness.plugin.hookspecs import hookimpl
from nerharness.plugin.protocols import (
    Backend,
    CorpusReader,
    Dialogue,
    Format,
    Hit,
    Retriever,
    Strategy,
    Tagger,
)
from nerharness.plugin.provider import Option, Provider
from nerharness.plugin.task import Task

__all__ = [
    "Backend",
    "CorpusReader",
    "Dialogue",
    "Format",
    "Hit",
    "Option",
    "Provider",
    "Retriever",
    "Strategy",
    "Tagger",
    "Task",
    "hookimpl",
]
