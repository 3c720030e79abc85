"""Training a model on a corpus: what it is made of, what it reached, and its folder."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from nerharness.corpora.labels import read_labels
from nerharness.errors import CorpusError, RunError, UsageError
from nerharness.flatten import LONGEST, Policy
from nerharness.models import digest as model_digest
from nerharness.models import locate
from nerharness.plugin.host import Host
from nerharness.runs.corpus import digest, load_corpus, resegmented
from nerharness.runs.description import versions
from nerharness.runs.folder import write_json
from nerharness.runs.model_card import model_card
from nerharness.scoring.agreement import Agreement
from nerharness.scoring.pair import Pair
from nerharness.segmenters import find_segmenter
from nerharness.training.encoder import CHECKPOINTS, Trained, train_encoder
from nerharness.training.sentences import tagged_sentences
from nerharness.training.settings import Progress, Settings
from nerharness.types import Corpus, Example

SCHEMA = 1
FILE = "training.json"


@dataclass(frozen=True, slots=True)
class TrainSpec:
    """What to train on what."""

    model: str
    corpus: str
    labels: Path | None = None
    tokens: str | None = None
    policy: Policy = LONGEST
    dev_share: float = 0.0
    """The share of train's documents to hold out as dev, where the corpus has none."""
    limit: int | None = None
    """Documents of train to learn from."""
    settings: Settings = field(default_factory=Settings)


class Data(NamedTuple):
    """What is learned from, and what decides which epoch is kept."""

    train: tuple[Example, ...]
    dev: tuple[Example, ...]
    labels: tuple[str, ...]


class Training(NamedTuple):
    """A finished training."""

    trained: Trained
    dev: Agreement
    description: Mapping[str, Any]


def train(
    spec: TrainSpec,
    host: Host,
    out: Path,
    *,
    resume: bool = False,
    note: Callable[[Progress], None] = lambda _: None,
) -> Training:
    """Train, score on dev, and write the folder `out`; raises the errors of `nerharness.errors`."""
    data = read_data(spec, host)
    description = _describe(spec, data)
    _open(out, description, resume)
    policy = spec.policy
    trained = train_encoder(
        spec.model,
        list(tagged_sentences(data.train, policy)),
        list(tagged_sentences(data.dev, policy)),
        data.labels,
        spec.settings,
        out,
        resume=resume,
        note=note,
    )
    agreement = _score(out, data, host, policy)
    description = {
        **description,
        "steps": trained.steps,
        "history": [one._asdict() for one in trained.history],
        "dev": agreement.to_json()["protocols"],
    }
    write_json(out / FILE, description)
    (out / "README.md").write_text(model_card(description, agreement), encoding="utf-8")
    shutil.rmtree(out / CHECKPOINTS, ignore_errors=True)
    # The trainer's own arguments are a pickle, which nobody should have to load.
    (out / "training_args.bin").unlink(missing_ok=True)
    return Training(trained, agreement, description)


def read_data(spec: TrainSpec, host: Host) -> Data:
    """Read the corpus; `CorpusError` or `UsageError` for one that cannot be learned from."""
    corpus = load_corpus(host, spec.corpus, read_labels(spec.labels) if spec.labels else None)
    corpus = resegmented(corpus, find_segmenter(spec.tokens)) if spec.tokens else corpus
    train, dev = _splits(corpus, spec.dev_share, spec.settings.seed)
    train = train[: spec.limit]
    known = {entity.label for example in train for entity in example.entities}
    if lacking := [name for name in corpus.labels.names if name not in known]:
        raise CorpusError(
            f"train has no example of label {lacking[0]!r}",
            where="--corpus",
            hint="learn from more documents, or declare the labels to learn with --labels",
        )
    return Data(train, dev, corpus.labels.names)


def _splits(
    corpus: Corpus, share: float, seed: int
) -> tuple[tuple[Example, ...], tuple[Example, ...]]:
    train, dev = corpus.splits.get("train", ()), corpus.splits.get("dev", ())
    if not train:
        raise CorpusError(f"corpus {corpus.name!r} has no train split", where="--corpus")
    if share:
        if dev:
            raise UsageError("the corpus has a dev split", where="--dev-share")
        order = list(range(len(train)))
        random.Random(seed).shuffle(order)
        held = set(order[: max(1, round(share * len(train)))])
        dev = tuple(one for place, one in enumerate(train) if place in held)
        train = tuple(one for place, one in enumerate(train) if place not in held)
    if not dev:
        raise CorpusError(
            f"corpus {corpus.name!r} has no dev split to choose the best epoch by",
            where="--corpus",
            hint="hold a part of train out: --dev-share 0.1",
        )
    return train, dev


def _describe(spec: TrainSpec, data: Data) -> dict[str, Any]:
    source = locate(spec.model)
    return {
        "schema": SCHEMA,
        "method": "encoder",
        "base": {
            "name": spec.model,
            "sha256": model_digest(source.path) if source.path else None,
        },
        "corpus": spec.corpus,
        "tokens": spec.tokens,
        "policy": {"name": spec.policy.name, "labels": list(spec.policy.labels)},
        "labels": list(data.labels),
        "documents": {"train": len(data.train), "dev": len(data.dev)},
        "sha256": {"train": digest(data.train), "dev": digest(data.dev)},
        "settings": asdict(spec.settings),
        "versions": versions(),
    }


def _open(out: Path, description: Mapping[str, Any], resume: bool) -> None:
    """Make the folder, or see that it is one of the same training; `RunError` otherwise."""
    import json

    file = out / FILE
    if not resume:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            hint = "choose another --out, or go on with that training by --resume"
            raise RunError("not an empty folder", where=str(out), hint=hint)
        out.mkdir(parents=True, exist_ok=True)
        write_json(file, description)
        return
    try:
        before = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(f"no training to go on with: {error}", where=str(file)) from None
    for key, value in description.items():
        if key != "versions" and before.get(key) != value:
            raise RunError(f"{key} is another than that training's", where=str(file))
    if "steps" in before:
        raise RunError("that training is finished", where=str(out))


def _score(out: Path, data: Data, host: Host, policy: Policy) -> Agreement:
    tagger = host.make("taggers", "encoder", data.train, options={"model": str(out)})
    documents = [example.document for example in data.dev]
    pairs = [
        Pair(example.entities, tuple(found), example.document, policy=policy)
        for example, found in zip(data.dev, tagger.tag(documents), strict=True)
    ]
    return Agreement.of(pairs, data.labels)
