"""What prompts share is read from the provider's cache."""

from __future__ import annotations

import pytest
from scripted import BOUND, Reply, Request, Talking, complete, echo, refused, said

pytest.importorskip("anthropic", reason="needs anthropic")

from nerharness.types import Message, Prompt

from nerharness_anthropic.sharing import Sharing


def chats(*questions: str, examples: str = "x") -> list[Prompt]:
    """Prompts with the same instruction and two examples, the second with `examples` per prompt."""
    return [
        Prompt(
            (
                Message("system", "instruction " * 500),
                Message("user", "shown"),
                Message("assistant", examples[number % len(examples)]),
                Message("user", question),
            )
        )
        for number, question in enumerate(questions)
    ]


def marked(request: Request) -> list[str]:
    """The beginnings of the parts that are marked for the cache."""
    parts = [*request.body.get("system", ())]
    for turn in request.body["messages"]:
        parts += turn["content"]
    return [part["text"][:11] for part in parts if part.get("cache_control")]


def test_what_prompts_share_is_marked_for_the_cache(talking: Talking) -> None:
    backend, server = talking()
    complete(backend, chats("a", "b", "c"))
    assert [marked(request) for request in server.asked] == [["instruction", "x"]] * 3


def test_examples_of_one_prompt_alone_are_not_marked(talking: Talking) -> None:
    backend, server = talking()
    complete(backend, chats("a", "b", examples="xy"))
    assert [marked(request) for request in server.asked] == [["instruction", "shown"]] * 2


def test_a_prompt_that_shares_nothing_is_not_marked(talking: Talking) -> None:
    backend, server = talking()
    complete(backend, chats("a"))
    assert marked(server.asked[0]) == []
    complete(backend, chats("b"))
    assert marked(server.asked[1]) == ["instruction", "x"]


def test_without_prompt_cache_nothing_is_marked(talking: Talking) -> None:
    backend, server = talking(prompt_cache=False)
    complete(backend, chats("a", "b"))
    assert [marked(request) for request in server.asked] == [[], []]


def test_the_first_goes_ahead_so_that_the_others_read_from_the_cache(talking: Talking) -> None:
    backend, server = talking(lambda request: said("ok", after=0.05))
    complete(backend, chats(*"abcdef"))
    assert server.at_once[:2] == [1, 1]
    assert max(server.at_once) > 1


def test_if_the_first_fails_the_others_go_on(talking: Talking) -> None:
    def script(request: Request) -> Reply:
        return refused(400, "no") if request.question == "a" else echo(request)

    backend, _ = talking(script)
    found = complete(backend, chats(*"abc"))
    assert [one.finish for one in found] == ["error", "stop", "stop"]


def test_another_schema_is_another_beginning() -> None:
    sharing = Sharing(use=True)
    plain, bound = chats("a")[0], chats("b")[0]
    sharing.follow([plain, Prompt(bound.messages, constraint=BOUND)])
    assert sharing.shared(plain) == 0


def test_prompts_that_come_later_are_counted_too() -> None:
    sharing = Sharing(use=True)
    first, later = chats("a", "b")
    asked = [first]
    sharing.follow(asked)
    assert sharing.shared(first) == 0
    asked.append(later)
    assert sharing.shared(first) == 3
