"""Checking what a run does with a backend besides asking: what it sets, and what it adds."""

from __future__ import annotations

from typing import Any

from nerharness.testing.answers import Asking
from nerharness.testing.rules import require, shown
from nerharness.types import Completion

_SET = ("stop", "budget", "folder")
_FEW = tuple(f"Name sign {number}." for number in range(8))
_TRIES = 10
"""All may be answered before the first is taken, and one that is added then comes too late."""


def _leaves_open_what_is_set(asking: Asking) -> None:
    """`stop`, `budget` and `folder`, where there are such, are `None` until they are set."""
    for name in _SET:
        value = getattr(asking.backend, name, None)
        require(
            value is None,
            f"begin with `{name} = None` to have it set, or find another name for "
            f"{shown(value)}, which is left as it is",
        )


def _heeds_its_stop(asking: Asking) -> None:
    """With a `stop`, `generate` ends where that says so, and answers all where it does not."""
    backend: Any = asking.backend
    if getattr(backend, "stop", True) is not None:
        return
    prompts = asking.ask(*_FEW)
    try:
        backend.stop = lambda: True
        for _ in asking.each(prompts):
            pass  # it may have answered all before it looked
        backend.stop = lambda: False
        asking.answers(prompts)
    finally:
        backend.stop = None


def _takes_up_what_is_added(asking: Asking) -> None:
    """With `grows`, prompts that are added to the list between two completions are answered, too.

    Those that are added when it has come to its end may be left.
    """
    grows = getattr(asking.backend, "grows", False)
    require(isinstance(grows, bool), f"`grows` is True, or False; it is {shown(grows)}")
    if grows and not any(_answers_added(asking) for _ in range(_TRIES)):
        raise AssertionError(
            "look at the length of `prompts` after each completion, and answer what is new by its "
            "place, or leave `grows` out: nothing that was added has been answered"
        )


def _answers_added(asking: Asking) -> bool:
    """Tell whether any prompt was answered that was added, one behind each of the first answers."""
    prompts = asking.ask(*_FEW)
    first = len(prompts)
    found: dict[int, Completion] = {}
    for index, completion in asking.each(prompts):
        found[index] = completion
        if len(prompts) < 2 * first:
            prompts += asking.ask(f"What is sign {len(prompts)}?")
    lost = [index for index in range(first) if index not in found]
    require(not lost, f"answer what was there from the beginning, too: prompts {lost} were left")
    added = sorted(index for index in found if index >= first)
    if added and asking.repeatable:
        alone = asking.answers([prompts[index] for index in added])
        require(
            [found[index].text for index in added] == [one.text for one in alone],
            "yield the answer to a prompt that was added under its own place in the list",
        )
    return bool(added)


HOSTING = (_leaves_open_what_is_set, _heeds_its_stop, _takes_up_what_is_added)
