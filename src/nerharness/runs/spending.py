"""What a run has cost so far."""

from __future__ import annotations

from dataclasses import replace

from nerharness.runs.folder import RunFolder
from nerharness.types import Usage


def spent_before(folder: RunFolder) -> Usage:
    """Return what all sittings of a run spent, on failed and unfinished documents, too.

    The latter is only known of sittings that could end as they should: of one that could not, what
    it journaled.
    """
    found = sum((record.usage for record in folder.attempts()), Usage())
    journaled, told, known = found.cost or 0.0, 0.0, 0.0
    for sitting in folder.description().get("observed", ()):
        spent = float(sitting.get("spent", 0.0))
        told += spent
        known += float(sitting.get("journaled", spent))  # not said by earlier versions
    return replace(found, cost=max(journaled, told + max(journaled - known, 0.0)))
