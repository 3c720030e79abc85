"""llama.cpp's context: a row of sequences that are computed side by side."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from nerharness_llamacpp.binding import llama_cpp
from nerharness_llamacpp.model import CHUNK

_UNIT = 256
"""llama.cpp rounds a sequence's room up to a multiple of this."""


class Step(NamedTuple):
    """A token to be read: in which sequence, where, and whether the scores after it are wanted."""

    sequence: int
    position: int
    token: int
    wanted: bool = True


class Context:
    """Room for `count` sequences of `size` tokens each; `MemoryError` where that is too much.

    Each sequence has a buffer of its own (not "unified"): then what it is computed to does not
    depend on where others happen to stand, and it costs nothing to look past them.
    """

    def __init__(self, llm: llama_cpp.Llama, *, count: int, size: int, threads: int) -> None:
        self.count = count
        self.size = -(-size // _UNIT) * _UNIT
        width = max(CHUNK, count)
        parameters = llama_cpp.llama_context_default_params()
        parameters.n_ctx = self.count * self.size
        parameters.n_seq_max = count
        parameters.kv_unified = False
        parameters.n_batch = parameters.n_ubatch = width
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        self._context = llama_cpp.llama_init_from_model(llm.model, parameters)
        if not self._context:
            raise MemoryError(f"no room for {count} x {size} tokens")
        self._batch = llama_cpp.llama_batch_init(width, 0, 1)
        self._memory = llama_cpp.llama_get_memory(self._context)
        self._vocabulary = int(llm.n_vocab())
        self._model = llm  # which must outlive the context
        self.close = weakref.finalize(self, _free, self._context, self._batch)

    def compute(self, steps: Sequence[Step]) -> None:
        """Read the tokens, at most one chunk; raises `RuntimeError` if llama.cpp cannot."""
        batch = self._batch
        batch.n_tokens = len(steps)
        for place, step in enumerate(steps):
            batch.token[place] = step.token
            batch.pos[place] = step.position
            batch.n_seq_id[place] = 1
            batch.seq_id[place][0] = step.sequence
            batch.logits[place] = step.wanted
        if code := llama_cpp.llama_decode(self._context, batch):
            raise RuntimeError(f"llama_decode returned {code}")

    def scores(self, place: int) -> np.ndarray[Any, Any]:
        """Return a copy of the scores of what could follow the step at this place."""
        scores = llama_cpp.llama_get_logits_ith(self._context, place)
        return np.ctypeslib.as_array(scores, shape=(self._vocabulary,)).copy()

    def forget(self, sequence: int, start: int) -> bool:
        """Forget a sequence from `start` on; `False` where the model cannot forget a part."""
        return bool(llama_cpp.llama_memory_seq_rm(self._memory, sequence, start, -1))

    def copy(self, source: int, target: int) -> None:
        """Make a sequence one that has read what another has."""
        self.forget(target, 0)
        llama_cpp.llama_memory_seq_cp(self._memory, source, target, -1, -1)


def _free(context: Any, batch: Any) -> None:
    llama_cpp.llama_batch_free(batch)
    llama_cpp.llama_free(context)
