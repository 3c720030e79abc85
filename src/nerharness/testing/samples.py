"""What plugins are tried on: a small corpus, texts that are hard to handle, odd labels."""

from __future__ import annotations

from random import Random

from nerharness.plugin import Format
from nerharness.segment import segment
from nerharness.types import Entity, Example, Label, LabelSet, Passage, Span, Unit

LABELS = LabelSet((Label("disease", "an illness with a name"), Label("sign", "seen by others")))
"""The labels of `EXAMPLES`."""

ODD_LABELS = LabelSet(
    (Label("sign", "seen"), Label("rare disease"), Label("UMLS:Pain"), Label("C++"))
)
ODD_TEXTS = (
    "Wilson disease causes tremor, rigidity and pain: WD (n = 12, p<0.05) is rare; so is WD.",
    "<sign>fever</sign> [pain | sign] @@chills## sign: rash\nfever : B-sign <|im_end|> &lt;sign> "
    '{"sign": ["fever"]} [{"text": "fever", "label": "sign"}] @user #tag C# a@@b ## [3H] x | y',
    'Naïve "Sjögren" – 発熱 и боль 👩‍⚕️ e\u0301 ﬁ\xa0שלום \u2028 none\r\n\r\n1.5 mg <5 a\\b',
    " \n",
    "Pain",
    "Tremor\x7f (\x07 \x00) and  pain: + \n+, a\tb.",
    "\x07 \x7f",
)


def _example(id: str, text: str, *named: tuple[str, str]) -> Example:
    """Make an example in which each `(surface, label)` stands at the surface's first place."""
    found = [
        Entity.at(label, text.index(surface), text.index(surface) + len(surface))
        for surface, label in named
    ]
    return Example(segment(id, text), tuple(sorted(found, key=lambda entity: entity.span)))


EXAMPLES = (
    _example(
        "a", "Wilson disease causes tremor.", ("Wilson disease", "disease"), ("tremor", "sign")
    ),
    _example("b", "Gout came with redness of the toe.", ("Gout", "disease"), ("redness", "sign")),
    _example("c", "No sign of measles was seen.", ("measles", "disease")),
    _example("d", "She was well at the last visit."),
    _example(
        "e", "Jaundice and a rash led to the diagnosis.", ("Jaundice", "sign"), ("rash", "sign")
    ),
    _example("f", "Lupus, then gout: a rare pair.", ("Lupus", "disease"), ("gout", "disease")),
)
"""Gold-standard sentences for a plugin that learns from examples."""

QUESTION = _example(
    "q", "Measles with a rash and jaundice, but no tremor.",
    ("Measles", "disease"), ("rash", "sign"), ("jaundice", "sign"), ("tremor", "sign"),
)  # fmt: skip
"""What strategies are asked about."""

PASSAGES = (
    Passage("measles", "A viral illness with fever and spots.", ("rubeola",)),
    Passage("gout", "Crystals of uric acid in a joint.", id="D:1"),
    Passage("jaundice", "", ("icterus",), parents=("sign",)),
)


def whole(example: Example) -> Unit:
    """Return the unit that covers the example's whole document."""
    return Unit(example.document, Span(0, len(example.document.text)))


def sample(text: str, draw: Random) -> Example:
    """Return the text with random entities, some nested, crossing or discontinuous."""
    document = segment("d", text)
    entities: list[Entity] = []
    for _ in range(draw.randint(0, 6) if document.tokens else 0):
        first, last = sorted(draw.choices(range(len(document.tokens)), k=2))
        last = min(last, first + draw.randint(0, 4))
        start, end = document.tokens[first].start, document.tokens[last].end
        fragments: tuple[Span, ...] = (Span(start, end),)
        if last > first + 1 and draw.random() < 0.2:
            fragments = (document.tokens[first], document.tokens[last])
        entities.append(Entity(draw.choice(ODD_LABELS.names), fragments))
    return Example(document, tuple(dict.fromkeys(entities)))


def asked_of(form: Format, labels: LabelSet, draw: Random) -> LabelSet:
    """Return the labels that one question in the format is about: all, or one of them."""
    return labels.only(draw.choice(labels.names)) if form.one_label else labels
