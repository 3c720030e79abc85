"""Batches of character spans against tokens, in any order."""

import random

import pytest

from nerharness.align import to_spans, to_tokens


def tokenized(rng: random.Random, count: int) -> list[tuple[int, int]]:
    tokens, end = [], 0
    for _ in range(count):
        start = end + rng.choice([0, 1, 1, 2, 9])
        end = start + rng.randrange(1, 9)
        tokens.append((start, end))
    return tokens


def overlapped(tokens: list[tuple[int, int]], span: tuple[int, int]) -> tuple[int, int] | None:
    found = [i for i, (start, end) in enumerate(tokens) if start < span[1] and span[0] < end]
    return (found[0], found[-1] + 1) if found and span[0] < span[1] else None


@pytest.mark.parametrize("order", ["sorted", "reversed", "shuffled"])
@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 200])
def test_batches_of_spans(count: int, order: str) -> None:
    rng = random.Random(count)
    tokens = tokenized(rng, count)
    limit = tokens[-1][1] + 9 if tokens else 9
    starts = [rng.randrange(limit) for _ in range(400)]
    spans = [(start, start + rng.choice([0, 1, 3, 60])) for start in starts]
    if order != "shuffled":
        spans.sort(reverse=order == "reversed")
    expected = [overlapped(tokens, span) for span in spans]
    assert to_tokens(tokens, spans) == expected
    assert to_tokens(tuple(tokens), tuple(spans)) == expected
    ranges = [found for found in expected if found]
    joined = [(tokens[first][0], tokens[end - 1][1]) for first, end in ranges]
    assert to_spans(tokens, ranges) == joined


def test_what_are_no_spans_is_refused() -> None:
    with pytest.raises(TypeError, match=r"span 1: .*float"):
        to_tokens([(0, 1)], [(0, 1), (0.0, 1)])  # type: ignore[list-item]
    with pytest.raises(TypeError, match=r"token 0: .*list"):
        to_tokens([[0, 1]], [])  # type: ignore[list-item]
    with pytest.raises(TypeError, match=r"range 0: .*str"):
        to_spans([(0, 1)], ["01"])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="int"):
        to_tokens(7, [])  # type: ignore[arg-type]
