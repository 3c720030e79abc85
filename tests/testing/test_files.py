"""The checks of readers and writers find each fault of one that is not sound."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nerharness.corpora.jsonl import JsonlReader, JsonlWriter, record_of
from nerharness.errors import CorpusError
from nerharness.findings import Findings
from nerharness.knowledge.tsv import TsvReader
from nerharness.testing import EXAMPLES, check_knowledge, check_reader, check_writer
from nerharness.types import Entity, Example, Knowledge, LabelSet, Passage, Source

Faults = dict[str, tuple[dict[str, Any], str]]


def opened(change: Callable[[Any], Any]) -> dict[str, Any]:
    """Change what comes of every split."""

    def open(self: Any, path: Path | None, labels: LabelSet | None, findings: Findings) -> Source:
        source = JsonlReader.open(self, path, labels, findings)
        splits = {split: change(examples) for split, examples in source.splits.items()}
        return Source(source.name, source.labels, splits)

    return {"open": open}


def unlabelled(self: Any, path: Any, labels: Any, findings: Findings) -> Source:
    return JsonlReader.open(self, path, None, findings)


def naive(self: Any, path: Any, labels: Any, findings: Findings) -> Source:
    if path is None or labels is not None:
        return JsonlReader.open(self, path, labels, findings)
    for file in path.iterdir():
        for line in file.read_bytes().splitlines():
            json.loads(line)
    return JsonlReader.open(self, path, labels, findings)


def placeless(self: Any, path: Any, labels: Any, findings: Findings) -> Source:
    try:
        source = JsonlReader.open(self, path, labels, findings)
        return Source("x", None, {name: list(split) for name, split in source.splits.items()})
    except CorpusError as error:
        raise CorpusError(error.what) from None


def sample_if_none(self: Any, path: Any, labels: Any, findings: Findings) -> Source:
    if path is None:
        return Source("built in", None, {"train": EXAMPLES})
    return JsonlReader.open(self, path, labels, findings)


def impatient(self: Any, path: Any, labels: Any, findings: Findings) -> Source:
    if findings.lenient:
        raise NotImplementedError("lenient")
    return JsonlReader.open(self, path, labels, findings)


READERS: Faults = {
    "knows nothing": ({"detect": lambda self, path: False}, r"detect\(\) must return True"),
    "claims all": ({"detect": lambda self, path: True}, "must return False for"),
    "says a word": ({"detect": lambda self, path: "yes" if path.suffix else True}, "said"),
    "opens a list": ({"open": lambda *_: []}, "no Source"),
    "no split": ({"open": lambda *_: Source("x", None, {})}, "at least one split"),
    "no entity": (opened(lambda e: [Example(one.document, ()) for one in e]), "has no entity"),
    "documents": (opened(lambda e: [one.document for one in e]), "is no Example"),
    "an id twice": (opened(lambda e: [*e, *e]), "an id stands twice"),
    "goes once": (opened(iter), "not generators"),
    "any label": ({"open": unlabelled}, "only 'no such label' was allowed"),
    "no path": ({"open": sample_if_none}, "raise UsageError for the path None"),
    "naive": ({"open": naive}, "raise CorpusError with file and line, not .*Error"),
    "placeless": ({"open": placeless}, "say in `where`"),
    "impatient": ({"open": impatient}, "not NotImplementedError"),
}


@pytest.mark.parametrize("fault", READERS)
def test_each_fault_of_a_reader_is_found(fault: str, tmp_path: Path) -> None:
    path = tmp_path / "corpus"
    JsonlWriter().write(Source("s", None, {"train": EXAMPLES}), path)
    changes, advice = READERS[fault]
    broken = type("Broken", (JsonlReader,), changes)()
    with pytest.raises(AssertionError, match=r"Broken breaks \d+ rules? of CorpusReader") as found:
        check_reader(broken, path)
    assert re.search(advice, str(found.value)), found.value


def in_place(self: Any, source: Source, path: Path) -> Any:
    path.mkdir(exist_ok=True)
    with (path / "train.jsonl").open("w") as stream:
        for example in source.splits["train"]:
            stream.write(json.dumps(record_of(example)) + "\n")
    return Counter()


def over(self: Any, source: Source, path: Path) -> Any:
    path.unlink(missing_ok=True)
    return JsonlWriter().write(source, path)


def quiet(self: Any, source: Source, path: Path) -> Any:
    try:
        return JsonlWriter().write(source, path)
    except RuntimeError:
        return Counter()


def untidy(self: Any, source: Source, path: Path) -> Any:
    losses = JsonlWriter().write(source, path)
    (path.parent / "notes.tmp").write_text("done")
    return losses


def shifted(self: Any, source: Source, path: Path) -> Any:
    examples = [
        Example(one.document, tuple(Entity.at(e.label, 0, 1) for e in one.entities))
        for one in source.splits["train"]
    ]
    return JsonlWriter().write(Source("x", None, {"train": examples}), path)


def lossy(losses: Any) -> dict[str, Any]:
    def write(self: Any, source: Source, path: Path) -> Any:
        JsonlWriter().write(source, path)
        return losses

    return {"write": write}


WRITERS: Faults = {
    "leaves half": ({"write": in_place}, "write beside the target"),
    "overwrites": ({"write": over}, "raise UsageError, and let the user"),
    "swallows": ({"write": quiet}, "the source's error must come through"),
    "untidy": ({"write": untidy}, "only train should be there"),
    "shifts": ({"write": shifted}, "no loss was reported"),
    "returns None": (lossy(None), "return Losses"),
    "invents losses": (lossy(Counter({"colours": 1})), "losses are named as in"),
}


@pytest.mark.parametrize("fault", WRITERS)
def test_each_fault_of_a_writer_is_found(fault: str) -> None:
    changes, advice = WRITERS[fault]
    broken = type("Broken", (JsonlWriter,), changes)()
    with pytest.raises(AssertionError, match=r"Broken breaks \d+ rules? of CorpusWriter") as found:
        check_writer(broken, reader=JsonlReader())
    assert re.search(advice, str(found.value)), found.value


def knowing(*passages: Any, **skipped: int) -> dict[str, Any]:
    def read(self: Any, path: Path | None) -> Knowledge:
        TsvReader.read(self, path)
        return Knowledge(passages, skipped)

    return {"read": read}


def careless(self: Any, path: Path | None) -> Knowledge:
    if path is not None:
        [line.split("\t")[2] for line in path.read_text(encoding="utf-8").splitlines()]
    return TsvReader.read(self, path)


KNOWLEDGE: Faults = {
    "claims all": ({"detect": lambda self, path: True}, "must return False for"),
    "a list": ({"read": lambda self, path: []}, "no Knowledge"),
    "nothing": (knowing(), "at least one passage"),
    "says nothing": (knowing(Passage("", " ")), "says nothing"),
    "counts down": (knowing(Passage("a", "b"), obsolete=-1), "`skipped` counts"),
    "no path": ({"read": lambda self, path: Knowledge((Passage("a", "b"),))}, "for the path None"),
    "careless": ({"read": careless}, "raise CorpusError with file and line"),
}


@pytest.mark.parametrize("fault", KNOWLEDGE)
def test_each_fault_of_a_reader_of_knowledge_is_found(fault: str, tmp_path: Path) -> None:
    path = tmp_path / "known.tsv"
    path.write_text("name\tsynonyms\tdefinition\ngout\tpodagra\tCrystals in a joint.\n")
    changes, advice = KNOWLEDGE[fault]
    broken = type("Broken", (TsvReader,), changes)()
    with pytest.raises(AssertionError, match=r"Broken breaks .* of KnowledgeReader") as found:
        check_knowledge(broken, path)
    assert re.search(advice, str(found.value)), found.value
