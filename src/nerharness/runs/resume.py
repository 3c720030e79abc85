"""Going on with a run: only if nothing that the results depend on has changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Self

from nerharness.errors import RunError

_DECIDING = (
    "spec",
    "corpus",
    "labels",
    "model",
    "retriever",
    "knowledge_sha256",
    "templates_sha256",
    "guidelines_sha256",
    "first_prompt_sha256",
)

_REVISIONS = {
    "spec.plugins.backends.options.revision": "model",
    "spec.plugins.retrievers.options.embedding_revision": "retriever",
}
"""Where a revision that was asked for stands, a branch or commit, and of which model it is."""

_PLUGIN = re.compile(r"spec\.plugins\.\w+\.name")
_CONDUCT = "conduct"
"""Where options stand that decide nothing about results."""


def check_same(before: Mapping[str, Any], now: Mapping[str, Any], where: str) -> None:
    """Raise `RunError` that names what differs between two run descriptions.

    That is what was asked for, if it differs, since all else may follow from it; of a plugin that
    is another one its name alone, as it has other options. `now` may be of a run that is still
    being prepared: what is not in it yet is not compared. The commit that was loaded may be asked
    for in place of the branch.
    """
    known = Known.of(before)._asdict()
    found = [
        (path, was, is_now)
        for key in _DECIDING
        if key in now
        for path, was, is_now in _differences(key, before.get(key), now[key])
        if not (
            path in _REVISIONS
            and is_now is not None
            and is_now == known[_REVISIONS[path]].get("revision")
        )
    ]
    asked = [one for one in found if one[0].startswith("spec.")]
    others = tuple(path.removesuffix("name") for path, *_ in asked if _PLUGIN.fullmatch(path))
    named = [one for one in asked if not one[0].startswith(others) or _PLUGIN.fullmatch(one[0])]
    differences = [
        f"{path} was {_brief(was)!r}, is {_brief(is_now)!r}" for path, was, is_now in named or found
    ]
    if differences:
        raise RunError(
            f"cannot go on with a run that was made differently: {'; '.join(differences)}",
            where=where,
            hint="give the flags of that run, or choose another --out",
        )


def _brief(value: Any) -> Any:
    """Return the name alone of a plugin that has no counterpart, else the value."""
    return value.get("name", value) if isinstance(value, Mapping) else value


class Known(NamedTuple):
    """What is known of the models of a run: of the one that answers, and the retriever's."""

    model: Mapping[str, str] = {}
    retriever: Mapping[str, str] = {}

    @classmethod
    def of(cls, description: Mapping[str, Any]) -> Self:
        """Return what a run's description says; nothing of a model that it does not name.

        A retriever that a later turn needs first is not known before a sitting's end.
        """
        sittings = description.get("observed", ())
        places = [description, *sittings]
        retrievers = [place["retriever"] for place in places if "retriever" in place]
        return cls(description.get("model") or {}, retrievers[0] if retrievers else {})


def _differences(path: str, before: Any, now: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for key in sorted({*before, *now} - {_CONDUCT}):
            if key in before or now[key]:  # else it is newer, and off
                yield from _differences(f"{path}.{key}", before.get(key), now.get(key))
    elif before != now:
        yield path, before, now
