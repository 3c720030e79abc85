"""A backend that asks another only what has not been answered before."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

from nerharness.errors import RunError
from nerharness.plugin import Ability, Backend
from nerharness.plugin.provider import OptionValue
from nerharness.runs.cache import Cache, DamagedCacheError, put_aside
from nerharness.runs.dialogue import answers
from nerharness.types import Completion, Prompt

CacheMode = Literal["off", "read", "on"]
"""Whether answers are taken from the cache, and whether new ones are put into it, too."""

T = TypeVar("T")


class CachedBackend:
    """Answers from a cache what is in it, and has the rest answered by `inner`.

    An answer is known by the backend's name, its identity, those of its `options` that decide, all
    fields of the prompt, and how often the run has asked the same before: a prompt that comes again
    has an answer of its own, the same in each run. Errors are not kept. A cache that fails is
    warned of, and the run goes on without it.
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
        self._taken = {"cached": 0, "asked": 0}
        self._draining = False
        self._cache = self._opened() if write or file.exists() else None

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
    def observed(self) -> Mapping[str, Any]:
        """What the backend that is asked observed, and how many answers came from the cache."""
        seen: Mapping[str, Any] = getattr(self._inner, "observed", {})
        return {**seen, "cache": dict(self._taken)} if any(self._taken.values()) else seen

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        """Yield the cached answers first."""
        self._draining = False
        left = {index: self._key(prompt) for index, prompt in enumerate(prompts)}
        try:
            for index, completion in self._answers(prompts, dict(left)):
                del left[index]
                yield index, completion
        finally:
            for digest, _ in left.values():  # not answered: it may be asked again
                self._asked[digest] -= 1

    def drain(self) -> None:
        """Have the backend that is asked begin nothing more."""
        self._draining = True

    def _answers(
        self, prompts: Sequence[Prompt], keys: Mapping[int, tuple[str, int]]
    ) -> Iterator[tuple[int, Completion]]:
        missing = []
        for index, key in keys.items():
            completion = self._use(partial(_get, key))
            if completion is None:
                missing.append(index)
            else:
                self._taken["cached"] += 1
                yield index, completion
        if not missing:
            return
        rest = [prompts[index] for index in missing]
        for place, completion in answers(self._inner, rest, lambda: self._draining):
            self._keep(keys[missing[place]], completion)
            yield missing[place], completion

    def _key(self, prompt: Prompt) -> tuple[str, int]:
        """Return the prompt's digest, and how often it has been asked before."""
        text = self._source + _json(prompt)
        digest = hashlib.sha256(text.encode()).hexdigest()
        self._asked[digest] += 1
        return digest, self._asked[digest] - 1

    def _keep(self, key: tuple[str, int], completion: Completion) -> None:
        self._taken["asked"] += 1
        if self._write and completion.finish != "error":
            backend, model = self._name, self._model
            self._use(lambda cache: cache.put(*key, completion, backend=backend, model=model))

    def _use(self, action: Callable[[Cache], T]) -> T | None:
        if self._cache is None:
            return None
        try:
            return action(self._cache)
        except RunError as error:
            self._cache.close()
            self._cache = self._instead(error)
        return None

    def _opened(self) -> Cache | None:
        try:
            return Cache(self._file)
        except RunError as error:
            return self._instead(error)

    def _instead(self, error: RunError) -> Cache | None:
        """Return a new cache in place of a damaged one; `None` where it cannot be had."""
        if self._write and isinstance(error, DamagedCacheError):
            try:
                aside = put_aside(self._file)
                warnings.warn(f"{error.where} is {error.what}; put aside as {aside}", stacklevel=2)
                return Cache(self._file)
            except OSError as fault:
                error = RunError(str(fault))
            except RunError as fault:
                error = fault
        warnings.warn(f"the run goes on without the cache: {error}", stacklevel=2)
        return None


def _get(key: tuple[str, int], cache: Cache) -> Completion | None:
    return cache.get(*key)


def _json(value: object) -> str:
    """Return the same text for the same value; in a schema order counts, as it may for a model."""
    return json.dumps(value if isinstance(value, list) else _plain(value), default=_plain)


def _plain(value: Any) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    return {field.name: getattr(value, field.name) for field in fields(value)}
