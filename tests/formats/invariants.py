"""What holds for every format's reading of any answer, and samples to check it on."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from nerharness.align import Aligner
from nerharness.formats import nerharness_formats
from nerharness.plugin import Format
from nerharness.runs.grounding import ground
from nerharness.testing import samples
from nerharness.testing.format import check_reading
from nerharness.testing.samples import ODD_LABELS as LABELS
from nerharness.testing.samples import ODD_TEXTS as TEXTS
from nerharness.testing.samples import sample, whole
from nerharness.types import LabelSet, Reading, Unit

__all__ = ["ALIGNER", "FORMATS", "LABELS", "TEXTS", "asked_of", "check", "sample", "whole"]

FORMATS: Mapping[str, Format] = {
    name: provider.make(name, options={}) for name, provider in nerharness_formats().items()
}
ALIGNER = Aligner()


def asked_of(form: Format, draw: Random) -> LabelSet:
    return samples.asked_of(form, LABELS, draw)


def check(form: Format, answer: str, unit: Unit, labels: LabelSet) -> Reading:
    """Read the answer and assert what holds for any."""
    reading = form.parse(answer, unit, labels)
    check_reading(reading, answer, unit, labels)
    ground(unit, reading.mentions, ALIGNER)
    return reading
