"""20,000 concepts to retrieve: rare diseases of Mondo, then the Disease Ontology; or invented ones.

The folder that `NERHARNESS_DATA` names holds them: `knowledge/mondo/new-rare-diseases.tsv` and
`knowledge/doid/*.json.gz`. Without it, terms of the notes' vocabulary are put together in pairs.
"""

import os
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random
from typing import Final

from benchmarks.prose import labelled_sentence
from benchmarks.vocabulary import TERMS
from nerharness.knowledge.obographs import ObographsReader
from nerharness.knowledge.tsv import TsvReader
from nerharness.types import Passage

SIZE: Final = 20_000
SEED: Final = 2026


@cache
def terms() -> tuple[str, list[str]]:
    """Where they are from, and as many as `SIZE` texts: names, synonyms and definitions."""
    data = os.environ.get("NERHARNESS_DATA")
    folder = Path(data) / "knowledge" if data else None
    found = _invented() if folder is None or not folder.is_dir() else _read(folder)
    kind = "invented" if folder is None or not folder.is_dir() else "Mondo, Disease Ontology"
    texts = list(islice(dict.fromkeys(found), SIZE))
    if len(texts) < SIZE:
        raise ValueError(f"only {len(texts):,} terms of {kind}")
    return kind, texts


def sentences() -> Iterator[str]:
    """Sentences of clinical notes, without end, each one once."""
    rng = Random(SEED)
    seen: set[str] = set()
    while True:
        text = (
            f"{labelled_sentence(rng)[0]} {labelled_sentence(rng)[0]} {labelled_sentence(rng)[0]}"
        )
        if text not in seen:
            seen.add(text)
            yield text


def _read(folder: Path) -> Iterator[str]:
    mondo = TsvReader().read(folder / "mondo" / "new-rare-diseases.tsv")
    yield from map(_text, mondo.passages)
    for path in sorted((folder / "doid").glob("*.json.gz")):
        yield from map(_text, ObographsReader().read(path).passages)


def _text(passage: Passage) -> str:
    names = ", ".join((passage.title, *passage.synonyms))
    return f"{names}: {passage.text}" if passage.text else names


def _invented() -> Iterator[str]:
    others = (*TERMS["sign"], *TERMS["drug"], *TERMS["procedure"])
    pairs = [f"{one} with {other}" for one in TERMS["disease"] for other in others]
    Random(SEED).shuffle(pairs)
    yield from pairs
