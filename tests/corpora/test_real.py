"""Published corpora, read whole and compared with what a few independent lines count in the files.

They are no part of the project. `NERHARNESS_DATA` names the folder that holds them (default: a
folder `shared/data` beside the repository); without it these tests are skipped.
"""

from __future__ import annotations

import os
import re
import tarfile
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from nerharness.align import Aligner
from nerharness.corpora.brat import BratReader
from nerharness.corpora.conll import ConllReader
from nerharness.corpora.jsonl import JsonlReader
from nerharness.corpora.sources import read_corpus
from nerharness.types import Corpus, Example

REPOSITORY = Path(__file__).parents[2]
DATA = Path(os.environ.get("NERHARNESS_DATA") or REPOSITORY.parent / "shared" / "data")

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"no corpora in {DATA}; name their folder in NERHARNESS_DATA"
)

Named = tuple[str, str]
"""A label and a surface."""


def named(example: Example) -> list[Named]:
    return [(e.label, e.surface(example.document.text)) for e in example.entities]


def sentences_in(file: Path) -> list[tuple[str, list[Named]]]:
    """The text and the entities of each sentence of an IOB2 file, read the slow and simple way."""
    found: list[tuple[str, list[Named]]] = []
    for block in re.split(r"\n[ \t]*(?=\n|$)", file.read_text(encoding="utf-8")):
        rows = [line.split("\t") for line in block.split("\n") if line.strip()]
        if not rows:
            continue
        entities: list[Named] = []
        for token, tag in ((row[0], row[-1]) for row in rows):
            if tag.startswith("B-"):
                entities.append((tag[2:], token))
            elif tag.startswith("I-"):
                label, surface = entities.pop()
                assert label == tag[2:]
                entities.append((label, f"{surface} {token}"))
        found.append((" ".join(row[0] for row in rows), entities))
    return found


def count(pattern: str, file: Path) -> int:
    return len(re.findall(pattern, file.read_text(encoding="utf-8"), re.MULTILINE))


SIZES = {
    "ncbi-disease/conll": {"train": (5432, 5145), "dev": (923, 787), "test": (940, 960)},
    "bc5cdr/iob": {"train": (4560, 9385), "dev": (4581, 9593), "test": (4797, 9809)},
    "wnut17": {"train": (3394, 1975), "dev": (1009, 836), "test": (1287, 1079)},
}
"""Sentences and entities of each split."""

FILES = {
    "ncbi-disease/conll": {"train": "train.tsv", "dev": "devel.tsv", "test": "test.tsv"},
    "bc5cdr/iob": {"train": "train.tsv", "dev": "devel.tsv", "test": "test.tsv"},
    "wnut17": {
        "train": "wnut17train.conll",
        "dev": "emerging.dev.conll",
        "test": "emerging.test.annotated",
    },
}
LABELS = {
    "ncbi-disease/conll": {"Disease"},
    "bc5cdr/iob": {"Chemical", "Disease"},
    "wnut17": {"corporation", "creative-work", "group", "location", "person", "product"},
}


@pytest.mark.parametrize("folder", SIZES)
def test_a_tagged_corpus_has_every_sentence_and_entity_of_its_files(folder: str) -> None:
    corpus = read_corpus(ConllReader(), DATA / folder, None)
    assert sizes(corpus) == SIZES[folder]
    assert set(corpus.labels.names) == LABELS[folder]
    for split, name in FILES[folder].items():
        file, examples = DATA / folder / name, corpus.splits[split]
        assert sum(len(e.entities) for e in examples) == count(r"\tB-\S+$", file)
        assert [(e.document.text, named(e)) for e in examples] == sentences_in(file)


PAPER = {
    "train": {"Chemical": 5203, "Disease": 4182},
    "dev": {"Chemical": 5347, "Disease": 4244},
    "test": {"Chemical": 5385, "Disease": 4424},
}
"""Mentions of BC5CDR in its paper (Li et al. 2016)."""


def test_bc5cdr_has_the_mentions_of_its_paper_but_for_two_that_a_sentence_end_cuts() -> None:
    """ "St. Anthony's fire" stands twice in dev, and the files end a sentence at its full stop."""
    corpus = read_corpus(ConllReader(), DATA / "bc5cdr/iob", None)
    for split, examples in corpus.splits.items():
        counts = Counter(e.label for example in examples for e in example.entities)
        cut = Counter(
            next_one.entities[0].label
            for one, next_one in pairwise(examples)
            if one.entities and one.entities[-1].span.end == len(one.document.text)
            if next_one.entities and next_one.entities[0].span.start == 0
        )
        assert cut == ({"Disease": 2} if split == "dev" else {})
        assert counts - cut == PAPER[split]


