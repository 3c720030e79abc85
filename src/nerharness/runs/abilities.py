"""What a chosen backend must be able to do for a run."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence

from nerharness.errors import UsageError
from nerharness.grammar import Level
from nerharness.plugin import Ability, Backend, Decoding
from nerharness.plugin.host import Host
from nerharness.runs.spec import Spec
from nerharness.types import Prompt


def check_spread(spec: Spec, host: Host, *, cached: bool) -> None:
    """Raise `UsageError` for a run that cannot be spread over machines."""
    if spec.tagger is not None:
        raise UsageError("a tagger works on this machine alone", where="--executor")
    if cached:
        raise UsageError("the cache is of this machine alone", where="--cache")
    if host.sends("backends", spec.backend, spec.resolve(host)["backends"]):
        raise UsageError(
            f"backend {spec.backend!r} asks another machine: workers add nothing",
            where="--executor",
            hint="it scales by --concurrency",
        )


_DEEDS: Mapping[Ability, str] = {
    "grammar": "hold answers to a grammar or schema",
    "prefix": "go on from the beginning of an answer",
    "sampling": "draw answers",
    "logprobs": "give the probabilities of tokens",
    "schema": "hold answers to a schema",
}


def check_declared(spec: Spec, host: Host, decoding: Decoding, opening: Sequence[Prompt]) -> None:
    """Raise `UsageError`, before any backend is made, for what it does not know, if it says so.

    `opening` are the prompts of a first turn.
    """
    able = host.find("backends", spec.backend).abilities
    if able is not None:
        _check_needed(spec, host, able, decoding, opening)


def check_made(
    spec: Spec, host: Host, backend: Backend, decoding: Decoding, opening: Sequence[Prompt]
) -> None:
    """Raise `UsageError` for what a backend does not know that `check_declared` could not tell."""
    able: frozenset[Ability] = getattr(backend, "abilities", frozenset())  # a stranger's may lack
    if able != host.find("backends", spec.backend).abilities:
        _check_needed(spec, host, able, decoding, opening)


def _check_needed(
    spec: Spec,
    host: Host,
    able: frozenset[Ability],
    decoding: Decoding,
    opening: Sequence[Prompt],
) -> None:
    needs = host.find("strategies", spec.strategy).needs
    check_abilities(spec.backend, able, decoding, opening, needs)


def check_abilities(
    name: str,
    able: frozenset[Ability],
    decoding: Decoding,
    opening: Sequence[Prompt],
    needs: Iterable[Ability] = (),
) -> None:
    """Raise `UsageError` for what a backend does not know: ways of decoding, a strategy's needs.

    `opening` are the prompts of a first turn, `needs` what the strategy says that it needs.
    """
    draws = any(prompt.sampling for prompt in opening)
    wanted: list[tuple[str, Ability, object]] = [
        ("--decode", "grammar", decoding.level != "free" and "schema" not in able),
        ("--confidence", "logprobs", decoding.confidence),
        ("--continuations", "prefix", decoding.continuations),
        ("--strategy", "sampling", draws),
        *(("--strategy", need, True) for need in sorted(needs)),
    ]
    for flag, ability, wants in wanted:
        if wants and ability not in able:
            fault = f"backend {name!r} cannot do what this needs: {_DEEDS[ability]}"
            raise UsageError(fault, where=flag)
    if decoding.level == "free":
        return
    if "grammar" not in able:
        _warn_of_schemas(name, decoding.level, opening)
    elif "schema" not in able and any(prompt.reasoning_tokens for prompt in opening):
        raise UsageError(
            f"backend {name!r} holds answers to a grammar from their first token: no thoughts come "
            "before them",
            where="--reasoning-tokens",
            hint="leave it out, or --decode",
        )


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
