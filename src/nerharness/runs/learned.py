"""What a model learned to be asked, as the folder that `nerharness train` wrote tells."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, Self

from nerharness.corpora.sources import asked_for
from nerharness.errors import RunError, UsageError
from nerharness.runs.spec import Spec
from nerharness.types import Corpus, Label, LabelSet

SCHEMA = 1
FILE = "training.json"
MERGED = "adapter_training.json"
"""What an adapter's `training.json` is called beside the model that it was merged into."""


class Learned(NamedTuple):
    """A training, as a file tells of it."""

    file: Path
    description: Mapping[str, Any]

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read a file that `nerharness train` wrote; `RunError` or `UsageError` for another."""
        return cls(file, read_description(file))

    @classmethod
    def of(cls, adapter: str | None, model: str | None) -> Self | None:
        """Return the training of an adapter, or else of a model in a folder.

        `None` where `nerharness train` did not write it; errors as of `read`.
        """
        if adapter:
            file = Path(adapter) / FILE
            return cls.read(file) if file.is_file() else None
        for name in (FILE, MERGED) if model else ():
            file = Path(str(model)) / name
            if file.is_file():
                return cls.read(file)
        return None

    @property
    def prompting(self) -> Spec | None:
        """The spec of an evaluation with the prompts of training; `None` for a classifier."""
        return Spec.of(self.description) if "spec" in self.description else None

    @property
    def tokens(self) -> str | None:
        """What tokens and sentences it learned from; `None` for those of the corpus."""
        return self.description.get("tokens")

    @property
    def label_sets(self) -> tuple[LabelSet, ...]:
        """The label set of its corpus, and those of corpora that were mixed in.

        None where the file is of an earlier version, which kept names alone.
        """
        if "definitions" not in self.description:
            return ()
        return tuple(map(_label_set, (self.description, *self.description["mixed"])))

    def told(self, corpus: Corpus) -> Corpus:
        """Return the corpus under the label set that was learned for its labels.

        That is the first one with the very same names, or else the first that has all of them; what
        it leaves out is left out. Where there is none, the corpus stays as it is.
        """
        names = set(corpus.labels.names)
        same = [one for one in self.label_sets if set(one.names) == names]
        wider = [one for one in self.label_sets if names <= {*one.names, *one.left_out}]
        for chosen in (*same, *wider):
            splits = {
                split: tuple(asked_for(examples, chosen))
                for split, examples in corpus.splits.items()
            }
            return replace(corpus, labels=chosen, splits=splits)
        return corpus

    def difference(self, labels: LabelSet) -> str:
        """Say how a label set differs from all that were learned; nothing if it is one of them.

        For a classifier only names count.
        """
        learned = self.label_sets
        if not learned or any(one.labels == labels.labels for one in learned):
            return ""
        if self.prompting is None:
            return _names(labels, learned[0])
        return _names(labels, learned[0]) or _definitions(labels, learned[0])


def _label_set(described: Mapping[str, Any]) -> LabelSet:
    known = described["definitions"]
    labels = tuple(Label(name, known[name]) for name in described["labels"])
    return LabelSet(labels, frozenset(described["left_out"]))


def describe_labels(labels: LabelSet) -> dict[str, Any]:
    """Return what `training.json` says of a label set, from which `Learned` makes it again."""
    return {
        "labels": list(labels.names),
        "definitions": {label.name: label.definition for label in labels},
        "left_out": sorted(labels.left_out),
    }


def _names(labels: LabelSet, learned: LabelSet) -> str:
    new = [name for name in labels.names if name not in learned]
    gone = [name for name in learned.names if name not in labels]
    parts = [f"never learned: {', '.join(new)}"] if new else []
    parts += [f"learned, but not asked for: {', '.join(gone)}"] if gone else []
    return "; ".join(parts)


def _definitions(labels: LabelSet, learned: LabelSet) -> str:
    known = {label.name: label.definition for label in learned}
    other = [label.name for label in labels if label.definition != known[label.name]]
    return f"defined otherwise: {', '.join(other)}" if other else "in another order"


def read_description(file: Path) -> dict[str, Any]:
    """Return what a file says of a training; `RunError` if it says nothing readable."""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
        if value["schema"] != SCHEMA:
            raise UsageError(
                f"schema {value['schema']}, but this version reads {SCHEMA}", where=str(file)
            )
        return dict(value)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"no readable training: {error}", where=str(file)) from None
