"""Values that every part of the package speaks in: frozen, and validated where they are made.

Offsets are Unicode code points of the document's text, half-open: `text[start:end]`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal, NamedTuple, Self

Finish = Literal["stop", "length", "filtered", "error"]
Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open, non-empty range `[start, end)`; `ValueError` for anything else."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"a span needs 0 <= start < end, got [{self.start}, {self.end})")

    def __len__(self) -> int:
        return self.end - self.start

    def shift(self, offset: int) -> Span:
        """Return the span moved by `offset` code points."""
        return Span(self.start + offset, self.end + offset)

    def covers(self, other: Span) -> bool:
        """Tell whether `other` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True, order=True)
class Entity:
    """A label and its fragments in text order; more than one fragment means discontinuous.

    Raises `ValueError` for an empty label, no fragment, or fragments that overlap or are unordered.
    """

    label: str
    fragments: tuple[Span, ...]

    def __post_init__(self) -> None:
        if not self.label:
            raise ValueError("an entity needs a label")
        if not self.fragments:
            raise ValueError(f"an entity needs at least one fragment (label {self.label!r})")
        for left, right in zip(self.fragments, self.fragments[1:], strict=False):
            if left.end > right.start:
                raise ValueError(f"fragments overlap or are unordered: {left}, {right}")

    @classmethod
    def at(cls, label: str, start: int, end: int) -> Entity:
        """Build the contiguous entity `label` at `[start, end)`."""
        return cls(label, (Span(start, end),))

    @property
    def span(self) -> Span:
        """The hull: from the first fragment's start to the last one's end."""
        return Span(self.fragments[0].start, self.fragments[-1].end)

    def shift(self, offset: int) -> Entity:
        """Return the entity moved by `offset` code points."""
        return Entity(self.label, tuple(fragment.shift(offset) for fragment in self.fragments))

    def surface(self, text: str) -> str:
        """Return the entity's words in `text`, fragments joined by one space."""
        return " ".join(text[part.start : part.end] for part in self.fragments)


@dataclass(frozen=True, slots=True)
class Document:
    """A text with its tokens and sentences as offset spans in text order."""

    id: str
    text: str
    tokens: tuple[Span, ...]
    sentences: tuple[Span, ...]

    def __post_init__(self) -> None:
        for name, spans in (("token", self.tokens), ("sentence", self.sentences)):
            if spans and spans[-1].end > len(self.text):
                raise ValueError(f"document {self.id!r}: a {name} lies outside the text")
            for left, right in pairwise(spans):
                if left.end > right.start:
                    raise ValueError(
                        f"document {self.id!r}: {name}s overlap or are unordered: {left}, {right}"
                    )


@dataclass(frozen=True, slots=True)
class Note:
    """What an annotator wrote about an entity (its index), or, with `None`, about the document.

    `kind` is the corpus's own word for it: "AnnotatorNotes", "identifier".
    """

    kind: str
    text: str
    entity: int | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A document with its gold entities; `ValueError` when one lies outside the text."""

    document: Document
    entities: tuple[Entity, ...]
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        size = len(self.document.text)
        for entity in self.entities:
            if entity.span.end > size:
                raise ValueError(
                    f"document {self.document.id!r}: entity {entity.label!r} at "
                    f"[{entity.span.start}, {entity.span.end}) lies outside the {size} characters"
                )


@dataclass(frozen=True, slots=True)
class Label:
    """An entity label with its one-line definition."""

    name: str
    definition: str = ""


def _bare(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


@dataclass(frozen=True, slots=True)
class LabelSet:
    """The labels of a task, in their order; names are unique even without case and punctuation."""

    labels: tuple[Label, ...]
    _by_bare: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        bare: dict[str, str] = {}
        for label in self.labels:
            if (other := bare.setdefault(_bare(label.name), label.name)) != label.name:
                raise ValueError(f"labels {other!r} and {label.name!r} are too alike")
        if len(bare) != len(self.labels):
            raise ValueError("a label stands twice in the label set")
        object.__setattr__(self, "_by_bare", bare)

    @property
    def names(self) -> tuple[str, ...]:
        """The labels' names, in order."""
        return tuple(label.name for label in self.labels)

    def __iter__(self) -> Iterator[Label]:
        return iter(self.labels)

    def __len__(self) -> int:
        return len(self.labels)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def only(self, name: str) -> LabelSet:
        """Return the label set of this one label; `KeyError` if it is none of them."""
        for label in self.labels:
            if label.name == name:
                return LabelSet((label,))
        raise KeyError(name)

    def resolve(self, written: str) -> str | None:
        """Return the label a model meant by `written`, ignoring case, spaces and punctuation."""
        return self._by_bare.get(_bare(written))


