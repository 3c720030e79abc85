"""Gold mentions of real corpora, corrupted by the noise of the synthetic notes.

The folder that `NERHARNESS_DATA` names holds them: `ncbi-disease/original-data/` (PubTator) and
`bc5cdr/iob/` (one token and its tag a line). The invented mentions of a document are gold mentions
of others that do not occur in it.
"""

import os
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from benchmarks.noise import occurrences
from benchmarks.notes import SHARES, Kind, Note, Span, corrupt, deal
from nerharness.corpora.conll import ConllReader
from nerharness.corpora.sources import read_corpus
from nerharness.types import Example

Gold: TypeAlias = tuple[str, list[Span]]  # a text and the spans of its gold mentions, in order

SENTENCES: Final = 10  # of a BC5CDR document, whose files do not say where one ends


class DataMissingError(Exception):
    """A corpus that is not there; says where it was looked for."""


def real_notes(corpus: str, seed: int, limit: int | None = None) -> list[Note]:
    """The first documents of the corpus's test split, each with all of its gold mentions."""
    gold = [document for document in CORPORA[corpus]() if document[1]][:limit]
    surfaces = sorted({text[a:b] for text, spans in gold for a, b in spans})
    rng = random.Random(seed)
    owed: Counter[Kind] = Counter()

    def borrow(rng: random.Random, text: str) -> str:
        while True:
            surface = rng.choice(surfaces)
            if not occurrences(text, surface):
                return surface

    made = []
    kinds_of = deal(rng, [round(len(spans) / (1 - SHARES["invented"])) for _, spans in gold])
    for (text, spans), kinds in zip(gold, kinds_of, strict=True):
        made.append(Note(text, corrupt(rng, text, spans, kinds, owed, borrow)))
    return made


def _ncbi() -> Iterator[Gold]:
    path = _folder("ncbi-disease/original-data/test") / "NCBItestset_corpus.txt"
    for block in re.split(r"\n\s*\n", path.read_text(encoding="utf-8").strip()):
        lines = block.strip().splitlines()
        text = " ".join(line.split("|", 2)[2] for line in lines[:2])
        spans = {(int(row[1]), int(row[2])) for row in (line.split("\t") for line in lines[2:])}
        yield text, [(start, start + len(text[start:end].rstrip())) for start, end in sorted(spans)]


def _bc5cdr() -> Iterator[Gold]:
    sentences = read_corpus(ConllReader(), _folder("bc5cdr/iob"), None).splits["test"]
    for number in range(0, len(sentences), SENTENCES):
        yield _joined(sentences[number : number + SENTENCES])


def _joined(sentences: Sequence[Example]) -> Gold:
    text, spans = "", list[Span]()
    for sentence in sentences:
        hulls = (entity.span for entity in sentence.entities)
        spans += [(len(text) + hull.start, len(text) + hull.end) for hull in hulls]
        text += f"{sentence.document.text} "
    return text, sorted(spans)


def _folder(name: str) -> Path:
    data = os.environ.get("NERHARNESS_DATA")
    if not data:
        raise DataMissingError("NERHARNESS_DATA does not name a folder of corpora")
    folder = Path(data) / name
    if not folder.is_dir():
        raise DataMissingError(f"no folder {folder}")
    return folder


CORPORA: Final[dict[str, Callable[[], Iterator[Gold]]]] = {
    "NCBI Disease": _ncbi,
    "BC5CDR": _bc5cdr,
}
