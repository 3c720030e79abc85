"""What a chosen backend must be able to do for a run."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from nerharness.errors import UsageError
from nerharness.grammar import Level
from nerharness.plugin import Backend, Decoding
from nerharness.plugin.host import Host
from nerharness.runs.spec import Spec
from nerharness.types import Prompt


def check_spread(spec: Spec, host: Host, *, cached: bool) -> None:
    """Raise `UsageError` for a run that cannot be spread over machines."""
    if spec.tagger is not None:
        raise UsageError("a tagger works on this machine alone", where="--executor")
    if cached:
        raise UsageError("the cache is of this machine alone", where="--cache")
    if host.find("backends", spec.backend).sends(spec.resolve(host)["backends"]):
        raise UsageError(
            f"backend {spec.backend!r} asks another machine: workers add nothing",
            where="--executor",
            hint="it scales by --concurrency",
        )


def check_abilities(
    name: str, backend: Backend, decoding: Decoding, opening: Sequence[Prompt]
) -> None:
    """Raise `UsageError` for a way of decoding that the backend does not know."""
    able: frozenset[str] = getattr(backend, "abilities", frozenset())  # a stranger's may lack it
    lacking = {
        "--decode": decoding.level != "free" and not able & {"grammar", "schema"},
        "--confidence": decoding.confidence and "logprobs" not in able,
        "--continuations": decoding.continuations and "prefix" not in able,
        "--strategy": any(prompt.sampling for prompt in opening) and "sampling" not in able,
    }
    for flag, lacks in lacking.items():
        if lacks:
            raise UsageError(f"backend {name!r} cannot do what this needs", where=flag)
    if decoding.level != "free" and "grammar" not in able:
        _warn_of_schemas(name, decoding.level, opening)


def _warn_of_schemas(name: str, level: Level, opening: Sequence[Prompt]) -> None:
    """Warn of what a backend that knows JSON schemas, but no grammars, leaves open."""
    held = [prompt.constraint for prompt in opening if prompt.constraint is not None]
    if any(constraint.schema is None for constraint in held):
        warnings.warn(
            f"backend {name!r} holds answers only to JSON schemas, and this format has none: "
            "they are free",
            stacklevel=2,
        )
    elif level == "grounded":
        warnings.warn(
            f"backend {name!r} holds answers to their shape, but not to the words of the text: "
            "a mention that is not in the text can be written, and is then counted as ungrounded",
            stacklevel=2,
        )
