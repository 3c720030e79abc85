"""What a run knows about one document: a line of its journal."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, cast

from nerharness.flatten import LONGEST, Policy
from nerharness.runs.lookup import Lookup
from nerharness.scoring.pair import Frequencies, Gap, Pair
from nerharness.types import (
    Document,
    Entity,
    Example,
    Mention,
    Message,
    Prompt,
    Role,
    Sampling,
    Span,
    Token,
    Usage,
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A prompt and its completion, as recorded."""

    messages: tuple[tuple[str, str], ...]
    """Role and content of each turn."""
    completion: str
    finish: str
    prefix: str = ""
    """The beginning of the answer that was given with the messages."""
    tokens: tuple[Token, ...] | None = None
    """The tokens of the completion, if their log-probabilities were asked for and given."""
    sampling: Sampling | None = None
    """How the completion was drawn, if it was."""

    def prompt(self) -> Prompt:
        """Return what was asked, as far as it is recorded."""
        messages = (Message(cast("Role", role), content) for role, content in self.messages)
        return Prompt(tuple(messages), prefix=self.prefix, sampling=self.sampling)


@dataclass(frozen=True, slots=True)
class Outputs:
    """How the answers about a document could be read."""

    total: int = 0
    parse_failed: int = 0
    repaired: int = 0
    truncated: int = 0
    problems: Mapping[str, int] = field(default_factory=dict)
    reasoning: int = 0
    """How many answers began with reasoning, which is not read."""


@dataclass(frozen=True, slots=True)
class Record:
    """A finished document: gold and predicted entities, and how the latter came about.

    Holds all that scores and reports need, so that a run is whole without its corpus. `seconds` is
    the time since the document before it was finished.
    """

    id: str
    text: str
    tokens: tuple[Span, ...]
    gold: tuple[Entity, ...]
    entities: tuple[Entity, ...]
    sentences: tuple[Span, ...] = ()
    units: tuple[Span, ...] = ()
    """What was read by itself, if the document was not read whole."""
    confidences: tuple[float | None, ...] = ()
    """One for each entity, if the run asked for them."""
    tiers: Mapping[str, int] = field(default_factory=dict)
    ungrounded: tuple[Mention, ...] = ()
    gaps: tuple[Gap, ...] = ()
    """Stretches of the text about which there is no answer."""
    frequencies: Frequencies | None = None
    outputs: Outputs = Outputs()
    transcript: tuple[Exchange, ...] = ()
    retrieved: tuple[Lookup, ...] = ()
    usage: Usage = Usage()
    seconds: float = 0.0
    error: str | None = None

    @classmethod
    def of(cls, example: Example, entities: tuple[Entity, ...], **rest: Any) -> Record:
        """Build the record of a corpus example."""
        document = example.document
        return cls(
            id=document.id,
            text=document.text,
            tokens=document.tokens,
            sentences=document.sentences,
            gold=example.entities,
            entities=entities,
            **rest,
        )

    def without(self, labels: Container[str]) -> Record:
        """Return the record without the predicted entities that have one of the labels."""
        kept = [place for place, one in enumerate(self.entities) if one.label not in labels]
        known = self.frequencies
        return replace(
            self,
            entities=tuple(self.entities[place] for place in kept),
            confidences=tuple(self.confidences[place] for place in kept if self.confidences),
            frequencies=known
            and Frequencies(known.gold, tuple(known.predicted[place] for place in kept)),
        )

    def pair(self, policy: Policy = LONGEST) -> Pair:
        """Return what is scored; `policy` says which of entities that overlap is tagged."""
        return Pair(
            self.gold,
            self.entities,
            Document(self.id, self.text, self.tokens, self.sentences),
            self.confidences,
            self.ungrounded,
            self.gaps,
            self.frequencies,
            units=self.units,
            policy=policy,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {
            "id": self.id,
            "text": self.text,
            "tokens": [[token.start, token.end] for token in self.tokens],
            "sentences": [[sentence.start, sentence.end] for sentence in self.sentences],
            "units": [[unit.start, unit.end] for unit in self.units],
            "gold": [_entity_to_json(entity) for entity in self.gold],
            "entities": [_entity_to_json(entity) for entity in self.entities],
            "confidences": list(self.confidences),
            "tiers": dict(self.tiers),
            "ungrounded": [[mention.text, mention.label] for mention in self.ungrounded],
            "gaps": [[gap.span.start, gap.span.end, gap.cause] for gap in self.gaps],
            "frequencies": self.frequencies and list(map(list, self.frequencies)),
            "outputs": _members(self.outputs),
            "transcript": [_exchange_to_json(exchange) for exchange in self.transcript],
            "retrieved": [lookup.to_json() for lookup in self.retrieved],
            "usage": _members(self.usage),
            "seconds": self.seconds,
            "error": self.error,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Record:
        """Read a record back; `KeyError`, `TypeError` or `ValueError` if it is none."""
        return cls(
            id=value["id"],
            text=value["text"],
            tokens=tuple(Span(start, end) for start, end in value["tokens"]),
            sentences=tuple(Span(start, end) for start, end in value.get("sentences", ())),
            units=tuple(Span(start, end) for start, end in value.get("units", ())),
            gold=tuple(_entity_from_json(entity) for entity in value["gold"]),
            entities=tuple(_entity_from_json(entity) for entity in value["entities"]),
            confidences=tuple(value["confidences"]),
            tiers=value["tiers"],
            ungrounded=tuple(Mention(text, label) for text, label in value["ungrounded"]),
            gaps=tuple(Gap(Span(a, b), cause) for a, b, cause in value.get("gaps", ())),
            frequencies=_frequencies_from_json(value.get("frequencies")),
            outputs=Outputs(**value["outputs"]),
            transcript=tuple(_exchange_from_json(turn) for turn in value["transcript"]),
            retrieved=tuple(Lookup.from_json(one) for one in value.get("retrieved", ())),
            usage=Usage(**value["usage"]),
            seconds=value["seconds"],
            error=value["error"],
        )


def _members(value: Outputs | Usage | Exchange | Sampling) -> dict[str, Any]:
    """Return the fields by name, as they are; `asdict` would copy all that they hold."""
    return {one.name: getattr(value, one.name) for one in fields(value)}


def _exchange_to_json(exchange: Exchange) -> dict[str, Any]:
    drawn = exchange.sampling
    return {**_members(exchange), "sampling": None if drawn is None else _members(drawn)}


def _entity_to_json(entity: Entity) -> list[Any]:
    return [entity.label, [[part.start, part.end] for part in entity.fragments]]


def _entity_from_json(value: Any) -> Entity:
    label, fragments = value
    return Entity(label, tuple(Span(start, end) for start, end in fragments))


def _frequencies_from_json(value: Any) -> Frequencies | None:
    return Frequencies(*map(tuple, value)) if value else None


def _exchange_from_json(value: Mapping[str, Any]) -> Exchange:
    messages = tuple((role, content) for role, content in value["messages"])
    said = value.get("tokens")
    tokens = None if said is None else tuple(Token(text, logprob) for text, logprob in said)
    drawn = value.get("sampling")
    return Exchange(
        messages,
        value["completion"],
        value["finish"],
        value["prefix"],
        tokens,
        None if drawn is None else Sampling(**drawn),
    )