@dataclass(frozen=True, slots=True)
class Corpus:
    """Named splits of examples under one label set."""

    name: str
    labels: LabelSet
    splits: Mapping[str, tuple[Example, ...]]


@dataclass(frozen=True, slots=True)
class Source:
    """A corpus that is read while it is gone through; each split can be gone through again.

    `labels` is `None` where none are declared: then they are those that occur.
    """

    name: str
    labels: LabelSet | None
    splits: Mapping[str, Iterable[Example]]


@dataclass(frozen=True, slots=True)
class Unit:
    """What one prompt covers: `span` of a document."""

    document: Document
    span: Span

    @property
    def text(self) -> str:
        """The unit's own text."""
        return self.document.text[self.span.start : self.span.end]

    @property
    def tokens(self) -> tuple[Span, ...]:
        """The document's tokens inside the unit, in offsets of the unit's text."""
        inside = (token for token in self.document.tokens if self.span.covers(token))
        return tuple(token.shift(-self.span.start) for token in inside)


@dataclass(frozen=True, slots=True)
class Mention:
    """What a model says: a surface string and a label.

    `span` (offsets of the unit's text) is set only by formats whose answers carry positions
    themselves, such as one tag per token; for all others alignment finds it. `source` is where it
    stands in the answer. `confidence` is the probability or vote share it was given, if any.
    """

    text: str
    label: str
    span: Span | None = None
    source: Span | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of background knowledge: a title and its text, which may be empty for a concept.

    A concept has maybe an `id`, and as `parents` the names of the concepts that it is a kind of; a
    piece of running text is none, and its title only a heading.
    """

    title: str
    text: str
    synonyms: tuple[str, ...] = ()
    id: str = ""
    parents: tuple[str, ...] = ()
    concept: bool = True

    @property
    def gloss(self) -> str:
        """The text, or what the names and parents say where there is none."""
        if self.text:
            return self.text
        said = [f"a kind of {', '.join(self.parents)}"] if self.parents else []
        if self.synonyms:
            said.append(f"also called {', '.join(self.synonyms)}")
        return "; ".join(said) or self.title


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Passages, and how many others of each kind were left out, such as obsolete ones."""

    passages: tuple[Passage, ...]
    skipped: Mapping[str, int] = field(default_factory=dict)


class Message(NamedTuple):
    """One turn of a chat."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Constraint:
    """What an answer may look like.

    `grammar` is in the Lark dialect of llguidance and exact; `schema` is the JSON schema that comes
    nearest, for servers that know no grammars, or `None` for answers that are not JSON.
    """

    grammar: str
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to draw an answer: the same seed and prompt always give the same one.

    `temperature` is above 0; without a `Sampling` the likeliest token is taken each time.
    """

    temperature: float
    seed: int

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise ValueError(f"the temperature must be above 0, got {self.temperature}")


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a backend is asked.

    `max_tokens` bounds the answer (`None`: the backend's own limit). `prefix` is the beginning of
    the answer, already given: the completion goes on from there. `logprobs` asks for the
    log-probability of each token.
    """

    messages: tuple[Message, ...]
    max_tokens: int | None = None
    constraint: Constraint | None = None
    prefix: str = ""
    sampling: Sampling | None = None
    logprobs: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens read and written; adds up."""

    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )


class Token(NamedTuple):
    """A token of an answer: its text, and its natural log-probability among what was allowed."""

    text: str
    logprob: float


@dataclass(frozen=True, slots=True)
class Completion:
    """What a backend answers; with finish "error", `error` says why and `text` is empty.

    The texts of `tokens`, if asked for, make up `text` (a character cut between two tokens counts
    to the second).
    """

    text: str
    finish: Finish
    usage: Usage = Usage()
    error: str | None = None
    tokens: tuple[Token, ...] | None = None


ReadStatus = Literal["clean", "repaired", "failed"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a format read in an answer.

    `status` is "clean" when the answer had the asked-for shape, "repaired" when mentions had to be
    dug out of it or something was dropped, "failed" when nothing could be read. `problems` counts
    each kind of fault.
    """

    mentions: tuple[Mention, ...]
    status: ReadStatus = "clean"
    problems: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def together(cls, readings: Sequence[Self]) -> Self:
        """Return one reading of several answers: mentions in turn, problems added up."""
        statuses = {reading.status for reading in readings}
        problems: Counter[str] = Counter()
        for reading in readings:
            problems.update(reading.problems)
        status = statuses.pop() if len(statuses) == 1 else "repaired"
        return cls(tuple(m for reading in readings for m in reading.mentions), status, problems)
