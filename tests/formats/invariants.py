"""What holds for every format's reading of any answer, and samples to check it on."""

from __future__ import annotations

import random
from collections.abc import Mapping

from nerharness.align import Aligner
from nerharness.formats import nerharness_formats
from nerharness.plugin import Format
from nerharness.runs.grounding import ground
from nerharness.segment import segment
from nerharness.types import Entity, Example, Label, LabelSet, Reading, Span, Unit

FORMATS: Mapping[str, Format] = {
    name: provider.make(name, options={}) for name, provider in nerharness_formats().items()
}
LABELS = LabelSet((Label("sign", "seen"), Label("rare disease"), Label("UMLS:Pain"), Label("C++")))
ALIGNER = Aligner()
TEXTS = (
    "Wilson disease causes tremor, rigidity and pain: WD (n = 12, p<0.05) is rare; so is WD.",
    "<sign>fever</sign> [pain | sign] @@chills## sign: rash\nfever : B-sign <|im_end|> &lt;sign> "
    '{"sign": ["fever"]} [{"text": "fever", "label": "sign"}] @user #tag C# a@@b ## [3H] x | y',
    'Naïve "Sjögren" – 発熱 и боль 👩‍⚕️ e\u0301 ﬁ\xa0שלום \u2028 none\r\n\r\n1.5 mg <5 a\\b',
    " \n",
)


def whole(example: Example) -> Unit:
    return Unit(example.document, Span(0, len(example.document.text)))


def sample(text: str, draw: random.Random) -> Example:
    """The text with random entities on its tokens, some nested, crossing or discontinuous."""
    document = segment("d", text)
    entities: list[Entity] = []
    for _ in range(draw.randint(0, 6) if document.tokens else 0):
        first, last = sorted(draw.choices(range(len(document.tokens)), k=2))
        last = min(last, first + draw.randint(0, 4))
        start, end = document.tokens[first].start, document.tokens[last].end
        fragments: tuple[Span, ...] = (Span(start, end),)
        if last > first + 1 and draw.random() < 0.2:
            fragments = (document.tokens[first], document.tokens[last])
        entities.append(Entity(draw.choice(LABELS.names), fragments))
    return Example(document, tuple(dict.fromkeys(entities)))


def asked_of(form: Format, draw: random.Random) -> LabelSet:
    return LABELS.only(draw.choice(LABELS.names)) if form.one_label else LABELS


def check(form: Format, answer: str, unit: Unit, labels: LabelSet) -> Reading:
    """Read the answer and assert what holds for any."""
    reading = form.parse(answer, unit, labels)
    assert (reading.status == "clean") == (not reading.problems), reading
    assert reading.status in ("clean", "repaired", "failed")
    assert all(count > 0 for count in reading.problems.values()), reading
    if reading.status == "failed":
        assert not reading.mentions
    for mention in reading.mentions:
        assert mention.label in labels.names
        assert mention.text.strip()
        assert mention.span is None or mention.span.end <= len(unit.text)
        assert mention.source is None or mention.source.end <= len(answer)
    ground(unit, reading.mentions, ALIGNER)
    return reading
