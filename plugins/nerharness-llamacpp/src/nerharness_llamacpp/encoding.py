"""Prompts as tokens: the model's chat template, in which contents stay plain text."""

from __future__ import annotations

from nerharness.plain_text import PlainText
from nerharness.types import Message, Prompt

from nerharness_llamacpp.binding import llama_cpp
from nerharness_llamacpp.model import Template
from nerharness_llamacpp.vocabulary import Vocabulary


class ChatEncoding:
    """Encodes prompts for one model; a control token that a content spells out is plain text."""

    def __init__(
        self, llm: llama_cpp.Llama, vocabulary: Vocabulary, template: Template, source: str
    ) -> None:
        self._llm = llm
        self._template = template
        self._controls = vocabulary.controls(source)
        self._plain = PlainText(self._controls.values())

    def encode(self, prompt: Prompt) -> list[int]:
        """Return the tokens of the prompt, up to and with the answer's given beginning."""
        hide = self._plain.hide
        hidden = [Message(turn.role, hide(turn.content)) for turn in prompt.messages]
        ids: list[int] = []
        for piece in self._plain.pieces(self._template(hidden) + hide(prompt.prefix)):
            ids += self._as_text(piece.text) if piece.plain else self._ids(piece.text, special=True)
        return ids

    def _as_text(self, spelled: str) -> list[int]:
        """Return the tokens of a control token's spelling, none of which is a control token."""
        ids = self._ids(spelled, special=False)
        if self._controls.keys() & ids:  # llama.cpp takes a model's own tokens for what they are
            ids = [one for char in spelled for one in self._ids(char, special=False)]
        return ids

    def _ids(self, text: str, *, special: bool) -> list[int]:
        return list(self._llm.tokenize(text.encode(), add_bos=False, special=special))
