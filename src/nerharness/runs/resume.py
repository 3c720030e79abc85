"""Going on with a run: only if nothing that the results depend on has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nerharness.errors import RunError

_DECIDING = (
    "spec",
    "corpus",
    "labels",
    "model",
    "knowledge_sha256",
    "templates_sha256",
    "guidelines_sha256",
    "first_prompt_sha256",
)

_REVISION = "spec.plugins.backends.options.revision"
"""Where the revision that was asked for stands: a branch, or the commit that it stood for."""

_CONDUCT = "conduct"
"""Where options stand that decide nothing about results."""


def check_same(before: Mapping[str, Any], now: Mapping[str, Any], where: str) -> None:
    """Raise `RunError` that names every difference between two run descriptions.

    `now` may be of a run that is still being prepared: what is not in it yet is not compared. The
    commit that was loaded may be asked for in place of the branch.
    """
    commit = model_of(before).get("revision")
    differences = [
        f"{path} was {was!r}, is {is_now!r}"
        for key in _DECIDING
        if key in now
        for path, was, is_now in _differences(key, before.get(key), now[key])
        if not (path == _REVISION and is_now is not None and is_now == commit)
    ]
    if differences:
        raise RunError(
            f"cannot go on with a run that was made differently: {'; '.join(differences)}",
            where=where,
            hint="give the flags of that run, or choose another --out",
        )


def model_of(description: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what a run's description says of its model; nothing for a tagger's run."""
    model = description.get("model")
    return model if isinstance(model, Mapping) else {}


def _differences(path: str, before: Any, now: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for key in sorted({*before, *now} - {_CONDUCT}):
            yield from _differences(f"{path}.{key}", before.get(key), now.get(key))
    elif before != now and not (before is None and now is False):  # a switch that is newer
        yield path, before, now
