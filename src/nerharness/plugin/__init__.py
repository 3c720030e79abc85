"""What a plugin author needs: hook marker, providers, options, protocols, host."""

from nerharness.plugin.hints import Hint
from nerharness.plugin.hookspecs import hookimpl
from nerharness.plugin.host import Host, load_host
from nerharness.plugin.protocols import (
    Backend,
    CorpusReader,
    Dialogue,
    Format,
    Hit,
    Index,
    Indexed,
    KnowledgeReader,
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
    "Hint",
    "Hit",
    "Host",
    "Index",
    "Indexed",
    "KnowledgeReader",
    "Option",
    "Provider",
    "Retriever",
    "Strategy",
    "Tagger",
    "Task",
    "hookimpl",
    "load_host",
]
