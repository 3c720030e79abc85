"""Other aligners, each called as its documentation would have a user do, at a threshold of 0.8.

Where a library finds several places, the best is taken, and of equals the first. A library that is
not installed is a `PeerMissingError`, never left out in silence.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Final

from benchmarks.accuracy import Align, Answer

THRESHOLD: Final = 0.8
PERCENT: Final = 100 * THRESHOLD


class PeerMissingError(Exception):
    """A peer that cannot be imported; says which and why."""


def load(name: str) -> Align:
    """The aligner of that name."""
    try:
        return PEERS[name]()
    except ImportError as error:
        raise PeerMissingError(f"{name}: {error}") from error


def _rapidfuzz() -> Align:
    partial_ratio = import_module("rapidfuzz.fuzz").partial_ratio_alignment

    def align(text: str, mentions: Sequence[str]) -> list[Answer]:
        lower = text.lower()
        found = (partial_ratio(each.lower(), lower, score_cutoff=PERCENT) for each in mentions)
        return [None if at is None else (at.dest_start, at.dest_end) for at in found]

    return align


def _edlib() -> Align:
    edlib = import_module("edlib")

    def align(text: str, mentions: Sequence[str]) -> list[Answer]:
        lower = text.lower().encode()
        answers: list[Answer] = []
        for mention in mentions:
            query = mention.lower().encode()
            most = _most_edits(query)
            places = edlib.align(query, lower, mode="HW", task="locations", k=most)["locations"]
            answers.append(_characters(lower, places[0][0], places[0][1] + 1) if places else None)
        return answers

    return align


def _sassy() -> Align:
    searcher = import_module("sassy").Searcher("ascii", rc=False)

    def align(text: str, mentions: Sequence[str]) -> list[Answer]:
        lower = text.lower().encode()
        answers: list[Answer] = []
        for mention in mentions:
            query = mention.lower().encode()
            found = searcher.search(query, lower, k=_most_edits(query))
            best = min(found, key=lambda at: (at.cost, at.text_start), default=None)
            answers.append(best and _characters(lower, best.text_start, best.text_end))
        return answers

    return align


def _spaczz() -> Align:
    nlp = import_module("spacy").blank("en")
    matcher_of = import_module("spaczz.matcher").FuzzyMatcher

    def align(text: str, mentions: Sequence[str]) -> list[Answer]:
        doc = nlp.make_doc(text)
        matcher = matcher_of(nlp.vocab, min_r2=PERCENT)
        for number, mention in enumerate(mentions):
            matcher.add(str(number), [nlp.make_doc(mention)])
        best: dict[int, tuple[int, int, int]] = {}
        for label, start, end, ratio, _ in matcher(doc):
            number, match = int(label), (-ratio, start, end)
            best[number] = min(match, best.get(number, match))
        places = (best.get(number) for number in range(len(mentions)))
        return [at and (doc[at[1]].idx, doc[at[1] : at[2]].end_char) for at in places]

    return align


def _langextract() -> Align:
    resolver = import_module("langextract.resolver").Resolver()
    extraction = import_module("langextract.data").Extraction

    def align(text: str, mentions: Sequence[str]) -> list[Answer]:
        extractions = [extraction("term", mention) for mention in mentions]
        list(resolver.align(extractions, text, 0, fuzzy_alignment_threshold=THRESHOLD))
        places = (each.char_interval for each in extractions)
        return [at and (at.start_pos, at.end_pos) for at in places]

    return align


def _llm_ie() -> Align:
    extractors = import_module("llm_ie.extractors")
    extractor = extractors.BasicFrameExtractor(inference_engine=None, prompt_template="{{text}}")

    def align(text: str, mentions: Sequence[str]) -> list[Answer]:
        answers: list[Answer] = extractor._find_entity_spans(
            text, list(mentions), fuzzy_score_cutoff=THRESHOLD
        )
        return answers

    return align


def _most_edits(query: bytes) -> int:
    return int((1 - THRESHOLD) * len(query))


def _characters(text: bytes, start: int, end: int) -> tuple[int, int]:
    if text.isascii():
        return start, end
    before = len(text[:start].decode(errors="ignore"))
    return before, before + len(text[start:end].decode(errors="ignore"))


PEERS: Final[dict[str, Callable[[], Align]]] = {
    "rapidfuzz": _rapidfuzz,
    "edlib": _edlib,
    "sassy": _sassy,
    "spaczz": _spaczz,
    "langextract": _langextract,
    "llm-ie": _llm_ie,
}
