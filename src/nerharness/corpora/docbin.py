"""The `docbin` reader and writer: spaCy's `.spacy` files, which hold no code and no pickles.

All entities stand in the span group `sc`, where they may overlap, and those that one tag per token
can hold in `doc.ents` as well. Reading takes the span group of each document, or `doc.ents` where
there is none or nothing in it, and counts what it passes over: entities that the group lacks, and
spans of other groups. A document's id is the entry `id` of its user data. A file is held in memory.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from nerharness.align import to_tokens
from nerharness.corpora.annotation import Annotator, Claim
from nerharness.corpora.files import MAX_FILE, candidates
from nerharness.corpora.ids import NOT_EMPTY, Ids, given_id, written_id
from nerharness.corpora.output import flat_spans, write_files
from nerharness.corpora.sources import open_files
from nerharness.errors import CorpusError
from nerharness.findings import Findings, Place
from nerharness.flatten import Policy
from nerharness.losses import Losses, lost
from nerharness.types import Document, Entity, Example, LabelSet, Source, Span

_SUFFIXES = (".spacy",)
GROUP = "sc"


class DocbinReader:
    """Reads a file, or a folder with train, dev and test files."""

    def __init__(self, spans: str = GROUP) -> None:
        self._spans = spans

    def detect(self, path: Path, /) -> bool:
        """Tell by the suffix."""
        return any(file.suffix in _SUFFIXES for file in candidates(path, _SUFFIXES))

    def open(self, path: Path | None, labels: LabelSet | None, findings: Findings, /) -> Source:
        """Open every split."""
        return open_files("docbin", path, _SUFFIXES, labels, findings, self._examples)

    def _examples(
        self, file: Path, declared: LabelSet | None, findings: Findings
    ) -> Iterator[Example]:
        docs = _docs(file)
        width = len(str(len(docs)))
        ids = Ids(findings)
        for number, doc in enumerate(docs, start=1):
            id = given_id(doc.user_data.get("id"), f"{file.stem}-{number:0{width}}")
            place = Place(file, number)
            if not ids.is_new(id, place, 'the entry "id" of its user data must be another'):
                continue
            findings.place = place
            spans = self._chosen(doc, findings)
            claims = (_claim(span) for span in spans if span.label_)
            annotator = Annotator(doc.text, declared, findings).beside(claims)
            found = (_entity(span, place, annotator) for span in spans)
            yield Example(_document(id, doc), tuple(entity for entity in found if entity))

    def _chosen(self, doc: Any, findings: Findings) -> list[Any]:
        """Return the spans to read, and count those that are passed over."""
        groups = {name: list(spans) for name, spans in doc.spans.items()}
        chosen = groups.pop(self._spans, [])
        for name, spans in groups.items():
            if spans:
                findings.skipped[f"spans of group {name!r}"] += len(spans)
        if not chosen:
            return list(doc.ents)
        held = {(span.label, span.start, span.end) for span in chosen}
        if lacking := [e for e in doc.ents if (e.label, e.start, e.end) not in held]:
            findings.skipped[f"entities outside of group {self._spans!r}"] += len(lacking)
        return chosen


def _entity(span: Any, place: Place, annotator: Annotator) -> Entity | None:
    if not span.label_:
        what = f"a span without a label: {span.text!r}"
        annotator.findings.fault("syntax", place, what, repair="left out")
        return None
    return annotator.entity(place, *_claim(span))


def _claim(span: Any) -> Claim:
    return Claim(span.label_, [(span.start_char, span.end_char)])


def _docs(file: Path) -> list[Any]:
    import spacy
    from spacy.tokens import DocBin

    try:
        data = file.read_bytes()
        inflating = zlib.decompressobj()
        size = len(inflating.decompress(data, MAX_FILE))
        if size >= MAX_FILE or not inflating.eof:
            what = "cut off" if size < MAX_FILE else f"larger than {MAX_FILE:,} bytes"
            raise CorpusError.at(file, None, f"not a whole .spacy file: {what}")
        return list(DocBin().from_bytes(data).get_docs(spacy.blank("xx").vocab))
    except CorpusError:
        raise
    except OSError as error:
        raise CorpusError.at(file, None, f"cannot be read: {error.strerror}") from None
    except Exception as error:  # the library raises many kinds for bytes that are none of its
        raise CorpusError.at(file, None, f"not a .spacy file: {error}") from None


def _document(id: str, doc: Any) -> Document:
    tokens: list[Span] = []
    bounds: list[Span] = []
    begins = True
    for token in doc:
        begins = begins or token.is_sent_start is True  # maybe at the white space before a word
        if token.is_space:
            continue
        tokens.append(Span(token.idx, token.idx + len(token)))
        bounds.append(tokens[-1] if begins else Span(bounds.pop().start, tokens[-1].end))
        begins = False
    return Document(id, doc.text, tuple(tokens), tuple(bounds))


class DocbinWriter:
    """Writes tokens, sentences, and entities as whole tokens."""

    def __init__(self, policy: str = "longest") -> None:
        self._policy = Policy.parse(policy)

    def write(self, source: Source, path: Path, /) -> Losses:
        """Write a file for each split."""
        return write_files(source, path, ".spacy", self._write)

    def _write(self, file: Path, examples: Iterable[Example]) -> Losses:
        import spacy
        from spacy.tokens import DocBin

        losses: Losses = Counter()
        found = DocBin(attrs=["ENT_IOB", "ENT_TYPE", "SENT_START"], store_user_data=True)
        vocab = spacy.blank("xx").vocab
        for example in examples:
            doc, lacks = _doc(example, vocab, self._policy)
            losses += lacks
            found.add(doc)
        file.write_bytes(found.to_bytes())
        return losses


def _doc(example: Example, vocab: Any, policy: Policy) -> tuple[Any, Losses]:
    from spacy.tokens import Doc, SpanGroup

    document = example.document
    words, spaces, places = _words(document)
    doc = Doc(vocab, words=words, spaces=spaces)
    starts = {sentence.start for sentence in document.sentences}
    for number, token in enumerate(document.tokens):
        doc[places[number]].is_sent_start = number == 0 or token.start in starts
    for number in set(range(len(doc))) - set(places):
        doc[number].is_sent_start = False
    doc.user_data["id"] = written_id(document.id, NOT_EMPTY)
    losses: Losses = Counter()
    spans = [doc[places[a] : places[b - 1] + 1] for a, b in _ranges(example, losses)]
    kept = [e for e, found in zip(example.entities, _found(example), strict=True) if found]
    for span, entity in zip(spans, kept, strict=True):
        span.label_ = entity.label
    doc.spans[GROUP] = SpanGroup(doc, name=GROUP, spans=spans)
    flat, _ = flat_spans(example, policy)
    ents = [doc[places[a] : places[b - 1] + 1] for _, a, b in flat.spans]
    for span, (label, _, _) in zip(ents, flat.spans, strict=True):
        span.label_ = label
    doc.set_ents(ents)
    return doc, +(losses + lost(example, _document(document.id, doc)))


def _found(example: Example) -> list[tuple[int, int] | None]:
    bounds = [(token.start, token.end) for token in example.document.tokens]
    first = [entity.fragments[0] for entity in example.entities]
    return list(to_tokens(bounds, [(span.start, span.end) for span in first]))


def _ranges(example: Example, losses: Losses) -> Iterator[tuple[int, int]]:
    tokens = example.document.tokens
    for entity, found in zip(example.entities, _found(example), strict=True):
        losses["discontinuous"] += len(entity.fragments) > 1
        if found is None:
            losses["outside tokens"] += 1
            continue
        part = entity.fragments[0]
        whole = Span(tokens[found[0]].start, tokens[found[1] - 1].end)
        losses["cut tokens"] += part != whole
        yield found


def _words(document: Document) -> tuple[list[str], list[bool], list[int]]:
    """Return spaCy's words with whether a space follows, and the place of each token in them.

    What stands between tokens, but for one space, is a word of its own.
    """
    words: list[str] = []
    spaces: list[bool] = []
    places: list[int] = []
    at = 0
    for token in [*document.tokens, None]:
        gap = document.text[at : token.start if token else len(document.text)]
        if gap.startswith(" ") and words:
            spaces[-1] = True
            gap = gap[1:]
        if gap:
            words.append(gap)
            spaces.append(False)
        if token:
            places.append(len(words))
            words.append(document.text[token.start : token.end])
            spaces.append(False)
            at = token.end
    return words, spaces, places
