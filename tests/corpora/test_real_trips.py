"""Published corpora through every format that can hold them, and their counts as published.

They are no part of the project: see `test_real.py`. The RareDis corpus is looked for in the folder
that `NERHARNESS_RAREDIS` names: `train` and `dev` as brat, and `dev.csv`, the release in tokens.
"""

from __future__ import annotations

import csv
import os
import tarfile
from collections import Counter
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path

import pytest

from nerharness.flatten import Policy, flat_token_spans
from nerharness.plugin.host import Host
from nerharness.runs.conversion import convert
from nerharness.runs.corpus import load_corpus
from nerharness.segmenters.raredis import segment_raredis
from nerharness.types import Corpus, Document, Entity, Example

REPOSITORY = Path(__file__).parents[2]
DATA = Path(os.environ.get("NERHARNESS_DATA") or REPOSITORY.parent / "shared" / "data")
RAREDIS = Path(os.environ.get("NERHARNESS_RAREDIS") or "no folder named in NERHARNESS_RAREDIS")

needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"no corpora in {DATA}; name their folder in NERHARNESS_DATA"
)
needs_raredis = pytest.mark.skipif(
    not RAREDIS.is_dir(), reason="name the folder of the RareDis corpus in NERHARNESS_RAREDIS"
)

PLACES = {
    "pubtator": "ncbi-disease/original-data",
    "bc5cdr": "bc5cdr/iob",
    "wnut17": "wnut17",
    "phee": "phee/clean-brat.tar.gz",
}
DOCUMENTS = {
    "pubtator": {"train": 593, "dev": 100, "test": 100},
    "bc5cdr": {"train": 4560, "dev": 4581, "test": 4797},
    "wnut17": {"train": 3394, "dev": 1009, "test": 1287},
    "phee": {"train": 2898, "dev": 961, "test": 968},
}
ENTITIES = {"pubtator": 6892, "bc5cdr": 28787, "wnut17": 3890, "phee": 30310}
EXACT = {
    "pubtator": ["jsonl", "pubtator", "bioc-xml", "bioc-json"],
    "bc5cdr": ["conll:scheme=BILOU", "csv"],
    "wnut17": ["jsonl", "conll", "conll:scheme=IOE1", "csv", "datasets"],
    "phee": ["jsonl", "brat", "bioc-xml", "bioc-json"],
}
LOSSY = {
    ("pubtator", "conll"): {"text": 793, "notes": 6892, "sentence ends": 4, "cut tokens": 2},
    ("pubtator", "brat"): {"ids": 793},
    ("phee", "pubtator"): {"discontinuous": 620, "text": 1},
    ("phee", "doccano"): {"discontinuous": 620},
}


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return where a corpus lies, unpacked."""

    def place(name: str) -> Path:
        path = DATA / PLACES[name]
        if path.suffix != ".gz":
            return path
        folder = tmp_path_factory.mktemp(name)
        with tarfile.open(path) as tar:
            tar.extractall(folder, filter="data")
        return next(folder.iterdir())

    return place


def by_split(corpus: Corpus) -> dict[str, tuple[Example, ...]]:
    return dict(corpus.splits)


@needs_data
@pytest.mark.parametrize("name", PLACES)
def test_what_a_format_can_hold_comes_back_to_the_last_bit(
    host: Host, tmp_path: Path, corpora: Callable[[str], Path], name: str
) -> None:
    place = str(corpora(name))
    original = load_corpus(host, place, None)
    assert {split: len(part) for split, part in original.splits.items()} == DOCUMENTS[name]
    entities = sum(len(e.entities) for part in original.splits.values() for e in part)
    assert entities == ENTITIES[name]
    for number, writer in enumerate(EXACT[name]):
        format = writer.partition(":")[0]
        if format == "datasets" and find_spec(format) is None:
            continue
        target = tmp_path / f"{number}"
        assert not convert(host, place, target, writer).losses, writer
        found = load_corpus(host, f"{target}:{format}", None)
        assert by_split(found) == by_split(original), writer


@needs_data
@pytest.mark.parametrize(("name", "writer"), LOSSY)
def test_what_a_format_cannot_hold_is_counted(
    host: Host, tmp_path: Path, corpora: Callable[[str], Path], name: str, writer: str
) -> None:
    done = convert(host, str(corpora(name)), tmp_path / "out", writer)
    assert {k: v for k, v in done.losses.items() if k != "sentences"} == LOSSY[name, writer]


@needs_data
def test_ncbi_disease_is_the_same_in_pubtator_and_in_brat(host: Host, tmp_path: Path) -> None:
    with tarfile.open(DATA / "ncbi-disease/standoff.tar.gz") as tar:
        tar.extractall(tmp_path, filter="data")
    brat = load_corpus(host, str(next(tmp_path.iterdir())), None)
    pubtator = load_corpus(host, str(DATA / PLACES["pubtator"]), None)
    for split, examples in pubtator.splits.items():
        others = {e.document.id.rpartition("/")[2]: e for e in brat.splits[split]}
        for example in examples:
            other = others[example.document.id.replace("8528200-2", "8528200.1")]
            assert other.document.text.rstrip("\n") == example.document.text
            assert Counter(other.entities) == Counter(example.entities)


# The release's own "training statistics.txt" and "dev statistics.txt".
STATISTICS = {
    "train": {
        "ANAPHOR": 1108,
        "DISEASE": 1647,
        "RAREDISEASE": 3157,
        "SIGN": 3744,
        "SKINRAREDISEASE": 451,
        "SYMPTOM": 319,
    },
    "dev": {
        "ANAPHOR": 151,
        "DISEASE": 230,
        "RAREDISEASE": 480,
        "SIGN": 528,
        "SKINRAREDISEASE": 45,
        "SYMPTOM": 24,
    },
}


@needs_raredis
@pytest.mark.parametrize("split", STATISTICS)
def test_raredis_has_the_entities_that_its_statistics_say(host: Host, split: str) -> None:
    (examples,) = load_corpus(host, f"{RAREDIS / split}:brat", None).splits.values()
    counts = Counter(e.label for example in examples for e in example.entities)
    assert counts == STATISTICS[split]


@needs_raredis
def test_raw_texts_give_the_tokens_and_sentences_of_the_raredis_release(host: Host) -> None:
    (examples,) = load_corpus(host, f"{RAREDIS / 'dev'}:brat", None).splits.values()
    rows: dict[str, list[tuple[str, str]]] = {}
    with (RAREDIS / "dev.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            name = row["File"].removesuffix(".txt")
            rows.setdefault(name, []).append((row["Token"], row["Sentence_Num"]))
    assert len(examples) == len(rows) == 104
    for example in examples:
        document = segment_raredis(example.document.id, example.document.text)
        assert [*numbered(document)] == rows[document.id]


def numbered(document: Document) -> list[tuple[str, str]]:
    """Return each token with the number of its sentence."""
    found = []
    for number, sentence in enumerate(document.sentences, start=1):
        inside = [token for token in document.tokens if sentence.covers(token)]
        found += [(document.text[t.start : t.end], str(number)) for t in inside]
    return found


@needs_raredis
def test_first_fragments_give_the_entities_of_the_raredis_release_but_for_some(host: Host) -> None:
    """The release takes the fragment that the file names first, which is not always first in it."""
    (examples,) = load_corpus(host, f"{RAREDIS / 'dev'}:brat", None).splits.values()
    (release,) = load_corpus(host, f"{RAREDIS / 'dev.csv'}:csv", None).splits.values()
    theirs = {e.document.id.removesuffix(".txt"): e for e in release}
    same = same_as_named = 0
    for example in examples:
        named = named_first(RAREDIS / "dev" / f"{example.document.id}.ann")
        right = entities_in(theirs[example.document.id])
        same += first_fragments(example.document, example.entities) == right
        same_as_named += first_fragments(example.document, named) == right
    assert (same, same_as_named, len(examples)) == (97, 104, 104)


def named_first(file: Path) -> list[Entity]:
    """Return the entities of a brat file, each as the fragment that is named first."""
    found = []
    for line in file.read_text(encoding="utf-8").split("\n"):
        if line.startswith("T"):
            label, start, end = line.split("\t")[1].split(";")[0].split()
            found.append(Entity.at(label, int(start), int(end)))
    return found


def entities_in(example: Example) -> list[tuple[str, int, int]]:
    """Return the entities with the numbers of their tokens, in order."""
    starts = {token.start: n for n, token in enumerate(example.document.tokens)}
    ends = {token.end: n for n, token in enumerate(example.document.tokens, start=1)}
    spans = [(e.label, starts[e.span.start], ends[e.span.end]) for e in example.entities]
    return sorted(spans, key=lambda span: span[1])


def first_fragments(document: Document, entities: Iterable[Entity]) -> list[tuple[str, int, int]]:
    segmented = segment_raredis(document.id, document.text)
    spans = flat_token_spans(tuple(entities), segmented.tokens, Policy("first-fragment"))
    return within_sentences(segmented, spans)


def within_sentences(
    document: Document, spans: list[tuple[str, int, int]]
) -> list[tuple[str, int, int]]:
    """Cut what reaches over a sentence's end in two, as reading tags by the sentence does."""
    starts = {sentence.start for sentence in document.sentences}
    found = []
    for label, first, end in spans:
        inside = [n for n in range(first + 1, end) if document.tokens[n].start in starts]
        cuts = [first, *inside, end]
        found += [(label, a, b) for a, b in zip(cuts, cuts[1:], strict=False)]
    return found
