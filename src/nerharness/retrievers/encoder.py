"""What the folder of a sentence encoder says about how its vectors are made.

The files are those that the sentence-transformers library writes: `modules.json`, the pooling
module's `config.json`, `sentence_bert_config.json` and `config_sentence_transformers.json`. A plain
transformer without them is pooled by the mean, as that library does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from nerharness.errors import UsageError

Pooling = Literal["cls", "max", "mean", "mean_sqrt_len", "weightedmean", "lasttoken"]
Role = Literal["query", "document"]
File: TypeAlias = Callable[[str], str | None]
"""Gives the content of one of the model's files, by its path in the folder; `None`: not there."""

_MODES: Mapping[str, Pooling] = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
_PROMPTS: Mapping[Role, tuple[str, ...]] = {
    "query": ("query",),
    "document": ("document", "passage", "corpus"),
}
WINDOW = 512
"""Tokens at which a text is cut if neither the folder nor the model says."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """How a text becomes a vector: a prefix by role, the transformer, and pooling of its layer."""

    poolings: tuple[Pooling, ...] = ("mean",)
    """If there are several, their vectors stand one behind the other."""
    subfolder: str = ""
    """Where the transformer is in the folder."""
    window: int | None = None
    lower: bool = False
    prefixes: Mapping[Role, str] = field(default_factory=dict)

    @classmethod
    def read(cls, file: File, *, where: str) -> Encoder:
        """Read the settings; `UsageError` for a module that is not supported here."""
        kinds = _modules(file, where)
        own = kinds.get("Transformer", "")
        found = _json(file, f"{own}/sentence_bert_config.json".lstrip("/"), where)
        pooling: tuple[Pooling, ...] = ("mean",)
        prompts = _json(file, "config_sentence_transformers.json", where)
        prefixes = _prefixes(prompts)
        if "Pooling" in kinds:
            said = _json(file, f"{kinds['Pooling']}/config.json", where)
            pooling = _poolings(said, where)
            if any(prefixes.values()) and said.get("include_prompt") is False:
                raise _unsupported("pooling that leaves the prompt out", where)
        window = found.get("max_seq_length")
        lower = bool(found.get("do_lower_case"))
        return cls(pooling, own, window if type(window) is int else None, lower, prefixes)

    def prepare(self, text: str, role: Role) -> str:
        """Return what the tokenizer is to be given for a text."""
        text = self.prefixes.get(role, "") + text.strip()
        return text.lower() if self.lower else text

    @property
    def digest(self) -> str:
        """The settings as a text."""
        return json.dumps(asdict(self), sort_keys=True)


def _modules(file: File, where: str) -> dict[str, str]:
    """Return the path of each module by the last part of its type."""
    content = file("modules.json")
    if content is None:
        return {}
    try:
        rows = json.loads(content)
        kinds = {str(row["type"]).rpartition(".")[2]: str(row["path"]) for row in rows}
    except (ValueError, TypeError, KeyError) as error:
        raise UsageError(f"modules.json cannot be read: {error!r}", where=where) from None
    known = {"Transformer", "Pooling", "Normalize"}
    if unknown := sorted(set(kinds) - known):
        raise _unsupported(f"a {unknown[0]} module", where)
    return kinds


def _poolings(said: Mapping[str, Any], where: str) -> tuple[Pooling, ...]:
    if isinstance(mode := said.get("pooling_mode"), str):
        if mode not in get_args(Pooling):
            raise _unsupported(f"{mode} pooling", where)
        return (mode,)  # type: ignore[return-value]
    chosen = tuple(mode for key, mode in _MODES.items() if said.get(key))
    if not chosen:
        raise _unsupported("a pooling of its own", where)
    return chosen


def _prefixes(said: Mapping[str, Any]) -> dict[Role, str]:
    prompts = said.get("prompts") or {}
    usual = prompts.get(said.get("default_prompt_name"), "")
    prefixes: dict[Role, str] = {}
    for role, names in _PROMPTS.items():
        prefixes[role] = next((str(prompts[name]) for name in names if name in prompts), usual)
    return prefixes


def _json(file: File, path: str, where: str) -> dict[str, Any]:
    content = file(path)
    if content is None:
        return {}
    try:
        value = json.loads(content)
    except ValueError as error:
        raise UsageError(f"{path} cannot be read: {error}", where=where) from None
    return value if isinstance(value, dict) else {}


def _unsupported(what: str, where: str) -> UsageError:
    hint = "supported: a transformer, pooling (" + ", ".join(get_args(Pooling)) + "), normalisation"
    return UsageError(f"the sentence encoder has {what}", where=where, hint=hint)
