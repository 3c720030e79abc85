"""Trips of examples to a file of any format and back."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from nerharness.corpora.sources import read_corpus
from nerharness.losses import Losses
from nerharness.plugin.host import Host
from nerharness.runs.conversion import make_writer
from nerharness.runs.corpus import open_reader
from nerharness.types import Example, Source

WRITERS = [
    "conll",
    "csv",
    "brat",
    "jsonl",
    "pubtator",
    "bioc-xml",
    "bioc-json",
    "docbin",
    "datasets",
]
NEEDS = {"bioc-xml": "bioc", "bioc-json": "bioc", "docbin": "spacy", "datasets": "datasets"}


def needs(writer: str) -> None:
    """Skip the test if what writes the format is not installed."""
    if (module := NEEDS.get(writer)) and find_spec(module) is None:
        pytest.skip(f"needs {module}")


def write(host: Host, writer: str, examples: Sequence[Example], path: Path) -> Losses:
    """Write a train split with the writer, `NAME` or `NAME:OPTION=VALUE`."""
    needs(writer.partition(":")[0])
    return make_writer(host, writer).write(Source("s", None, {"train": examples}), path)


def back(host: Host, writer: str, path: Path) -> list[Example]:
    """Read the one split that was written."""
    name = writer.partition(":")[0]
    (examples,) = read_corpus(open_reader(host, f"{path}:{name}")[0], path, None).splits.values()
    return list(examples)
