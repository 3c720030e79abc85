"""Contract checks for plugins, to be called in a test of any kind; see docs/plugins.md.

Each check asks the thing it is given as nerharness would, and raises one `AssertionError` that says
which rules of its protocol (`nerharness.plugin.protocols`) are broken and what to do. They need no
test framework, no network and no library besides nerharness; grammars are tried where llguidance is
installed.
"""

from nerharness.testing.backend import check_backend
from nerharness.testing.format import check_format
from nerharness.testing.knowledge import check_knowledge
from nerharness.testing.reader import check_reader
from nerharness.testing.retriever import check_retriever
from nerharness.testing.samples import EXAMPLES, LABELS
from nerharness.testing.strategy import check_strategy
from nerharness.testing.tagger import check_tagger
from nerharness.testing.writer import check_writer

__all__ = [
    "EXAMPLES",
    "LABELS",
    "check_backend",
    "check_format",
    "check_knowledge",
    "check_reader",
    "check_retriever",
    "check_strategy",
    "check_tagger",
    "check_writer",
]