@pytest.mark.parametrize("folder", SIZES)
def test_a_tagged_corpus_is_recognised(folder: str) -> None:
    assert ConllReader().detect(DATA / folder)
    assert not BratReader().detect(DATA / folder)
    assert not JsonlReader().detect(DATA / folder)


def unpacked(archive: str, folder: Path) -> Path:
    with tarfile.open(DATA / archive) as tar:
        tar.extractall(folder, filter="data")
    (root,) = folder.iterdir()
    return root


def annotations_in(root: Path) -> dict[str, list[tuple[str, list[tuple[int, int]], str]]]:
    """Label, offsets as they stand, and text of each `T` line, by document."""
    found = {}
    for file in root.rglob("*.ann"):
        lines = [line.split("\t") for line in file.read_text("utf-8").split("\n")]
        rows = []
        for line in lines:
            if line[0].startswith("T"):
                label, offsets = line[1].split(" ", maxsplit=1)
                pairs = [pair.split(" ") for pair in offsets.split(";")]
                rows.append((label, [(int(a), int(b)) for a, b in pairs], line[2]))
        found[file.relative_to(root).with_suffix("").as_posix()] = rows
    return found


def compare(corpus: Corpus, root: Path) -> None:
    annotations = annotations_in(root)
    examples = [example for part in corpus.splits.values() for example in part]
    assert Counter(e.document.id for e in examples) == Counter(annotations.keys())
    for example in examples:
        rows = annotations[example.document.id]
        assert len(example.entities) == len(rows)
        for entity, (label, offsets, text) in zip(example.entities, rows, strict=True):
            assert entity.label == label
            assert [(p.start, p.end) for p in entity.fragments] == sorted(offsets)
            pieces = [example.document.text[start:end] for start, end in offsets]
            assert " ".join(pieces).split() == text.split()


def sizes(corpus: Corpus) -> Mapping[str, tuple[int, int]]:
    return {
        split: (len(examples), sum(len(e.entities) for e in examples))
        for split, examples in corpus.splits.items()
    }


def test_ncbi_disease_in_brat_has_as_many_mentions_as_in_tags(tmp_path: Path) -> None:
    root = unpacked("ncbi-disease/standoff.tar.gz", tmp_path)
    assert BratReader().detect(root)
    corpus = read_corpus(BratReader(), root, None)
    assert sizes(corpus) == {"train": (593, 5145), "dev": (100, 787), "test": (100, 960)}
    kinds = {"CompositeMention", "DiseaseClass", "Modifier", "SpecificDisease"}
    assert set(corpus.labels.names) == kinds
    compare(corpus, root)


def test_phee_has_all_its_nested_and_discontinuous_entities(tmp_path: Path) -> None:
    root = unpacked("phee/clean-brat.tar.gz", tmp_path)
    corpus = read_corpus(BratReader(), root, None)
    per_split = {split: entities for split, (_, entities) in sizes(corpus).items()}
    assert per_split == {"train": 18044, "dev": 6098, "test": 6168}
    entities = [e for part in corpus.splits.values() for x in part for e in x.entities]
    assert sum(len(entity.fragments) > 1 for entity in entities) == 620
    compare(corpus, root)


def test_most_discontinuous_entities_of_phee_with_near_fragments_are_found(tmp_path: Path) -> None:
    corpus = read_corpus(BratReader(), unpacked("phee/clean-brat.tar.gz", tmp_path), None)
    aligner = Aligner(discontinuous=True)
    kinds: Counter[str] = Counter()
    for example in (example for part in corpus.splits.values() for example in part):
        text = example.document.text
        for entity in (one for one in example.entities if len(one.fragments) > 1):
            (match,) = aligner.align(text, [entity.surface(text)])
            if match and len(match.fragments) > 1:
                right = match.fragments == tuple((p.start, p.end) for p in entity.fragments)
                kinds["right" if right else "wrong"] += 1
    assert kinds == {"right": 360, "wrong": 4}
