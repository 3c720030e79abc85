"""The course of a token classifier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from nerharness.errors import UsageError
from nerharness.plugin.host import Host
from nerharness.runs.train_data import Data, TrainSpec
from nerharness.scoring.agreement import Agreement
from nerharness.scoring.pair import Pair
from nerharness.training.settings import Progress

if TYPE_CHECKING:
    from nerharness.training.encoder import EncoderData
    from nerharness.training.trainer import Trained
    from nerharness.training.trial import Trial


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
            spec.settings,
            out,
            resume=resume,
            report_to=spec.report_to,
            note=note,
        )

    def _sentences(self) -> EncoderData:
        from nerharness.training.encoder import EncoderData
        from nerharness.training.sentences import tagged_sentences

        spec, data = self._spec, self._data
        return EncoderData(
            list(tagged_sentences(data.train, spec.policy)),
            list(tagged_sentences(data.dev[: spec.dev_limit], spec.policy)),
            data.labels,
        )

    def rehearse(self) -> Trial:
        """Train for a few steps, and keep nothing but what they took."""
        from nerharness.training.encoder import try_encoder

        with TemporaryDirectory() as folder:
            spec = self._spec
            return try_encoder(spec.model, self._sentences(), spec.settings, Path(folder))

    def score(self, out: Path) -> Agreement:
        """Score the tagger `encoder`."""
        data = self._data
        tagger = self._host.make("taggers", "encoder", data.train, options={"model": str(out)})
        documents = [example.document for example in data.dev]
        pairs = [
            Pair(example.entities, tuple(found), example.document, policy=self._spec.policy)
            for example, found in zip(data.dev, tagger.tag(documents), strict=True)
        ]
        return Agreement.of(pairs, data.labels)
