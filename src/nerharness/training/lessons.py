"""Train data of a model that is prompted: prompts with their answers, as tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from nerharness.training.attention import layout
from nerharness.training.sentences import IGNORED

LONGEST_ROW = 4096
"""Tokens of a row of joined lessons: beyond, attention between lessons that do not see one another
costs more than reading their common beginning several times."""


class Lesson(NamedTuple):
    """The tokens of a prompt and its answer; the loss is on the answer alone."""

    tokens: list[int]
    answer: int
    """Where the answer begins."""

    def row(self) -> dict[str, list[int]]:
        """Return what the trainer keeps: tokens, and labels of those whose loss counts."""
        return {
            "input_ids": self.tokens,
            "labels": [IGNORED] * self.answer + self.tokens[self.answer :],
        }


def collate(
    rows: Sequence[dict[str, list[int]]], pad: int, *, joined: bool = True, apart: bool = False
) -> dict[str, Any]:
    """Return a batch for the model: loss and gradients are those of the rows by themselves.

    What all prompts begin with (the instruction) is read once where that is less work: the rest of
    each row stands behind it, at the places it would have alone, and sees nothing of the others.
    Otherwise, and always unless `joined`, the rows stand side by side, filled up with `pad`: a
    model that keeps more of a row than its tokens would tell lessons of one another. With `apart`,
    for a model that attends as in `nerharness.training.attention`, the batch says where each is.
    """
    shared = _shared(rows)
    alone = [len(row["input_ids"]) - shared for row in rows]
    size = shared + sum(alone)
    pays = len(rows) > 1 and size <= LONGEST_ROW and size < len(rows) * (shared + max(alone))
    if joined and pays:
        return _joined(rows, shared) | (layout(alone, shared) if apart else {})
    return _padded(rows, pad)


def _shared(rows: Sequence[dict[str, list[int]]]) -> int:
    """Return how many tokens all rows begin with, the last one before an answer left out.

    The token before an answer predicts it, so each row needs that for itself.
    """
    first, *others = (row["input_ids"] for row in rows)
    most = min(_begins(row["labels"]) for row in rows) - 1
    for place in range(max(most, 0)):
        if any(other[place] != first[place] for other in others):
            return place
    return max(most, 0)


def _begins(labels: Sequence[int]) -> int:
    return next(place for place, label in enumerate(labels) if label != IGNORED)


def _joined(rows: Sequence[dict[str, list[int]]], shared: int) -> dict[str, Any]:
    import torch

    tokens, labels = rows[0]["input_ids"][:shared], [IGNORED] * shared
    places, owners = list(range(shared)), [0] * shared
    for number, row in enumerate(rows, start=1):
        rest = row["input_ids"][shared:]
        tokens = tokens + rest
        labels = labels + row["labels"][shared:]
        places += range(shared, shared + len(rest))
        owners += [number] * len(rest)
    owner = torch.tensor(owners)
    seen = (owner[None, :] == owner[:, None]) | (owner[None, :] == 0)
    return {
        "input_ids": torch.tensor([tokens]),
        "labels": torch.tensor([labels]),
        "position_ids": torch.tensor([places]),
        "attention_mask": seen.tril()[None, None],
    }


def _padded(rows: Sequence[dict[str, list[int]]], pad: int) -> dict[str, Any]:
    import torch

    size = max(len(row["input_ids"]) for row in rows)

    def filled(key: str, filler: int) -> Any:
        return torch.tensor([row[key] + [filler] * (size - len(row[key])) for row in rows])

    sizes = torch.tensor([len(row["input_ids"]) for row in rows])
    return {
        "input_ids": filled("input_ids", pad),
        "labels": filled("labels", IGNORED),
        "attention_mask": (torch.arange(size)[None, :] < sizes[:, None]).long(),
    }
