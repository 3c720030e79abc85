"""Files of answers, parted by `######`: one block of lines for each sentence.

They are cut as the evaluation of the RareDis study (arXiv:2407.00731) cuts them: the separator
parts wherever it stands, not only alone in a line; what precedes the first one is in no block; a
block without text is a block; and white space around a block's text is not part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nerharness.errors import CorpusError

SEPARATOR = "######"
MAX_FILE = 1 << 28
"""Bytes of the largest file that is read."""
_HEAD = 1 << 16
_TAG = re.compile(r"O|[BIESLU][-_ ]\S.*", re.IGNORECASE)
_SHAPE = f"a line {SEPARATOR}, then one line `token : TAG` for each token"


@dataclass(frozen=True, slots=True)
class Block:
    """What a model wrote for one sentence; `line` is where its separator stands.

    `preamble` counts the lines before the separator that are in no block, which only the first
    block has.
    """

    line: int
    text: str
    preamble: int = 0

    @property
    def lines(self) -> list[str]:
        """The lines that are not empty; one of white space alone is not."""
        return [line for line in self.text.split("\n") if line]


def read_transcript(path: Path) -> tuple[Block, ...]:
    """Return the blocks of a file, in order, whatever their lines look like.

    Raises `CorpusError` for a file that cannot be read, is not UTF-8, is larger than `MAX_FILE`,
    or has no separator or no line with a token and a tag at all.
    """
    before, *texts = _read(path).split(SEPARATOR)
    if not texts:
        raise CorpusError.at(path, None, f"no line {SEPARATOR}", hint=f"expected {_SHAPE}")
    if not any(":" in text for text in texts):
        raise CorpusError.at(path, None, "no line `token : TAG`", hint=f"expected {_SHAPE}")
    return tuple(_blocks(before, texts))


def _blocks(before: str, texts: list[str]) -> Iterator[Block]:
    preamble = sum(bool(line.strip()) for line in before.split("\n"))
    line = 1 + before.count("\n")
    for text in texts:
        yield Block(line, text.strip(), preamble)
        line += text.count("\n")
        preamble = 0


def looks_like_transcript(path: Path) -> bool:
    """Tell by the beginning of a file: a line that is a separator, and after it one with a tag."""
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD).decode("utf-8", errors="replace")
    except OSError:
        return False
    lines = iter(_one_line_end(head).split("\n"))
    return any(line.strip() == SEPARATOR for line in lines) and any(map(_is_tagged, lines))


def _is_tagged(line: str) -> bool:
    token, _, tag = line.rpartition(":")
    return bool(token.strip("[ ")) and bool(_TAG.fullmatch(tag.strip("[] \t\r")))


def _read(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE + 1)
    except OSError as error:
        raise CorpusError.at(path, None, f"cannot be read: {error.strerror}") from None
    if len(data) > MAX_FILE:
        raise CorpusError.at(path, None, f"larger than {MAX_FILE:,} bytes", hint="cut it up")
    try:
        return _one_line_end(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        # What stands after a byte-order mark is counted without it, but the mark has no line end.
        read = _one_line_end(error.object[: error.start].decode("utf-8"))
        what = f"byte 0x{error.object[error.start]:02x} is not UTF-8"
        hint = "convert the file to UTF-8"
        raise CorpusError.at(path, read.count("\n") + 1, what, hint=hint) from None


def _one_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
