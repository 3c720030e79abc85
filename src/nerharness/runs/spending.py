"""What a run has cost so far."""

from __future__ import annotations

from dataclasses import replace

from nerharness.runs.folder import RunFolder
from nerharness.types import Usage


def spent_before(folder: RunFolder) -> Usage:
    """Return what all sittings of a run spent, answers about unfinished documents included.

    Those are only known of sittings that could end as they should.
    """
    journaled = sum((record.usage for record in folder.records()), Usage())
    seen = folder.description().get("observed", ())
    told = sum(float(sitting.get("spent", 0.0)) for sitting in seen)
    return replace(journaled, cost=max(journaled.cost or 0.0, told))
