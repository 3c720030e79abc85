"""A backend that asks another only what has not been answered before."""

from __future__ import annotations

import hashlib
import json
import math
import time
import warnings
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

from nerharness.errors import RunError
from nerharness.plugin import Ability, Backend
from nerharness.plugin.provider import OptionValue
from nerharness.runs.cache import Cache, DamagedCacheError, LockedCacheError, put_aside
from nerharness.runs.dialogue import Stop, answers, never
from nerharness.types import Completion, Prompt

CacheMode = Literal["off", "read", "on"]
"""Whether answers are taken from the cache, and whether new ones are put into it, too."""

PAUSE = 60.0
"""Seconds for which a cache is left alone that another process holds for too long."""

T = TypeVar("T")


class CachedBackend:
    """Answers from a cache what is in it, and has the rest answered by `inner`.

    An answer is known by the backend's name, its identity, those of its `options` that decide, all
    fields of the prompt, and how often the run has asked the same before: a prompt that comes again
    has an answer of its own, the same in each run. Errors are not kept. A cache that fails is
    warned of, and the run goes on without it: for `PAUSE` seconds, if another process holds it.
    """

    def __init__(
        self,
        inner: Backend,
        file: Path,
        *,
        name: str,
        options: Mapping[str, OptionValue],
        write: bool,
    ) -> None:
        self._inner = inner
        self._name = name
        self._file = file
        self._write = write
        identity = dict(inner.identity)
        self._model = str(identity.get("model", ""))
        self._source = _json([name, sorted(identity.items()), sorted(options.items())])
        self._asked: Counter[str] = Counter()
        self._places: Mapping[str, int] = {}
        self._before: defaultdict[bytes, list[int]] = defaultdict(list)
        """In order, the places of finished documents about which a prompt was asked."""
        self._taken = {"cached": 0, "asked": 0}
        self._draining = False
        self.stop: Stop | None = None
        self._cache: Cache | None = None
        self._free_at = 0.0 if write or file.exists() else math.inf
        """When the cache may be used, in seconds of the monotonic clock."""
        self._use(lambda _: None)

    @property
    def identity(self) -> Mapping[str, str]:
        """That of the backend that is asked."""
        return self._inner.identity

    @property
    def abilities(self) -> frozenset[Ability]:
        """Those of the backend that is asked."""
        return getattr(self._inner, "abilities", frozenset())

    @property
    def window(self) -> int | None:
        """That of the backend that is asked; 0, less than the usual one, if it has none."""
        return getattr(self._inner, "window", 0)

    @property
    def grows(self) -> bool:
        """Whether the backend that is asked heeds prompts that come while it answers others."""
        return getattr(self._inner, "grows", False)

    @property
    def observed(self) -> Mapping[str, Any]:
        """What the backend that is asked observed, and how many answers came from the cache."""
        seen: Mapping[str, Any] = getattr(self._inner, "observed", {})
        return {**seen, "cache": dict(self._taken)} if any(self._taken.values()) else seen

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        """Yield the cached answers first."""
        return self.generate_about(prompts, ())

    def generate_about(
        self, prompts: Sequence[Prompt], documents: Sequence[str], /
    ) -> Iterator[tuple[int, Completion]]:
        """Yield the cached answers first; `documents` has the ids of the prompts' documents."""
        self._draining = False
        keys: list[tuple[str, int]] = []
        answered: set[int] = set()
        try:
            for index, completion in self._answers(prompts, documents, keys):
                answered.add(index)
                yield index, completion
        finally:
            for index, (digest, _) in enumerate(keys):
                if index not in answered:  # it may be asked again
                    self._asked[digest] -= 1

    def recall(self, order: Sequence[str], asked: Iterable[tuple[str, Prompt]], /) -> None:
        """Count what was asked about finished documents as asked before all that stand behind."""
        self._places = {id: place for place, id in enumerate(order)}
        counted = self._counted(asked)
        if (recall := getattr(self._inner, "recall", None)) is not None:
            recall(order, counted)
        for _ in counted:  # what the other has left
            pass
        for places in self._before.values():
            places.sort()

    def _counted(self, asked: Iterable[tuple[str, Prompt]]) -> Iterator[tuple[str, Prompt]]:
        for id, prompt in asked:
            self._before[_said(prompt)].append(self._places[id])
            yield id, prompt

    def drain(self) -> None:
        """Have the backend that is asked begin nothing more."""
        self._draining = True

    def _answers(
        self, prompts: Sequence[Prompt], documents: Sequence[str], keys: list[tuple[str, int]]
    ) -> Iterator[tuple[int, Completion]]:
        """Yield the answers, as they come; adds the prompts' keys to `keys`, as they are made."""
        rest = _Rest()
        yield from self._known(prompts, documents, keys, rest)
        if not rest.prompts:
            return
        stop = self.stop or never
        asking = answers(self._inner, rest.prompts, lambda: self._draining or stop(), rest.about)
        for number, completion in asking:
            place = rest.places[number]
            self._keep(keys[place], completion)
            yield place, completion
            yield from self._known(prompts, documents, keys, rest)  # of those that came meanwhile

    def _known(
        self,
        prompts: Sequence[Prompt],
        documents: Sequence[str],
        keys: list[tuple[str, int]],
        rest: _Rest,
    ) -> Iterator[tuple[int, Completion]]:
        """Yield what is cached of the prompts without a key, and add what is not to the rest."""
        while (place := len(keys)) < len(prompts):
            id = documents[place] if documents else None
            keys.append(self._key(prompts[place], id))
            completion = self._use(partial(_get, keys[place]))
            if completion is None:
                rest.add(place, prompts[place], id)
            else:
                self._taken["cached"] += 1
                yield place, completion

    def _key(self, prompt: Prompt, id: str | None) -> tuple[str, int]:
        """Return the prompt's digest, and how often it has been asked before."""
        text = self._source + _json(prompt)
        digest = hashlib.sha256(text.encode()).hexdigest()
        number = self._asked[digest]
        self._asked[digest] += 1
        if id is not None and self._before:
            number += bisect_left(self._before.get(_said(prompt), ()), self._places[id])
        return digest, number

    def _keep(self, key: tuple[str, int], completion: Completion) -> None:
        self._taken["asked"] += 1
        if self._write and completion.finish != "error":
            backend, model = self._name, self._model
            self._use(lambda cache: cache.put(*key, completion, backend=backend, model=model))

    def _use(self, action: Callable[[Cache], T]) -> T | None:
        if time.monotonic() < self._free_at:
            return None
        try:
            self._cache = self._cache or Cache(self._file)
            return action(self._cache)
        except LockedCacheError as error:
            self._free_at = time.monotonic() + PAUSE
            warnings.warn(f"the run goes on without the cache for a while: {error}", stacklevel=2)
        except RunError as error:
            self._leave(error)
        return None

    def _leave(self, error: RunError) -> None:
        """Have a damaged cache replaced by a new one, if it is written; else have none any more."""
        if self._cache is not None:
            self._cache.close()
            self._cache = None
        if self._write and isinstance(error, DamagedCacheError):
            try:
                aside = put_aside(self._file)
                warnings.warn(f"{error.where} is {error.what}; put aside as {aside}", stacklevel=2)
                return
            except OSError as fault:
                error = RunError(str(fault))
        self._free_at = math.inf
        warnings.warn(f"the run goes on without the cache: {error}", stacklevel=2)


@dataclass(slots=True)
class _Rest:
    """The prompts that are not cached: their places among all, and what they are about."""

    places: list[int] = field(default_factory=list)
    about: list[str] = field(default_factory=list)
    prompts: list[Prompt] = field(default_factory=list)

    def add(self, place: int, prompt: Prompt, id: str | None) -> None:
        """Add a prompt, and the id of its document if that is known."""
        self.places.append(place)
        if id is not None:
            self.about.append(id)
        self.prompts.append(prompt)  # last: from now on it may be asked


def _get(key: tuple[str, int], cache: Cache) -> Completion | None:
    return cache.get(*key)


def _said(prompt: Prompt) -> bytes:
    """Return a digest of what a journal has of a prompt."""
    said = [prompt.messages, prompt.prefix, prompt.sampling]
    return hashlib.sha256(_json(said).encode()).digest()


def _json(value: object) -> str:
    """Return the same text for the same value; in a schema order counts, as it may for a model."""
    return json.dumps(value if isinstance(value, list) else _plain(value), default=_plain)


def _plain(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    return {one.name: getattr(value, one.name) for one in fields(value)}
