"""A run that lacks some of what another one found."""

from __future__ import annotations

import json
from pathlib import Path


def drop(run: str, every: int, new: str) -> None:
    """Write a copy of a run that lacks every n-th predicted entity."""
    target = Path(new)
    target.mkdir()
    description = Path(run, "run.json").read_bytes()
    (target / "run.json").write_bytes(description)
    lines = Path(run, "journal.jsonl").read_text(encoding="utf-8").splitlines()
    number = 0
    with (target / "journal.jsonl").open("w", encoding="utf-8") as stream:
        for line in lines:
            record = json.loads(line)
            kept = []
            for entity in record["entities"]:
                number += 1
                if number % every:
                    kept.append(entity)
            del record["crc32"]  # it would be another
            record["entities"], record["frequencies"] = kept, None
            stream.write(json.dumps(record) + "\n")
