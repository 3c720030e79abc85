"""Decoding: shared beginnings are read once, and answers take turns in one batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch

from nerharness.backends.answer import Answer, Request, Tokens
from nerharness.backends.batching import common_prefix, grouped
from nerharness.backends.chooser import Chooser
from nerharness.backends.decoding import SHORTEST_PREFIX, Decoding, is_out_of_memory
from nerharness.backends.masks import Masks
from nerharness.backends.prefix import NOTHING, Prefix
from nerharness.backends.reader import Reader
from nerharness.backends.room import Room


class Decoder:
    """Continues prompts token by token, each until an end token, its grammar's end or its limit.

    What the prompts of a call begin with is kept for the next one, so the model's weights must not
    change between calls.
    """

    def __init__(self, model: Any, ends: frozenset[int], room: Room) -> None:
        self._reader = Reader(model)
        self._ends = ends
        self._room = room
        self._kept = NOTHING

    @torch.inference_mode()
    def complete(
        self,
        requests: Sequence[Request],
        masks: Masks | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Iterator[Answer]:
        """Yield an answer per request as it is done; `masks` is needed for those with a matcher.

        Once `stop` is true, answers that are begun are finished, and no other is begun.
        """
        answers = [Answer.begin(index, request) for index, request in enumerate(requests)]
        forced = [answer for answer in answers if not answer.add_forced(self._ends)]
        yield from forced
        left = [answer for answer in answers if answer not in forced]
        if not left:
            return
        texts = [answer.text for answer in left]
        opening = self._opening(texts)
        yield from Decoding(
            self._reader,
            Chooser(self._ends, masks),
            self._room,
            left,
            grouped(texts, len(opening.tokens)),
            opening,
            stop,
        ).run()

    def _opening(self, texts: Sequence[Tokens]) -> Prefix:
        """Return what all texts begin with, as far as reading it once is worth it."""
        known = self._kept.of(texts, SHORTEST_PREFIX)
        shared = common_prefix(texts) if len(texts) > 1 and self._reader.is_plain else 0
        if shared - len(known.tokens) < SHORTEST_PREFIX:
            return known
        try:
            self._kept = self._reader.extend(known, texts[0][len(known.tokens) : shared])
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            return NOTHING
        return self._kept
