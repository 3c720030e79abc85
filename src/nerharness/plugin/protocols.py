"""What each kind of plugin must do: one small protocol each."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from nerharness.findings import Findings
from nerharness.grammar import Level
from nerharness.losses import Losses
from nerharness.templates import Template
from nerharness.types import (
    Completion,
    Constraint,
    Document,
    Entity,
    Example,
    Knowledge,
    LabelSet,
    Prompt,
    Reading,
    Source,
    Unit,
)

if TYPE_CHECKING:
    from nerharness.plugin.task import Task

Dialogue = Generator[Sequence[Prompt], Sequence[Completion], Reading]
"""Yields the prompts of a turn, is sent their completions in the same order, returns a reading."""


Ability = Literal["grammar", "schema", "prefix", "sampling", "logprobs"]
"""A constraint's grammar, or its JSON schema; and the fields of a prompt of that name."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """A text to be found: a train example with its `labels`, or a passage, which has none."""

    text: str
    id: str = ""
    labels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved text: its index in what was indexed, and its score (higher is nearer)."""

    index: int
    score: float


class Backend(Protocol):
    """Turns prompts into completions; knows nothing of entities.

    One that learns something while it is asked, such as who answers, may say so as `observed`, a
    mapping of JSON values, which goes into the run's record when the run ends or is interrupted.

    One that answers prompts in portions may have a method `drain`, which is called between two
    completions when the user wants to stop: `generate` then yields what is under way and ends. One
    without it goes on to the last prompt that it was given.

    Three attributes are set from outside, each only where it is there and `None`: what else a
    backend calls by these names is left alone. One that may wait long for an answer has
    `stop = None`; while it is asked that is a function, which says whether the user wants to stop:
    it calls it now and then, and drains itself. One that costs money has `budget = None`, set
    before it is asked and heeded, and a `price` (`nerharness.pricing.Price`, `None` if unknown),
    and says in each completion's usage what it cost. One that has to remember more than the journal
    holds has `folder = None`, and keeps that in the folder that is set.

    One that wants more than the usual number of units in a round says how many as `window`, `None`
    for all. `RunError` and `Stopped` end the run; what is finished is kept.

    One that asks side by side may say that it `grows` (`True`): then `prompts` is a list to which
    others are added between two completions, and it takes up each when it has room, by its place;
    those that come when it has just ended are given to it anew.

    One whose answers depend on the document that is asked about may have a method `generate_about`,
    which is called in place of `generate`, with the id of each prompt's document besides. One whose
    answers depend on what the run has asked before may have a method `recall`, which is called when
    a run is gone on with: with the ids of all its documents in their order, and with each prompt
    that was asked about one that is finished (messages, prefix, sampling), behind that one's id.
    """

    @property
    def identity(self) -> Mapping[str, str]:
        """What was loaded, for the run's record: model, revision, digest, device, dtype.

        A backend with an option `revision` is made with this one when a run is gone on with.
        """

    @property
    def abilities(self) -> frozenset[Ability]:
        """Which parts of a prompt, besides its messages and limit, the backend heeds."""

    def generate(self, prompts: Sequence[Prompt], /) -> Iterator[tuple[int, Completion]]:
        """Yield `(index, completion)` once per prompt, in any order, as they finish.

        A prompt that cannot be answered gives a completion with finish "error"; an exception is
        taken as a failure of every prompt that has not been answered yet.
        """


class TokenCounter(Protocol):
    """Counts what a backend would read, without loading its model."""

    def count(self, prompt: Prompt, /) -> int:
        """Return how many tokens the backend would read for the prompt."""


class Strategy(Protocol):
    """Turns a unit into prompts, and completions into mentions; computes no offset."""

    def solve(self, unit: Unit, task: Task, /) -> Dialogue:
        """Hold the dialogue about one unit."""


class Format(Protocol):
    """How entities are asked for and read back.

    `labels` is the label set of the question, which may be one label of the task's alone.
    """

    @property
    def template(self) -> Template:
        """The instruction: task, labels with their definitions, shape of the answer.

        A Jinja template; it sees `labels`, each with `name` and `definition`.
        """

    @property
    def one_label(self) -> bool:
        """Whether a question can be about one label only."""

    def show(self, unit: Unit, labels: LabelSet, /) -> str:
        """Return the unit's text as it is put before the model."""

    def demonstrate(self, example: Example, labels: LabelSet, /) -> str:
        """Return the perfect answer for an example; entities with other labels are left out."""

    def limit(self, unit: Unit, labels: LabelSet, /) -> int:
        """Return how many tokens an answer about the unit may take."""

    def constrain(self, unit: Unit, labels: LabelSet, level: Level, /) -> Constraint | None:
        """Return what holds an answer about the unit to `level`; `None` for "free"."""

    def parse(self, answer: str, unit: Unit, labels: LabelSet, /) -> Reading:
        """Read the answer; never raises on what a model wrote."""


class Index(Protocol):
    """Ranks the items it was made of."""

    def search(self, queries: Sequence[str], k: int, /) -> Sequence[Sequence[Hit]]:
        """Return for each query the `k` nearest items (fewer when there are fewer), best first.

        A query is the text of a unit and nothing else.
        """


class Retriever(Protocol):
    """Makes indexes: one of the train examples, one of the knowledge.

    One that loads a model may say which as `identity`, as a backend does. If it has an option
    `embedding_revision`, it is made with the `revision` there when a run is gone on with.
    """

    def index(self, items: Sequence[Indexed], /) -> Index:
        """Return an index of the items, of which there is at least one."""


class Tagger(Protocol):
    """Labels documents without prompting: the baselines.

    One that reads sentences each by itself says so: its `unit` is then "sentence".
    """

    def tag(self, documents: Sequence[Document], /) -> Iterator[Sequence[Entity]]:
        """Yield the entities of each document, in order."""


class CorpusReader(Protocol):
    """Reads one corpus format."""

    def detect(self, path: Path, /) -> bool:
        """Tell whether the file or folder looks like this format; reads a little of it."""

    def open(self, path: Path | None, labels: LabelSet | None, findings: Findings, /) -> Source:
        """Return the corpus, whose documents are read only as they are gone through.

        `labels`, when given, are the only ones allowed. What is malformed goes to `findings`, which
        raises it as `CorpusError` unless they are lenient. `UsageError` for `path` `None` unless
        the corpus is built in.
        """


class CorpusWriter(Protocol):
    """Writes one corpus format."""

    def write(self, source: Source, path: Path, /) -> Losses:
        """Write the corpus as the file or folder `path`, and return what it could not hold.

        The target is there whole or not at all; one that is there already is a `UsageError`.
        """


class KnowledgeReader(Protocol):
    """Reads background knowledge: the concepts of an ontology, or passages of texts."""

    def detect(self, path: Path, /) -> bool:
        """Tell whether the file or folder looks like this format; reads a little of it."""

    def read(self, path: Path | None, /) -> Knowledge:
        """Read the knowledge, at least one passage.

        Raises `CorpusError` with file and line for anything malformed, and `UsageError` for `path`
        `None` unless the knowledge is built in.
        """
