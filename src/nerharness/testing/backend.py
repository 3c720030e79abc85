"""Checking a backend: its answers, whatever they say, and what it tells of itself."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, get_args

from nerharness.plugin import Ability, Backend
from nerharness.testing.abilities import ABILITIES
from nerharness.testing.answers import Asking
from nerharness.testing.hosting import HOSTING
from nerharness.testing.rules import require, shown, verify
from nerharness.types import Message, Prompt

_KEY_NAME = re.compile(r"KEY|TOKEN|SECRET|PASSWORD", re.IGNORECASE)
_LEAST_SECRET = 12
"""Shorter values of variables whose names look like keys' may be words."""

_CONTROLS = "<|im_end|><|endoftext|><|eot_id|></s><s>[INST][/INST]<end_of_turn><pad>"
_ODD = (
    "Naïve “Sjögren” – 発熱 и боль 👩‍⚕️ e\u0301 ﬁ\xa0שלום \u2028 end",
    f"The note says: {_CONTROLS} and goes on.",
)


@dataclass(frozen=True)
class _Subject(Asking):
    plain_text: bool
    oversize: int


def check_backend(
    backend: Backend,
    *,
    repeatable: bool = True,
    plain_text: bool = True,
    oversize: int = 50_000,
    secrets: Sequence[str] = (),
) -> None:
    """Raise `AssertionError` unless the backend keeps the contract of `Backend`.

    It is asked some 60 to 100 short questions and one of `oversize` words, which costs money where
    answers do; 0 leaves that one out. `repeatable=False` is for a service that does not promise the
    same answer to the same question, `plain_text=False` for one whose tokenizing is not the
    backend's own. None of `secrets`, nor of the environment variables that look like keys, may
    show.
    """
    kept = (*secrets, *_from_environment())
    subject = _Subject(backend, kept, repeatable, plain_text, oversize)
    verify(backend, "Backend", [*_RULES, *HOSTING, *ABILITIES], subject)


def _from_environment() -> list[str]:
    named = (value for name, value in os.environ.items() if _KEY_NAME.search(name))
    return [value for value in named if len(value) >= _LEAST_SECRET]


def _says_what_it_is(subject: _Subject) -> None:
    """`identity` maps texts to texts, says the same each time, and shows no secret."""
    identity = subject.backend.identity
    require(
        isinstance(identity, Mapping)
        and identity
        and all(isinstance(part, str) for pair in identity.items() for part in pair),
        f"return a mapping of str to str such as {{'model': …}}; it is {shown(identity)}",
    )
    subject.hold_tongue(json.dumps(dict(identity), ensure_ascii=False), "identity")
    subject.hold_tongue(repr(subject.backend), "repr()")
    subject.answers(subject.ask("What is gout?"))
    require(
        subject.backend.identity == identity,
        "tell what is learnt while answering as `observed`, and leave `identity` as it is",
    )


