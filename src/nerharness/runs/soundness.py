"""What plugins answer and read, held to the contract: a run reads and writes nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from numbers import Real
from typing import Protocol, get_args

from nerharness.errors import PluginError
from nerharness.plugin.provider import blaming
from nerharness.types import (
    Completion,
    Finish,
    LabelSet,
    Mention,
    Message,
    Prompt,
    Reading,
    ReadStatus,
    Span,
    Token,
    Unit,
    Usage,
)

_COUNTS = tuple(one.name for one in fields(Usage) if one.name != "cost")


class Identified(Protocol):
    """What says what it is."""

    @property
    def identity(self) -> Mapping[str, str]:
        """Model, revision, digest and the like."""


def sound(completion: Completion) -> Completion:
    """Return the completion without lone surrogates, which JSON may hold and no file can.

    `PluginError` for one that is none, or has a field of another type than it declares, and an
    error in place of one with a log-probability that is no number: then its text cannot be trusted,
    either.
    """
    if not isinstance(completion, Completion) or completion.finish not in get_args(Finish):
        raise PluginError(f"{completion!r:.200} is no completion")
    if wrong := _mistyped(completion):
        raise PluginError(f"{wrong}={getattr(completion, wrong)!r:.200} in a completion")
    if any(math.isnan(token.logprob) for token in completion.tokens or ()):
        reason = "the backend gave a log-probability that is not a number (NaN)"
        return Completion("", "error", completion.usage, reason)
    text, error = whole(completion.text), completion.error and whole(completion.error)
    if (text, error) == (completion.text, completion.error):
        return completion
    return replace(completion, text=text, error=error)


def sound_turn(prompts: object, *, title: str = "a strategy") -> Sequence[Prompt]:
    """Return a turn's prompts without lone surrogates; `PluginError` for none, or none at all."""
    if not prompts:
        raise PluginError("it yielded a turn without prompts", where=title)
    if not isinstance(prompts, tuple | list) or not all(map(_is_prompt, prompts)):
        raise PluginError("it yielded no list of prompts, each of messages", where=title)
    return [_whole_prompt(prompt) for prompt in prompts]


def _is_prompt(prompt: object) -> bool:
    return isinstance(prompt, Prompt) and all(
        isinstance(message, Message) and isinstance(message.content, str)
        for message in prompt.messages
    )


def _whole_prompt(prompt: Prompt) -> Prompt:
    messages = tuple(Message(one.role, whole(one.content)) for one in prompt.messages)
    return prompt if messages == prompt.messages else replace(prompt, messages=messages)


def sound_identity(thing: Identified, title: str) -> dict[str, str]:
    """Return what was loaded, by what a backend or fleet says; `PluginError` if it is no texts."""
    identity = blaming(title, "cannot say what it is", lambda: thing.identity)
    if not isinstance(identity, Mapping) or not all(
        isinstance(part, str) for pair in identity.items() for part in pair
    ):
        raise PluginError(f"identity is a mapping of texts, and not {identity!r:.200}", where=title)
    return {whole(name): whole(said) for name, said in identity.items()}


def sound_reading(reading: Reading, unit: Unit, labels: LabelSet, *, title: str = "") -> Reading:
    """Return the reading without lone surrogates, its confidences as plain numbers.

    `PluginError`, which names `title`, for one that a format or strategy must not give.
    """
    if fault := reading_fault(reading, unit, labels):
        raise PluginError(fault, where=title)
    return Reading(
        tuple(map(_sound_mention, reading.mentions)),
        reading.status,
        {whole(kind): count for kind, count in reading.problems.items()},
    )


def reading_fault(reading: object, unit: Unit, labels: LabelSet) -> str:
    """Return why a run cannot take this as what was read about the unit; empty if it can."""
    if not isinstance(reading, Reading):
        return f"a Reading was due, and not {reading!r:.200}"
    if reading.status not in get_args(ReadStatus):
        return f"status {reading.status!r:.200} of a reading"
    if not _are_problems(reading.problems):
        return f"problems are texts with how often each came, and not {reading.problems!r:.200}"
    if not isinstance(reading.mentions, tuple | list):
        return f"mentions are a tuple, and not {reading.mentions!r:.200}"
    size = len(unit.text)
    faults = (_mention_fault(mention, size, labels) for mention in reading.mentions)
    return next(filter(None, faults), "")


def _are_problems(problems: object) -> bool:
    return isinstance(problems, Mapping) and all(
        isinstance(kind, str) and isinstance(count, int) and count >= 0
        for kind, count in problems.items()
    )


def _mention_fault(mention: object, size: int, labels: LabelSet) -> str:
    if not isinstance(mention, Mention):
        return f"{mention!r:.200} is no Mention"
    if not isinstance(mention.text, str):
        return f"a mention's text is a str, and not {mention.text!r:.200}"
    if mention.label not in labels:
        return f"{mention.label!r:.200} is no label of the question"
    for name, place in (("span", mention.span), ("source", mention.source)):
        if not isinstance(place, Span | None):
            return f"a mention's {name} is a Span or None, and not {place!r:.200}"
    if mention.span is not None and mention.span.end > size:
        return f"{mention!r:.200} ends behind the text of {size} characters"
    sure = mention.confidence
    if sure is not None and not (isinstance(sure, Real) and 0 <= sure <= 1):
        return f"a mention's confidence is from 0 to 1, and not {sure!r:.200}"
    return ""


def _sound_mention(mention: Mention) -> Mention:
    sure = None if mention.confidence is None else float(mention.confidence)
    return replace(mention, text=whole(mention.text), confidence=sure)


def whole(text: str) -> str:
    """Return the text with a replacement character for each lone surrogate."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _mistyped(completion: Completion) -> str:
    """Return the name of the first field that is not of its type; empty if there is none."""
    right = {
        "text": isinstance(completion.text, str),
        "usage": not usage_fault(completion.usage),
        "error": isinstance(completion.error, str | None),
        "tokens": completion.tokens is None or _are_tokens(completion.tokens),
    }
    return next((name for name, is_right in right.items() if not is_right), "")


def usage_fault(usage: object) -> str:
    """Return why a run cannot add this up; empty if it can."""
    if not isinstance(usage, Usage):
        return f"`usage` is a Usage, not {usage!r:.200}"
    for name in _COUNTS:
        count = getattr(usage, name)
        if not (type(count) is int and count >= 0):
            return f"`{name}` is a count, not {count!r:.200}"
    cost = usage.cost
    if cost is not None and not (isinstance(cost, float | int) and 0 <= cost < math.inf):
        return f"`cost` is in US dollars or None, not {cost!r:.200}"
    return ""


def _are_tokens(tokens: object) -> bool:
    return isinstance(tokens, tuple | list) and all(
        isinstance(token, Token)
        and isinstance(token.text, str)
        and isinstance(token.logprob, float | int)
        for token in tokens
    )
