"""Values that every part of the package speaks in: frozen, and validated where they are made.

Offsets are Unicode code points of the document's text, half-open: `text[start:end]`.
"""

from nerharness.types.document import Corpus, Document, Example, Note, Source, Unit
from nerharness.types.entity import Entity, Span
from nerharness.types.knowledge import Knowledge, Passage
from nerharness.types.labels import Label, LabelSet
from nerharness.types.prompt import (
    Completion,
    Constraint,
    Finish,
    Message,
    Prompt,
    Role,
    Sampling,
    Token,
    Usage,
)
from nerharness.types.reading import Mention, Reading, ReadStatus

__all__ = [
    "Completion",
    "Constraint",
    "Corpus",
    "Document",
    "Entity",
    "Example",
    "Finish",
    "Knowledge",
    "Label",
    "LabelSet",
    "Mention",
    "Message",
    "Note",
    "Passage",
    "Prompt",
    "ReadStatus",
    "Reading",
    "Role",
    "Sampling",
    "Source",
    "Span",
    "Token",
    "Unit",
    "Usage",
]
