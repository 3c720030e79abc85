"""The names and options that a plugin declares, held to the contract before a flag is made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nerharness.plugin.provider import Option

if TYPE_CHECKING:
    from nerharness.plugin.host import Kind

FLAGGED: tuple[Kind, ...] = ("backends", "strategies", "formats", "retrievers", "taggers")
"""The kinds whose options are flags of `eval` and `plan`; those of the others follow a path."""

RESERVED = frozenset(
    {
        "backend", "cache", "cache_mode", "confidence", "config", "continuations", "corpus",
        "cpus_per_worker", "decode", "executor", "format", "gpus_per_worker", "guidelines", "help",
        "hints", "json", "knowledge", "labels", "limit", "max_cost", "out", "plugins", "protected",
        "quiet", "ray_address", "read_as", "reasoning_tokens", "resume", "retriever",
        "retry_failed", "show", "split", "strategy", "tagger", "templates", "threshold", "tokens",
        "training", "unit", "workers",
    }
)  # fmt: skip
"""What no such option can be called: `eval` or `plan` has a flag, or a setting, of that name.

`seed` is not among them: a plugin that declares it is given that of the run.
"""

TRAINED: tuple[Kind, ...] = ("strategies", "formats", "retrievers")
"""The kinds whose options are flags of `train`, too."""

RESERVED_IN_TRAINING = frozenset(
    {
        "alpha", "batch_size", "class_weights", "dev_limit", "dev_share", "device", "dropout",
        "dtype", "epochs", "learning_rate", "method", "mix", "model", "negatives", "patience",
        "plan", "policy", "rank", "report_to", "schedule", "seeds", "sizes", "warmup",
        "weight_decay",
    }
)  # fmt: skip
"""What an option of those kinds cannot be called either: `train` has a flag of that name."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_OFFERED = re.compile(r"\w[\w.-]*")
_TYPES = (str, int, float, bool)


def name_fault(name: str) -> str:
    """Return why nothing of this name can be chosen; empty if it can.

    Names stand in flags beside what splits them: `a+b`, `PATH:NAME`, `NAME,NAME`.
    """
    if _OFFERED.fullmatch(name):
        return ""
    return "a name has letters, digits and underscores, and behind the first hyphens and dots"


def find_fault(kind: Kind, options: Any) -> str:
    """Return what is wrong with the options of a provider; empty if nothing is."""
    if not isinstance(options, tuple | list) or not all(isinstance(o, Option) for o in options):
        return f"options must be a tuple of Option, got {options!r:.100}"
    for option in options:
        if fault := _fault(kind, option):
            return f"option {option.name!r:.100}: {fault}"
    return _clash(options)


def _fault(kind: Kind, option: Option) -> str:
    if not isinstance(option.name, str) or not _NAME.fullmatch(option.name):
        return "a name has small letters, digits and underscores, a letter first"
    if kind in FLAGGED and option.name in RESERVED:
        return "nerharness has a flag or setting of that name"
    if kind in TRAINED and option.name in RESERVED_IN_TRAINING:
        return "nerharness train has a flag of that name"
    if option.type not in _TYPES:
        return f"its type must be str, int, float or bool, got {option.type!r:.100}"
    if not isinstance(option.help, str):
        return f"its help must be a text, got {option.help!r:.100}"
    return _fault_of_values(option)


def _fault_of_values(option: Option) -> str:
    choices, default = option.choices, option.default
    if not isinstance(choices, tuple | list) or not all(isinstance(one, str) for one in choices):
        return f"its choices must be a tuple of texts, got {choices!r:.100}"
    if choices and option.type is not str:
        return f"only a text has choices, not {option.type.__name__}"
    if default is None:
        return ""
    fits = (int, float) if option.type is float else (option.type,)
    if type(default) not in fits:
        return f"its default must be None or {option.type.__name__}, got {default!r:.100}"
    return f"its default {default!r} is not a choice" if choices and default not in choices else ""


def _clash(options: Sequence[Option]) -> str:
    """Say which two options have the same flag; empty if no two do."""
    seen: set[str] = set()
    for option in options:
        flags = {option.flag, *([f"--no-{option.flag[2:]}"] if option.type is bool else [])}
        if twice := seen & flags:
            return f"two options have the flag {min(twice)}"
        seen |= flags
    return ""
