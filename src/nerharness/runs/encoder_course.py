"""The course of a token classifier."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from nerharness.errors import UsageError
from nerharness.plugin import Tagger
from nerharness.plugin.host import Host
from nerharness.runs.train_data import Data, TrainSpec
from nerharness.scoring.agreement import Agreement
from nerharness.scoring.intervals import DEFAULT, Resampling
from nerharness.scoring.pair import Pair
from nerharness.training.settings import Progress
from nerharness.types import Example

if TYPE_CHECKING:
    from nerharness.training.dev_score import DevScore
    from nerharness.training.encoder import EncoderData
    from nerharness.training.trainer import Trained
    from nerharness.training.trial import DevTime, Trial

_TRIED = 256
"""Sentences of dev, at least, that are tagged to see how long that takes."""


class EncoderCourse:
    """A token classifier."""

    def __init__(self, spec: TrainSpec, data: Data, host: Host) -> None:
        if spec.mixed:
            raise UsageError(
                "a token classifier has one label set: it learns from one corpus", where="--mix"
            )
        host.find("taggers", "encoder").need("--method encoder")
        self._spec, self._data, self._host = spec, data, host

    def describe(self) -> Mapping[str, Any]:
        """Return which of overlapping entities is learned."""
        policy = self._spec.policy
        return {"policy": {"name": policy.name, "labels": list(policy.labels)}}

    def run(self, out: Path, *, resume: bool, note: Callable[[Progress], None]) -> Trained:
        """Train on tagged sentences."""
        from nerharness.training.encoder import train_encoder

        spec = self._spec
        return train_encoder(
            spec.model,
            self._sentences(),
            self._dev_score,
            spec.settings,
            out,
            resume=resume,
            report_to=spec.report_to,
            note=note,
        )

    def _sentences(self) -> EncoderData:
        from nerharness.training.encoder import EncoderData
        from nerharness.training.sentences import tagged_sentences

        sentences = tagged_sentences(self._data.train, self._spec.policy)
        return EncoderData(list(sentences), self._data.labels)

    def _dev_score(self, tokenizer: Any, model: Any) -> DevScore:
        """Score what decides the epoch as an evaluation with this model would."""
        from nerharness.taggers.encoder import Encoder
        from nerharness.training.dev_score import DevScore

        dev = self._data.dev[: self._spec.dev_limit]
        strict = self._agreement(Encoder(tokenizer, model), dev, None).protocols["strict"]
        return DevScore(strict.micro.f1, strict.macro.f1)

    def rehearse(self) -> Trial:
        """Train for a few steps, and keep nothing but what they took."""
        from nerharness.training.encoder import try_encoder

        with TemporaryDirectory() as folder:
            spec = self._spec
            return try_encoder(
                spec.model, self._sentences(), self._dev_time, spec.settings, Path(folder)
            )

    def _dev_time(self, tokenizer: Any, model: Any) -> DevTime:
        from nerharness.taggers.encoder import Encoder
        from nerharness.training.trial import time_dev

        dev, tagger = self._data.dev, Encoder(tokenizer, model)
        counts = [len(example.document.sentence_tokens()) for example in dev]
        return time_dev(
            counts,
            self._spec.dev_limit,
            _TRIED,
            lambda some: self._agreement(tagger, dev[:some], None),
        )

    def score(self, out: Path) -> Agreement:
        """Score the tagger `encoder`."""
        data, options = self._data, {"model": str(out)}
        tagger = self._host.make("taggers", "encoder", data.train, options=options)
        return self._agreement(tagger, data.dev, DEFAULT)

    def _agreement(
        self, tagger: Tagger, examples: Sequence[Example], resampling: Resampling | None
    ) -> Agreement:
        found = tagger.tag([example.document for example in examples])
        pairs = [
            Pair(example.entities, tuple(entities), example.document, policy=self._spec.policy)
            for example, entities in zip(examples, found, strict=True)
        ]
        return Agreement.of(pairs, self._data.labels, resampling)
