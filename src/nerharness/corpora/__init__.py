"""Built-in corpus readers and writers, and the sample corpus."""

from collections.abc import Mapping

from nerharness.corpora.offers import READERS, WRITERS
from nerharness.plugin import Provider, hookimpl


@hookimpl
def nerharness_corpora() -> Mapping[str, Provider]:
    """Offer the built-in readers."""
    return READERS


@hookimpl
def nerharness_writers() -> Mapping[str, Provider]:
    """Offer the built-in writers."""
    return WRITERS
