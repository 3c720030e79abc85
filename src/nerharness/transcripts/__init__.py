"""What models wrote, as it was kept: blocks of `token : TAG` lines, read as predictions.

`read_transcript` cuts a file into blocks, `gold_sentences` says what they are about, and
`tag_sentences` gives each word its tag, by position or by aligning what the lines retype.
`by_document` and `entities_of` make entities of the tags.
"""

from nerharness.transcripts.blocks import Block, looks_like_transcript, read_transcript
from nerharness.transcripts.gold import Gold, by_document, entities_of, gold_sentences
from nerharness.transcripts.tagging import Align, TaggedTranscript, tag_sentences

__all__ = [
    "Align",
    "Block",
    "Gold",
    "TaggedTranscript",
    "by_document",
    "entities_of",
    "gold_sentences",
    "looks_like_transcript",
    "read_transcript",
    "tag_sentences",
]
