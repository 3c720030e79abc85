"""How an evaluation follows the training of its model, and what it says of that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from nerharness.plugin.declaration import TRAINED
from nerharness.plugin.host import SINGULAR
from nerharness.runs.spec import Spec

if TYPE_CHECKING:
    from rich.console import Console

    from nerharness.runs.learned import Learned
    from nerharness.types import LabelSet

_FOLLOWED = tuple(
    name
    for name in Spec.__dataclass_fields__
    if name
    not in {
        "backend", "tagger", "corpus", "split", "limit", "labels", "seed", "protected",
        "training", "options",
    }
)  # fmt: skip
"""The fields of a spec in which an evaluation follows the training of its model."""


def as_trained(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the values of the flags with those that were not given as the model was trained with.

    `training` is the file that tells so. Nothing changes where `nerharness train` did not write the
    adapter, or the model's folder.
    """
    from nerharness.runs.learned import Learned

    learned = Learned.of(given.get("adapter"), given.get("model"))
    if learned is None or (learned.prompting is None) != (given.get("tagger") is not None):
        return given
    source = click.get_current_context().get_parameter_source
    unsaid = {name for name in given if source(name) is ParameterSource.DEFAULT}
    values = _values(learned, {name: one for name, one in given.items() if name not in unsaid})
    values |= _base(learned, given)
    return {
        **given,
        **{name: value for name, value in values.items() if name in unsaid},
        "training": learned.file,
    }


def _values(learned: Learned, said: Mapping[str, Any]) -> dict[str, Any]:
    prompting = learned.prompting
    if prompting is None:
        return {"tokens": learned.tokens}
    fields = {name: getattr(prompting, name) for name in _FOLLOWED}
    options = _options(learned, {**fields, **said})
    return {**fields, **options}


def _base(learned: Learned, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the model, and its commit at a hub, that an adapter was trained on."""
    base = learned.description["base"]
    if not given.get("adapter") or given.get("model") not in (None, base["name"]):
        return {}
    return {"model": base["name"], "revision": base.get("revision")}


def _options(learned: Learned, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of the plugins of training that are used, alone or within others.

    The revision of a retriever's model is the commit that it was.
    """
    found: dict[str, Any] = {}
    for kind in TRAINED:
        plugin = learned.description["spec"]["plugins"][kind]
        name, chosen = plugin["name"], fields[SINGULAR[kind]]
        if chosen == name or chosen.startswith(f"{name}+"):
            found |= plugin["options"]
    commit = learned.description["prompts"].get("retriever", {}).get("revision")
    known = commit and "embedding_revision" in found
    return {**found, "embedding_revision": commit} if known else found


def say_training(spec: Spec, labels: LabelSet, notes: Console) -> None:
    """Say that the model is asked as in training, and in what it is not."""
    from nerharness.runs.learned import Learned

    if spec.training is None:
        return
    learned = Learned.read(spec.training)
    notes.print(f"training   {_summary(learned)}", soft_wrap=True)
    for difference in _differences(spec, learned):
        notes.print(f"otherwise  {difference}", soft_wrap=True, style="yellow")
    if difference := learned.difference(labels):
        line = f"WARNING    the labels are not those of training: {difference}"
        notes.print(line, soft_wrap=True, style="bold yellow")


def say_outside(observed: Mapping[str, Any], notes: Console) -> None:
    """Say which labels a tagger knows that are none of the task's, and how often it gave them."""
    from nerharness.runs.task_tagger import OUTSIDE

    if outside := observed.get(OUTSIDE):
        counts = ", ".join(f"{count:,} {label}" for label, count in outside.items())
        line = f"WARNING    not taken, for their labels are none of the task's: {counts}"
        notes.print(line, soft_wrap=True, style="bold yellow")


def _summary(learned: Learned) -> str:
    if learned.prompting is None:
        return f"as in {learned.file}: tokens {learned.tokens or 'of the corpus'}"
    plugins = learned.description["spec"]["plugins"]
    names = (f"{SINGULAR[kind]} {plugins[kind]['name']}" for kind in TRAINED)
    return f"asked as in {learned.file} unless a flag says something else: {', '.join(names)}"


def _differences(spec: Spec, learned: Learned) -> Iterator[str]:
    asked = {**{name: getattr(spec, name) for name in _FOLLOWED}, **spec.options}
    for name, value in _values(learned, asked).items():
        if name in asked and asked[name] != value:
            flag = f"--{name.replace('_', '-')}"
            yield f"{flag} is {_shown(asked[name])}, was {_shown(value)}"


def _shown(value: Any) -> str:
    return "not given" if value is None else str(value)
