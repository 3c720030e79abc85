"""A model's tokens: their texts, which of them control, and which end an answer."""

from __future__ import annotations

import codecs
import ctypes
from collections.abc import Sequence
from functools import cached_property

from nerharness_llamacpp.binding import llama_cpp


class Vocabulary:
    """The vocabulary of a loaded model."""

    def __init__(self, llm: llama_cpp.Llama) -> None:
        self.handle = llama_cpp.llama_model_get_vocab(llm.model)
        self.size = int(llm.n_vocab())

    @cached_property
    def ends(self) -> frozenset[int]:
        """The tokens that end an answer."""
        is_end = llama_cpp.llama_vocab_is_eog
        return frozenset(token for token in range(self.size) if is_end(self.handle, token))

    def controls(self, template: str) -> dict[int, str]:
        """Return the control tokens with their spelling.

        Those that the model calls so, and others of its own that its chat template uses.
        """
        found: dict[int, str] = {}
        for token in range(self.size):
            attributes = llama_cpp.llama_vocab_get_attr(self.handle, token)
            control = attributes & llama_cpp.LLAMA_TOKEN_ATTR_CONTROL
            if control or attributes & llama_cpp.LLAMA_TOKEN_ATTR_USER_DEFINED:
                spelled = self.piece(token, special=True).decode("utf-8", errors="replace")
                if control or (spelled in template and not spelled.isspace()):
                    found[token] = spelled
        return found

    def piece(self, token: int, *, special: bool = False, room: int = 32) -> bytes:
        """Return a token's bytes; a control token's only if `special`.

        `Llama.detokenize` loses those above 32 bytes.
        """
        buffer = ctypes.create_string_buffer(room)
        size = llama_cpp.llama_token_to_piece(self.handle, token, buffer, room, 0, special)
        if size < 0:
            return self.piece(token, special=special, room=-size)
        return buffer.raw[:size]

    def decode_each(self, tokens: Sequence[int]) -> list[str]:
        """Return the text that each token adds.

        A character cut between tokens is added by the last; one that never ends, by none.
        """
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        return [decoder.decode(self.piece(token)) for token in tokens]
