"""Tokens and sentences by name: `default`, `raredis`, `spacy[:MODEL]`, `model:NAME`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from nerharness.errors import UsageError
from nerharness.segment import segment
from nerharness.types import Document, Example

Segmenter = Callable[[str, str], Document]
"""Makes a document of its id and its text."""


def find_segmenter(name: str) -> Segmenter:
    """Return the segmenter; `UsageError` for an unknown one, or one that lacks its library."""
    kind, _, rest = name.partition(":")
    if name == "default":
        return segment
    if name == "raredis":
        from nerharness.segmenters.raredis import segment_raredis

        return segment_raredis
    if kind == "spacy":
        from nerharness.segmenters.spacy import spacy_segmenter

        return spacy_segmenter(rest)
    if kind == "model" and rest:
        from nerharness.segmenters.subwords import subword_segmenter

        return subword_segmenter(rest)
    raise UsageError(
        f"unknown tokens {name!r}",
        where="--tokens",
        hint="choose default, raredis, spacy, spacy:MODEL or model:NAME",
    )


def resegment(example: Example, segmenter: Segmenter) -> Example:
    """Return the example with the segmenter's tokens and sentences; entities stay as they are.

    Tags are those of the tokens that were, and not kept.
    """
    document = example.document
    return replace(example, document=segmenter(document.id, document.text), tags=None)
