"""The `replay` backend: answers that a run has recorded, without a model."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from nerharness.errors import RunError, UsageError
from nerharness.journal import DESCRIPTION, JOURNAL, damaged, read_journal
from nerharness.plugin import Ability
from nerharness.types import Completion, Prompt, Token, Usage

_FLAGS = ("unit", "decode", "continuations", "hints", "seed")

_Key = tuple[str | None, bytes]
"""The id of the document that is asked about, `None` for any, and what digests the prompt."""


class ReplayBackend:
    """Answers each prompt with what the run `recorded` has as the answer to the same one.

    The same: messages and beginning of the answer. One that was asked about several documents has
    the answer of its own; about a document that is not recorded, the answers have the order of the
    journal. What was not recorded, or as a failure, is an error.
    """

    def __init__(self, *, recorded: str | None) -> None:
        if not recorded:
            hint = "name the run folder whose answers are to be given again"
            raise UsageError("replay needs a run", where="--recorded", hint=hint)
        self._folder = Path(recorded).expanduser()
        self._description = self._described()
        self._answers: defaultdict[_Key, list[Completion]] = defaultdict(list)
        for id, told in self._read().items():
            for digest, completion in told:
                self._answers[id, digest].append(completion)
                self._answers[None, digest].append(completion)
        if not self._answers:
            raise UsageError("this run has recorded no answer", where=f"--recorded {recorded}")
        self._asked: Counter[_Key] = Counter()

    def _read(self) -> dict[str, list[tuple[bytes, Completion]]]:
        """Return the answers about each document, as its last record has them."""
        told: dict[str, list[tuple[bytes, Completion]]] = {}
        for where, record in read_journal(self._folder / JOURNAL):
            try:
                told.pop(record["id"], None)
                told[record["id"]] = [
                    (_digest(one["messages"], one["prefix"]), _recorded(one))
                    for one in record["transcript"]
                ]
            except (KeyError, TypeError, ValueError) as error:
                raise damaged(repr(error), where) from None
        return told

    def _described(self) -> dict[str, Any]:
        try:
            value: dict[str, Any] = json.loads((self._folder / DESCRIPTION).read_bytes())
            return {"model": dict(value["model"]), "spec": dict(value["spec"])}
        except OSError:
            where = f"--recorded {self._folder}"
            raise UsageError("not a run folder: no run.json in it", where=where) from None
        except (ValueError, KeyError, TypeError) as error:
            where = str(self._folder / DESCRIPTION)
            raise RunError(f"not of a run that asked a model: {error!r}", where=where) from None

    @cached_property
    def identity(self) -> Mapping[str, str]:
        """That of the backend that answered, and the SHA-256 of the journal."""
        with (self._folder / JOURNAL).open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return {**self._description["model"], "replayed_sha256": digest}

    @cached_property
    def abilities(self) -> frozenset[Ability]:
        """What the run made use of, besides what every recorded prompt says by itself."""
        able: set[Ability] = {"prefix", "sampling"}
        if self._description["spec"].get("decode", "free") != "free":
            able |= {"grammar", "schema"}
        if any(one.tokens is not None for each in self._answers.values() for one in each):
            able.add("logprobs")
        return frozenset(able)

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        """Yield the recorded answers in order, as if no prompt's document were known."""
        for index, prompt in enumerate(prompts):
            yield index, self._answer(prompt, None)

    def generate_about(
        self, prompts: Sequence[Prompt], documents: Sequence[str], /
    ) -> Iterator[tuple[int, Completion]]:
        """Yield the recorded answers in order, each about the document of this id."""
        for index, (prompt, id) in enumerate(zip(prompts, documents, strict=True)):
            yield index, self._answer(prompt, id)

    def recall(self, order: Sequence[str], asked: Iterable[tuple[str, Prompt]], /) -> None:
        """Count what was asked before, so that answers go on in the order of the journal."""
        self._asked.update(self._key(prompt, id) for id, prompt in asked)

    def _answer(self, prompt: Prompt, id: str | None) -> Completion:
        if prompt.logprobs and "logprobs" not in self.abilities:
            return _failed(f"{self._folder} has no log-probabilities")
        key = self._key(prompt, id)
        known, number = self._answers.get(key, []), self._asked[key]
        self._asked[key] += 1
        if not known:
            return _failed(
                f"this prompt is not in {self._folder}, a run with {self._flags} "
                "(--read-as reads its answers in another format, but in markers, which asks for "
                "one label at a time, only if the run asked so, too)"
            )
        if number >= len(known):
            return _failed(f"asked {number + 1} times, but recorded {len(known)} times")
        return known[number]

    def _key(self, prompt: Prompt, id: str | None) -> _Key:
        digest = _digest(prompt.messages, prompt.prefix)
        return (id, digest) if (id, digest) in self._answers else (None, digest)

    @cached_property
    def _flags(self) -> str:
        """The flags that decide the run's prompts."""
        spec = self._description["spec"]
        kinds = {"strategies": "strategy", "formats": "format", "retrievers": "retriever"}
        plugins = spec.get("plugins", {})
        chosen = [f"--{kinds[kind]} {plugins[kind]['name']}" for kind in kinds if kind in plugins]
        return " ".join([*chosen, *(f"--{name} {spec[name]}" for name in _FLAGS if name in spec)])


def _digest(messages: Sequence[Sequence[str]], prefix: str) -> bytes:
    return hashlib.sha256(json.dumps([list(map(list, messages)), prefix]).encode()).digest()


def _recorded(exchange: Mapping[str, Any]) -> Completion:
    if exchange["finish"] == "error":
        return _failed("it was an error when it was recorded")
    tokens = exchange.get("tokens")
    return Completion(
        exchange["completion"],
        exchange["finish"],
        Usage(cached=1),
        tokens=None if tokens is None else tuple(Token(text, logprob) for text, logprob in tokens),
    )


def _failed(reason: str) -> Completion:
    return Completion("", "error", error=reason)
