"""Asking a backend, and what holds for each of its completions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from nerharness.plugin import Backend
from nerharness.runs.soundness import usage_fault
from nerharness.testing.rules import require, shown
from nerharness.types import Completion, Finish, Message, Prompt


@dataclass(frozen=True)
class Asking:
    """A backend, what it must not show, and whether the same question has the same answer."""

    backend: Backend
    secrets: tuple[str, ...]
    repeatable: bool

    def able(self, ability: str) -> bool:
        """Tell whether the backend says that it has the ability."""
        return ability in getattr(self.backend, "abilities", ())

    def ask(self, *texts: str, limit: int = 16, **fields: Any) -> list[Prompt]:
        """Return a prompt per text; `fields` are those of `Prompt`."""
        return [Prompt((Message("user", text),), limit, **fields) for text in texts]

    def answers(self, prompts: Sequence[Prompt]) -> list[Completion]:
        """Return the prompts' completions in their order; `AssertionError` for one amiss."""
        found = dict(self.each(prompts))
        lost = [index for index in range(len(prompts)) if index not in found]
        require(not lost, f'no completion for prompts {lost}; yield one with finish "error"')
        return [found[index] for index in range(len(prompts))]

    def each(self, prompts: Sequence[Prompt]) -> Iterator[tuple[int, Completion]]:
        """Yield the prompts' places and completions as they come; errors as of `answers`."""
        answered: set[int] = set()
        for item in self.backend.generate(prompts):
            require(
                isinstance(item, tuple) and len(item) == 2,
                f"yield pairs of index and Completion, not {shown(item)}",
            )
            index, completion = item
            require(
                type(index) is int and 0 <= index < len(prompts),
                f"{shown(index)} is no index of one of {len(prompts)} prompts",
            )
            require(index not in answered, f"prompt {index} is answered twice")
            self._check(completion, prompts[index])
            answered.add(index)
            yield index, completion

    def _check(self, completion: Any, prompt: Prompt) -> None:
        require(isinstance(completion, Completion), f"{shown(completion)} is no Completion")
        require(isinstance(completion.text, str), f"the text is {shown(completion.text)}")
        require(
            completion.finish in get_args(Finish),
            f"finish is one of {', '.join(get_args(Finish))}, not {shown(completion.finish)}",
        )
        fault = usage_fault(completion.usage)
        require(not fault, fault)
        if completion.finish == "error":
            require(completion.error, "say in `error` why there is no answer")
            require(completion.text == "", 'leave `text` empty where finish is "error"')
            self.hold_tongue(str(completion.error), "a completion's error")
        else:
            require(completion.error is None, '`error` is for finish "error" alone')
        if not prompt.logprobs:
            require(completion.tokens is None, "give `tokens` only if `logprobs` asks for them")

    def hold_tongue(self, text: str, where: str) -> None:
        """Raise `AssertionError` if the text shows one of the secrets; the error does not."""
        leaked = [secret for secret in self.secrets if secret and secret in text]
        require(not leaked, f"{where} shows a secret: keep keys out of all that is written")
