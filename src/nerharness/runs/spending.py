"""What a run has cost so far."""

from __future__ import annotations

from dataclasses import replace

from nerharness.runs.folder import RunFolder
from nerharness.types import Usage


def spent_before(folder: RunFolder) -> Usage:
    """Return what all sittings of a run spent, on failed and unfinished documents, too.

    The latter is only known of sittings that could end as they should.
    """
    journaled = sum((record.usage for record in folder.attempts()), Usage())
    seen = folder.description().get("observed", ())
    told = sum(float(sitting.get("spent", 0.0)) for sitting in seen)
    return replace(journaled, cost=max(journaled.cost or 0.0, told))
