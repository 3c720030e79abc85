"""Large corpora are read, converted and validated with one document in memory at a time."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from nerharness.findings import Findings
from nerharness.plugin.host import Host
from nerharness.runs.conversion import convert
from nerharness.runs.corpus import open_reader
from nerharness.runs.validation import validate

SENTENCES = 50_000
FEW = 8_000
"""Where more would take long: a document held costs more than a kilobyte."""
MIB = 1 << 20


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus in several formats, each of several megabytes."""
    folder = tmp_path_factory.mktemp("large")
    rows = "w\tO\n" * 3 + "rash\tB-Sign\n\n"
    (folder / "a.conll").write_text(rows * SENTENCES)
    (folder / "few.conll").write_text(rows * FEW)
    with (folder / "a.csv").open("w") as table:
        table.write("Token,Tag,Sentence_Num,Sentence_Num_Global,File\n")
        table.writelines(f"w,O,1,1,f{n}\nrash,B-Sign,1,1,f{n}\n" for n in range(FEW))
    with (folder / "a.jsonl").open("w") as lines:
        entities = [{"label": "Sign", "start": 3, "end": 7}]
        for number in range(FEW):
            record = {"id": number, "text": f"No rash in {number}.", "entities": entities}
            lines.write(json.dumps(record) + "\n")
    with (folder / "a.pubtator").open("w") as lines:
        for number in range(FEW):
            lines.write(f"{number}|t|No rash\n{number}|a|x\n{number}\t3\t7\trash\tS\n\n")
    return folder


def peak(work: Callable[[], object]) -> float:
    """Return the most memory that the work held, in MiB."""
    tracemalloc.start(1)
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / MIB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["a.conll", "a.csv", "a.jsonl", "a.pubtator"])
def test_a_reader_holds_little_more_than_ids(host: Host, folder: Path, name: str) -> None:
    counts = []

    def work() -> None:
        reader, path = open_reader(host, str(folder / name))
        (examples,) = reader.open(path, None, Findings()).splits.values()
        counts.append(sum(len(example.entities) for example in examples))

    assert peak(work) < (8 if name == "a.conll" else 3)
    assert counts == [SENTENCES if name == "a.conll" else FEW]


def test_a_split_can_be_read_again(host: Host, folder: Path) -> None:
    reader, path = open_reader(host, str(folder / "a.jsonl"))
    (examples,) = reader.open(path, None, Findings()).splits.values()
    first = next(iter(examples))
    assert next(iter(examples)) == first


def test_converting_and_validating_hold_little(host: Host, folder: Path, tmp_path: Path) -> None:
    source = str(folder / "few.conll")
    target = tmp_path / "b.jsonl"
    assert peak(lambda: convert(host, source, target, "jsonl")) < 3
    assert peak(lambda: validate(host, source, lambda _: None, leaks=False)) < 3