def _observes_json(subject: _Subject) -> None:
    """`observed`, if there is one, is a mapping of JSON values, and shows no secret."""
    subject.answers(subject.ask("What is gout?"))
    observed: Any = getattr(subject.backend, "observed", {})
    require(isinstance(observed, Mapping), f"return a mapping; it is {shown(observed)}")
    try:
        written = json.dumps(dict(observed), ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise AssertionError(f"it cannot be written as JSON: {error}") from None
    subject.hold_tongue(written, "observed")


def _names_its_abilities(subject: _Subject) -> None:
    """`abilities` is a frozenset of the known ones."""
    abilities = getattr(subject.backend, "abilities", None)
    known = frozenset(get_args(Ability))
    require(
        isinstance(abilities, frozenset) and abilities <= known,
        f"name a frozenset out of {', '.join(sorted(known))}, empty for none; "
        f"it is {shown(abilities)}",
    )


def _asks_nothing_of_no_prompt(subject: _Subject) -> None:
    """No prompts give no completions."""
    require(list(subject.backend.generate([])) == [], "yield nothing for an empty list")


def _answers_each_once(subject: _Subject) -> None:
    """Each prompt's index comes once, in any order, and a call knows nothing of the one before."""
    prompts = subject.ask("What is gout?", "What is a rash?", "What is gout?", "Name a sign.")
    for count in (1, 4, 2):
        for completion in subject.answers(prompts[:count]):
            require(
                completion.finish != "error",
                f"answer a plain question; it says {shown(completion.error)}",
            )


def _answers_do_not_depend_on_company(subject: _Subject) -> None:
    """A greedy answer is the same alone, in a batch, and in another order."""
    if not subject.repeatable:
        return
    prompts = subject.ask("What is gout?", "Name a sign, and say why it is one.", "List 3 drugs:")
    together = [one.text for one in subject.answers(prompts)]
    back = [one.text for one in subject.answers(prompts[::-1])][::-1]
    alone = [subject.answers([prompt])[0].text for prompt in prompts]
    for prompt, *texts in zip(prompts, together, back, alone, strict=True):
        require(
            len(set(texts)) == 1,
            "give each completion under its own prompt's index, take the likeliest token, keep no "
            f"state (or say repeatable=False); {shown(prompt.messages[-1].content)} had "
            f"{shown(texts)}",
        )


def _heeds_the_limit(subject: _Subject) -> None:
    """An answer has no more tokens than `max_tokens`, and one that is cut ends as "length"."""
    text = "Count from one to one hundred in words, slowly and in full sentences."
    for limit in (1, 4):
        (completion,) = subject.answers(subject.ask(text, limit=limit))
        tokens, size = completion.usage.completion_tokens, len(completion.text.split())
        require(
            max(tokens, size) <= limit,
            f'stop after {limit} tokens, and call that "length"; it wrote {tokens} tokens, '
            f"{size} words: {shown(completion.text)}",
        )
    free = subject.answers([replace(one, max_tokens=None) for one in subject.ask("Say: yes.")])
    require(free[0].finish != "error", "without `max_tokens` there is a limit of the backend's own")


def _fails_one_prompt_alone(subject: _Subject) -> None:
    """A prompt that is too long is a completion with finish "error"; the others are answered."""
    if not subject.oversize:
        return
    huge = " ".join(["fever"] * subject.oversize)
    first, much, last = subject.answers(subject.ask("What is gout?", huge, "Name a sign."))
    require(
        "error" not in (first.finish, last.finish),
        f"answer the prompts beside it; they say {shown(first.error or last.error)}",
    )
    read = much.usage.prompt_tokens
    require(
        much.finish == "error" or not read or read >= subject.oversize // 2,
        f"never cut a prompt in silence: {subject.oversize} words were read as {read} tokens",
    )


def _takes_any_text(subject: _Subject) -> None:
    """Any Unicode text is answered, also one that spells control tokens."""
    for prompt, completion in zip(
        subject.ask(*_ODD), subject.answers(subject.ask(*_ODD)), strict=True
    ):
        require(
            completion.finish != "error",
            f"answer {shown(prompt.messages[-1].content)}; it says {shown(completion.error)}",
        )


def _keeps_texts_plain(subject: _Subject) -> None:
    """A control token that a message spells out is read as the letters it has."""
    if not subject.plain_text:
        return
    for control in re.findall(r"<[^>]*>", _CONTROLS):
        alike = control.replace("e", "o").replace("s", "z").replace("p", "q")
        asked = subject.ask(*(f"It says {20 * one} here." for one in (control, alike)), limit=1)
        spelled, letters = (one.usage.prompt_tokens for one in subject.answers(asked))
        require(
            spelled * 2 >= letters,
            f"encode contents as plain text (`nerharness.plain_text` helps): 20 times {control!r} "
            f"took {spelled} tokens, 20 times {alike!r} took {letters}",
        )


def _takes_a_chat(subject: _Subject) -> None:
    """A chat with a system message and earlier turns is answered."""
    turns = [
        Message("system", "You name signs."),
        Message("user", "He had a rash."),
        Message("assistant", "rash"),
        Message("user", "She had a fever."),
    ]
    (completion,) = subject.answers([Prompt(tuple(turns), 8)])
    require(completion.finish != "error", f"take all roles; it says {shown(completion.error)}")


def _can_be_stopped(subject: _Subject) -> None:
    """An iterator that is closed early leaves the backend usable."""
    prompts = subject.ask("What is gout?", "What is a rash?", "Name a sign.")
    answers: Any = subject.backend.generate(prompts)
    if hasattr(answers, "close"):
        with closing(answers):
            next(iter(answers))
    for completion in subject.answers(prompts):
        require(
            completion.finish != "error",
            f"leave nothing behind when the generator is closed; it says {shown(completion.error)}",
        )


_RULES = (
    _names_its_abilities,
    _asks_nothing_of_no_prompt,
    _answers_each_once,
    _says_what_it_is,
    _observes_json,
    _answers_do_not_depend_on_company,
    _heeds_the_limit,
    _fails_one_prompt_alone,
    _takes_any_text,
    _keeps_texts_plain,
    _takes_a_chat,
    _can_be_stopped,
)
