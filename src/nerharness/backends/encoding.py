"""Prompts as tokens: the model's chat template, in which contents stay plain text."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from tokenizers.decoders import DecodeStream

from nerharness.plain_text import PlainText
from nerharness.types import Prompt

_SOME_ANSWER = "answer"


class ChatEncoding:
    """Encodes prompts for one tokenizer, and decodes answers.

    A control token that a message spells out is encoded as the text it is: no document can end a
    turn or begin another. Control tokens are those that the tokenizer calls special, and other
    added ones that the chat template uses.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        template = str(tokenizer.chat_template)
        self._controls = {
            id: token.content
            for id, token in tokenizer.added_tokens_decoder.items()
            if token.special or (token.content in template and not token.content.isspace())
        }
        self._plain = PlainText(self._controls.values())

    def encode(self, prompt: Prompt) -> list[int]:
        """Return the tokens of the prompt, up to and with the answer's given beginning."""
        hide = self._plain.hide
        turns = [{"role": turn.role, "content": hide(turn.content)} for turn in prompt.messages]
        text = self._tokenizer.apply_chat_template(
            turns, tokenize=False, add_generation_prompt=True
        )
        return self._mixed_ids(text + hide(prompt.prefix))

    def encode_answer(self, answer: str, ends: Collection[int]) -> list[int]:
        """Return the tokens of a whole answer, with the one that ends it.

        `ends` are the tokens at which the model stops.
        """
        return [*self._mixed_ids(self._plain.hide(answer)), self._end(frozenset(ends))]

    def _end(self, ends: frozenset[int]) -> int:
        """Return which of the tokens the chat template puts behind an answer."""
        turns = [{"role": "user", "content": "-"}, {"role": "assistant", "content": _SOME_ANSWER}]
        text: str = self._tokenizer.apply_chat_template(turns, tokenize=False)
        behind = self._ids(text.rpartition(_SOME_ANSWER)[2])
        return next((id for id in behind if id in ends), min(ends))

    def _mixed_ids(self, rendered: str) -> list[int]:
        ids: list[int] = []
        for piece in self._plain.pieces(rendered):
            ids += self._as_text(piece.text) if piece.plain else self._ids(piece.text)
        return ids

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def _as_text(self, control: str) -> list[int]:
        """Return the tokens of a control token's spelling, none of which is a control token."""
        ids = self._unspecial_ids(control)
        if self._controls.keys() & ids:  # one that is not marked as special
            ids = [id for char in control for id in self._unspecial_ids(char)]
        return ids

    def _unspecial_ids(self, text: str) -> list[int]:
        backend = self._tokenizer.backend_tokenizer
        backend.encode_special_tokens = True
        try:
            ids: list[int] = backend.encode(text, add_special_tokens=False).ids
        finally:
            backend.encode_special_tokens = False
        return ids

    def decode(self, tokens: Sequence[int], prefix: str) -> str:
        """Return the text of an answer's tokens, which go on from `prefix`."""
        if not prefix:
            return self._text(tokens)
        before = self._ids(prefix)
        return self._text([*before, *tokens])[len(self._text(before)) :]

    def _text(self, tokens: Sequence[int]) -> str:
        text: str = self._tokenizer.decode(tokens, skip_special_tokens=True)
        return text

    def decode_each(self, tokens: Sequence[int], prefix: str) -> list[str]:
        """Return the text that each token adds to those before it, which go on from `prefix`.

        A character cut between tokens is added by the last; one that never ends, by none.
        """
        stream = DecodeStream(self._ids(prefix), skip_special_tokens=True)
        backend = self._tokenizer.backend_tokenizer
        return [stream.step(backend, token) or "" for token in tokens]
