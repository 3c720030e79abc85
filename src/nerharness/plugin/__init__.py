"""What a plugin author needs: hook marker, providers, options, protocols, host."""

from nerharness.plugin.hints import Hint
from nerharness.plugin.hookspecs import hookimpl
from nerharness.plugin.host import Host, load_host
from nerharness.plugin.protocols import (
    Ability,
    Backend,
    CorpusReader,
    CorpusWriter,
    Dialogue,
    Format,
    Hit,
    Index,
    Indexed,
    KnowledgeReader,
    Retriever,
    Strategy,
    Tagger,
    TokenCounter,
)
from nerharness.plugin.provider import Option, Provider
from nerharness.plugin.task import Decoding, Task, Wording

__all__ = [
    "Ability",
    "Backend",
    "CorpusReader",
    "CorpusWriter",
    "Decoding",
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
    "TokenCounter",
    "Wording",
    "hookimpl",
    "load_host",
]
