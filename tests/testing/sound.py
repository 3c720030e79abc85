"""Plugins that keep their contracts, for tests to break in one place each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from types import MappingProxyType
from typing import Any

from nerharness.plugin import Hit, Indexed
from nerharness.types import Completion, Document, Entity, Prompt, Token, Usage

WORDS = ("a", "rash", "and", "fever", "or", "gout", "pain", "in", "the", "joints", "of", "toe")
CONTEXT = 2_000


class Backend:
    """Says words drawn by the prompt; a constraint is followed byte by byte."""

    identity: Mapping[str, Any] = {"model": "words"}
    observed: Any = MappingProxyType({"answers": 3})
    abilities: Any = frozenset({"grammar", "prefix", "sampling", "logprobs"})

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[Any]:
        for index in reversed(range(len(prompts))):
            yield index, self.answer(prompts[index])

    def answer(self, prompt: Prompt) -> Completion:
        text = " ".join([*(turn.content for turn in prompt.messages), prompt.prefix])
        size = len(self.encode(text))
        if size > CONTEXT:
            return Completion("", "error", error=f"{size} tokens are more than {CONTEXT}")
        try:
            tokens = self.tokens(prompt, Random(self.seed(text, prompt)))
        except ValueError as error:
            return Completion("", "error", error=str(error))
        limit = self.limit(prompt)
        return Completion(
            "".join(tokens[:limit]),
            "length" if limit < len(tokens) else "stop",
            Usage(size, len(tokens[:limit])),
            tokens=tuple(Token(one, -0.5) for one in tokens[:limit]) if prompt.logprobs else None,
        )

    def encode(self, text: str) -> list[str]:
        return list(text) if len(text) < 2 * CONTEXT else text.split()

    def seed(self, text: str, prompt: Prompt) -> str:
        return f"{text} {prompt.sampling}"

    def limit(self, prompt: Prompt) -> int:
        return prompt.max_tokens or 20

    def tokens(self, prompt: Prompt, draw: Random) -> list[str]:
        if prompt.constraint is None:
            return [f"{draw.choice(WORDS)} " for _ in range(20)]
        return follow(prompt.constraint.grammar, prompt.prefix)


def follow(grammar: str, prefix: str = "") -> list[str]:
    """Return the letters of an answer that the grammar has; `ValueError` for a broken one."""
    import llguidance
    import numpy as np

    matcher: Any = llguidance.LLMatcher(llguidance.LLTokenizer("byte"), grammar, log_level=0)
    written: list[int] = []
    matcher.consume_tokens(list(prefix.encode()))
    while not matcher.is_stopped() and not matcher.is_error():
        bits = np.unpackbits(np.frombuffer(matcher.compute_bitmask(), np.uint8), bitorder="little")
        written.append(int(np.flatnonzero(bits)[0]))
        matcher.consume_token(written[-1])
    if matcher.is_error():
        raise ValueError(str(matcher.get_error()).splitlines()[0])
    return list(bytes(byte for byte in written if byte < 256).decode())


class Retriever:
    """Ranks by common words."""

    def index(self, items: Sequence[Indexed], /) -> Any:
        return Index(items)


class Index:
    def __init__(self, items: Sequence[Indexed]) -> None:
        self.items = items

    def search(self, queries: Sequence[str], k: int, /) -> Any:
        return [self.best(query)[:k] for query in queries]

    def best(self, query: str) -> list[Hit]:
        hits = [Hit(n, self.score(query, item.text)) for n, item in enumerate(self.items)]
        return sorted(hits, key=lambda hit: -hit.score)

    def score(self, query: str, text: str) -> float:
        return float(len(set(query.split()) & set(text.split())))


class Tagger:
    """Calls every "rash" a sign."""

    def tag(self, documents: Sequence[Document], /) -> Iterator[Any]:
        for document in documents:
            yield self.entities(document.text)

    def entities(self, text: str) -> list[Any]:
        place = text.find("rash")
        return [Entity.at("sign", place, place + 4)] if place >= 0 else []
