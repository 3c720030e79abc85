"""How far a run is that may have been begun, without its model."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from nerharness.journal import DESCRIPTION
from nerharness.plugin.host import Host
from nerharness.runs.description import describe
from nerharness.runs.folder import RunFolder
from nerharness.runs.inputs import read_inputs
from nerharness.runs.resume import check_same
from nerharness.runs.spec import Spec


class Standing(NamedTuple):
    """How many documents of a run are finished, and how many of these failed."""

    documents: int
    finished: int = 0
    failed: int = 0
    begun: bool = False
    """Whether there is a run folder."""

    @classmethod
    def of(cls, path: Path, spec: Spec, host: Host) -> Standing:
        """Read a run's folder, if there is one.

        Raises the errors of `read_inputs`, and `RunError` if it is another run than the spec's.
        """
        inputs = read_inputs(spec, host)
        wanted = {example.document.id for example in inputs.selection.examples}
        if not (path / DESCRIPTION).exists():
            return cls(len(wanted))
        folder = RunFolder.open(path)
        check_same(folder.description(), describe(inputs), str(path))
        found = [record for record in folder.records() if record.id in wanted]
        failed = sum(record.error is not None for record in found)
        return cls(len(wanted), len(found), failed, begun=True)

    def is_over(self, *, retry: bool = False) -> bool:
        """Tell whether nothing is left to do; with `retry` failed documents are left."""
        return self.finished == self.documents and not (retry and self.failed)
