"""The Rust core; use it through `nerharness.align` and `nerharness.tags`."""

from collections.abc import Sequence
from typing import Literal, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Aligner",
    "Dictionary",
    "Match",
    "align_echo",
    "align_tokens",
    "assign",
    "best_tags",
    "best_tags_batch",
    "bootstrap",
    "coins",
    "cuts",
    "decode",
    "echo",
    "encode",
    "score",
    "similarity",
    "to_spans",
    "to_tokens",
]

_Tier: TypeAlias = Literal["exact", "folded", "fuzzy"]

@final
class Match:
    """Where a mention stands: the half-open span ``[start, end)`` of the text, in code points.

    ``score`` is the similarity of the skeletons, in (0, 1]; 1.0 unless the tier is fuzzy.
    ``fragments`` are the spans of its parts, in document order; the first begins at ``start``, the
    last ends at ``end``. More than one there are only in answers of an aligner that was asked for
    discontinuous mentions.
    """

    __match_args__ = ("start", "end", "tier", "score")
    def __new__(
        cls,
        start: int,
        end: int,
        tier: _Tier,
        score: float,
        *,
        fragments: Sequence[tuple[int, int]] | None = None,
    ) -> Match: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def tier(self) -> _Tier: ...
    @property
    def score(self) -> float: ...
    @property
    def fragments(self) -> tuple[tuple[int, int], ...]: ...
    def __hash__(self) -> int: ...

@final
class Aligner:
    def __new__(cls, threshold: float, discontinuous: bool) -> Aligner: ...
    def align(self, source: str, mentions: Sequence[str]) -> list[Match | None]: ...
    def align_batch(
        self, sources: Sequence[str], mentions: Sequence[Sequence[str]], threads: int
    ) -> list[list[Match | None]]: ...
    def align_columns(
        self, sources: Sequence[str], mentions: Sequence[Sequence[str]], threads: int
    ) -> tuple[bytes, bytes, bytes, bytes]: ...
    def candidates(self, source: str, mention: str) -> list[Match]: ...

@final
class Dictionary:
    def __new__(cls, names: Sequence[str]) -> Dictionary: ...
    def entries(self) -> list[int | None]: ...
    def find(self, source: str, all: bool) -> list[tuple[int, int, int]]: ...

def cuts(source: str) -> list[int]: ...
def similarity(a: str, b: str) -> tuple[_Tier | None, float]: ...
def echo(
    source: str, output: str, spans: Sequence[tuple[int, int]]
) -> list[tuple[int, int] | None]: ...
def align_echo(
    source: str, output: str, spans: Sequence[tuple[int, int]], threshold: float
) -> list[Match | None]: ...
def align_tokens(source: Sequence[str], output: Sequence[str]) -> list[int | None]: ...
def to_tokens(
    tokens: Sequence[tuple[int, int]], ranges: Sequence[tuple[int, int]]
) -> list[tuple[int, int] | None]: ...
def to_spans(
    tokens: Sequence[tuple[int, int]], ranges: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]: ...
def decode(tags: Sequence[str], scheme: str, mode: str) -> list[tuple[str, int, int]]: ...
def encode(entities: Sequence[tuple[str, int, int]], length: int, scheme: str) -> list[str]: ...
def assign(weights: Sequence[Sequence[int]]) -> list[int | None]: ...
def bootstrap(values: bytes, columns: int, draws: int, seed: int, threads: int = 1) -> bytes: ...
def coins(values: bytes, columns: int, draws: int, seed: int, threads: int = 1) -> bytes: ...
def score(
    gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], scheme: str, mode: str
) -> list[tuple[str, int, int, int]]: ...
def best_tags(scores: NDArray[np.float32], labels: Sequence[str], scheme: str) -> list[str]: ...
def best_tags_batch(
    scores: Sequence[NDArray[np.float32]], labels: Sequence[str], scheme: str
) -> list[list[str]]: ...
