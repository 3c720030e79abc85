"""Tokens and sentences by spaCy: a pipeline that is installed, or the English tokenizer alone."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from nerharness.errors import MissingDependencyError, UsageError
from nerharness.types import Document, Span

if TYPE_CHECKING:
    from nerharness.segmenters import Segmenter


def spacy_segmenter(model: str) -> Segmenter:
    """Return spaCy's segmenter; without a model, its English rules and its `sentencizer`."""
    if find_spec("spacy") is None:
        raise MissingDependencyError(
            "tokens by spaCy need spacy, not installed here",
            hint="pip install 'nerharness[corpora]'",
        )
    pipeline = _pipeline(model)
    return partial(_segment, pipeline)


def _pipeline(model: str) -> Any:
    import spacy

    if not model:
        pipeline = spacy.blank("en")
        pipeline.add_pipe("sentencizer")
        return pipeline
    try:
        pipeline = spacy.load(model, exclude=["ner", "lemmatizer", "attribute_ruler"])
    except (OSError, ValueError) as error:
        raise UsageError(
            f"spaCy cannot load {model!r}: {error}", where="--tokens", hint="install it first"
        ) from None
    if not {"parser", "senter", "sentencizer"} & set(pipeline.pipe_names):
        pipeline.add_pipe("sentencizer")
    return pipeline


def _segment(pipeline: Any, id: str, text: str) -> Document:
    pipeline.max_length = max(pipeline.max_length, len(text) + 1)
    parsed = pipeline(text)
    visible = [token for token in parsed if not token.is_space]
    tokens = tuple(Span(token.idx, token.idx + len(token)) for token in visible)
    starts = [place for place, token in enumerate(visible) if place == 0 or _begins(parsed, token)]
    bounds = pairwise([*starts, len(visible)])
    sentences = tuple(Span(tokens[a].start, tokens[b - 1].end) for a, b in bounds)
    return Document(id, text, tokens, sentences)


def _begins(parsed: Any, token: Any) -> bool:
    """Tell whether a sentence begins at the token, or in the white space before it."""
    place = token.i
    while True:
        if parsed[place].is_sent_start:
            return True
        place -= 1
        if place < 0 or not parsed[place].is_space:
            return False
