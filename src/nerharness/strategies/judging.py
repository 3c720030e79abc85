"""One question about one candidate: two answers, and how likely each is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import chain, takewhile, zip_longest
from typing import NamedTuple

from nerharness.errors import UsageError
from nerharness.grammar import choice
from nerharness.phrases import phrases
from nerharness.plugin import Task
from nerharness.types import Completion, Constraint, Example, Mention, Message, Prompt

_MARGIN = 8
"""Tokens of room beyond one for each character of an answer."""


class Question(NamedTuple):
    """A prompt whose answer is one of two, of which it holds what both begin with."""

    prompt: Prompt
    right: str
    wrong: str

    @classmethod
    def about(
        cls, mention: Mention, text: str, task: Task, solved: Sequence[tuple[str, str]]
    ) -> Question:
        """Ask whether the mention of `text` has its label, after the turns of `solved`."""
        right, wrong = (_answer(mention, task, fine) for fine in (True, False))
        if right == wrong:
            raise UsageError(f"answers {right!r} either way", where="template 'judge-answer'")
        begun = _beginning(right, wrong)
        labels = task.labels.only(mention.label)
        system = task.wording.templates.render(
            "judge", labels=labels, guidelines=task.wording.guidelines
        )
        messages = [Message("system", system)] if system else []
        for asked, answered in (*solved, (_asked(mention.text, text, task), "")):
            messages.append(Message("user", asked))
            messages += [Message("assistant", answered)] if answered else []
        prompt = Prompt(
            tuple(messages),
            _MARGIN + max(len(right), len(wrong)) - len(begun),
            Constraint(f"start: {choice((right, wrong))}"),
            prefix=begun,
            logprobs=True,
        )
        return cls(prompt, right, wrong)

    def probability(self, completion: Completion) -> float | None:
        """Return how likely the right answer is, of the two; `None` if it was neither.

        Where the backend gives no log-probabilities it is 0 or 1.
        """
        said = completion.text.strip()
        sure = 1.0
        if completion.tokens is not None:
            sure = min(1.0, math.exp(math.fsum(token.logprob for token in completion.tokens)))
        for answer, probability in ((self.right, sure), (self.wrong, 1 - sure)):
            rest = answer.removeprefix(self.prompt.prefix).strip()
            if said.startswith((rest, answer)):
                return probability
        return None


def demonstrations(examples: Sequence[Example], label: str, task: Task) -> list[tuple[str, str]]:
    """Return questions and answers about examples, best first; those about the best are the last.

    They take turns: an entity with the label, and a phrase that overlaps none, as many of each.
    """
    right = [one for one in (_entity(example, label) for example in examples) if one]
    wrong = [one for one in (_other(example, label) for example in examples) if one]
    pairs = zip_longest(right, wrong[: len(right)])
    solved = []
    for fine, (text, surface) in _alternating(pairs):
        mention = Mention(surface, label)
        solved.append((_asked(surface, text, task), _answer(mention, task, fine)))
    return solved[::-1]


_Shown = tuple[str, str]


def _alternating(
    pairs: Iterator[tuple[_Shown | None, _Shown | None]],
) -> Iterator[tuple[bool, _Shown]]:
    """Yield what is right and wrong in turn; which of them comes first changes with each pair."""
    for number, (right, wrong) in enumerate(pairs):
        both = [(True, right), (False, wrong)]
        for fine, shown in both if number % 2 else reversed(both):
            if shown is not None:
                yield fine, shown


def _entity(example: Example, label: str) -> _Shown | None:
    """Return the text and the first contiguous entity with the label."""
    text = example.document.text
    found = (e for e in example.entities if e.label == label and len(e.fragments) == 1)
    return next(((text, entity.surface(text)) for entity in found), None)


def _other(example: Example, label: str) -> _Shown | None:
    """Return the text and the middle one of its phrases that overlap no entity with the label."""
    document = example.document
    taken = list(chain.from_iterable(e.fragments for e in example.entities if e.label == label))
    free = [
        phrase
        for phrase in phrases(document.text, document.tokens)
        if not any(one.start < phrase.end and phrase.start < one.end for one in taken)
    ]
    if not free:
        return None
    middle = free[len(free) // 2]
    return document.text, document.text[middle.start : middle.end]


def _asked(surface: str, text: str, task: Task) -> str:
    return task.wording.templates.render("judge-question", text=text, mention=surface)


def _answer(mention: Mention, task: Task, fine: bool) -> str:
    return task.wording.templates.render(
        "judge-answer", mention=mention.text, label=mention.label, right=fine
    )


def _beginning(one: str, other: str) -> str:
    """Return the whole words that both begin with, without the space behind them."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return one[: sum(1 for _ in same)].rpartition(" ")[0]
