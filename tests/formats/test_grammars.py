"""What the grammars allow: gold answers yes, forged ones no; and whatever they allow reads well."""

from __future__ import annotations

import random
import tarfile
import unicodedata

import pytest
from corpora.test_real import DATA
from formats.constrained import Walker
from formats.invariants import ALIGNER, FORMATS, TEXTS, asked_of, check, sample, whole

from nerharness.corpora.brat import BratReader
from nerharness.corpora.conll import ConllReader
from nerharness.corpora.sample import Sample
from nerharness.corpora.sources import read_corpus
from nerharness.flatten import flatten
from nerharness.grammar import Level, pieces
from nerharness.runs.grounding import ground
from nerharness.segment import segment, tokenize
from nerharness.types import (
    Constraint,
    Corpus,
    Document,
    Entity,
    Example,
    Label,
    LabelSet,
    Span,
    Unit,
)

COPIES = ("inline", "brackets", "markers")
VISIBLE = [text for text in TEXTS if text.strip()]
PLAIN = LabelSet((Label("sign"), Label("rare disease")))
TEXT = "Wilson disease causes tremor, p<0.05 [1] | a."


def constraint(name: str, unit: Unit, labels: LabelSet, level: Level) -> Constraint:
    made = FORMATS[name].constrain(unit, labels, level)
    assert made is not None
    return made


def on_edges(example: Example) -> Example:
    """The example flat, without entities that a grammar does not name.

    They begin or end where the text is not cut, have nothing visible, or are symbols and white
    space that do not stand on a line.
    """
    edges, at = {0}, 0
    for piece in pieces(whole(example)):
        at += len(piece)
        edges.add(at)
    flat = [Entity(label, (span,)) for label, span in flatten(example.entities).spans]
    kept = [e for e in flat if {e.span.start, e.span.end} <= edges and named(e, example)]
    return Example(example.document, tuple(kept))


def named(entity: Entity, example: Example) -> bool:
    surface = entity.surface(example.document.text)
    seen = any(unicodedata.category(char) != "Cc" and not char.isspace() for char in surface)
    letters = sum(char.isalnum() for char in surface)
    return seen and (letters > 2 or surface == " ".join(surface.split()))


@pytest.mark.parametrize("name", FORMATS)
def test_free_answers_are_not_held(name: str) -> None:
    unit = whole(sample(TEXT, random.Random(0)))
    assert FORMATS[name].constrain(unit, PLAIN, "free") is None


@pytest.mark.parametrize("level", ["schema", "grounded"])
@pytest.mark.parametrize("name", FORMATS)
def test_gold_answers_are_allowed(name: str, level: Level, walks: Walker) -> None:
    draw = random.Random(5)
    simple = level == "schema" and name in COPIES  # in copies of that shape "<" begins a tag
    texts = [text for text in VISIBLE if level != "schema" or "\x7f" not in text]
    for text in ("Wilson disease (n = 12) causes tremor.",) * 8 if simple else texts * 4:
        example = on_edges(sample(text, draw))
        labels = asked_of(FORMATS[name], draw)
        answer = FORMATS[name].demonstrate(example, labels)
        assert walks.allows(constraint(name, whole(example), labels, level), answer), answer


@pytest.mark.parametrize("level", ["schema", "grounded"])
@pytest.mark.parametrize("name", FORMATS)
def test_labels_may_have_any_character(name: str, level: Level, walks: Walker) -> None:
    label = 'si\x7fgn "\\\x07'
    example = Example(segment("d", "He has gout."), (Entity.at(label, 7, 11),))
    labels = LabelSet((Label(label),))
    answer = FORMATS[name].demonstrate(example, labels)
    assert walks.allows(constraint(name, whole(example), labels, level), answer)


WORDS = [TEXT[token.start : token.end] for token in tokenize(TEXT)]
GOLD = {
    "json": '[{"text": "tremor", "label": "sign"}]',
    "json-by-label": '{"sign": ["tremor"], "rare disease": []}',
    "lines": "sign: tremor",
    "inline": TEXT.replace("tremor", "<sign>tremor</sign>"),
    "brackets": "Wilson disease causes [tremor | sign], p<0.05 &#91;1&#93; | a.",
    "markers": TEXT.replace("tremor", "@@tremor##"),
    "bio": "\n".join(f"{word} : {'B-sign' if word == 'tremor' else 'O'}" for word in WORDS),
}
FORGED = [
    (name, level, *change)
    for name in FORMATS
    for level, change in [
        ("grounded", ("tremor", "tremors")),
        ("grounded", ("tremor", "xylophone")),
        ("grounded", ("tremor", "remor")),
        ("schema", ("sign", "gene")),
        ("grounded", ("sign", "gene")),
    ]
    if change[0] in GOLD[name]
] + [
    ("json", "schema", "]", "] "),
    ("json", "schema", "tremor", "\\n"), ("json", "grounded", "tremor", "\\n"),
    ("json", "schema", "[", "Sure: ["),
    ("json-by-label", "schema", '"sign"', '"rare disease"'), ("lines", "schema", "sign: ", "sign:"),
    ("inline", "schema", "</sign>", "</sign></sign>"), ("inline", "schema", "</sign>", ""),
    ("inline", "schema", "<sign>", ""), ("inline", "schema", "</sign>", "</rare_disease>"),
    ("inline", "schema", "tremor", " "), ("brackets", "schema", "tremor", ""),
    ("inline", "grounded", "</sign>", "</rare_disease>"), ("inline", "grounded", "Wilson ", ""),
    ("inline", "grounded", "</sign>", " </sign>"), ("inline", "grounded", " <sign>", "<sign> "),
    ("inline", "grounded", "tremor", ""), ("inline", "grounded", " a.", " a. a."),
    ("inline", "grounded", "0.05", "0.5"), ("brackets", "schema", " | sign]", ""),
    ("brackets", "grounded", "&#91;", "["), ("markers", "schema", "##", ""),
    ("markers", "grounded", "##", "####"), ("markers", "grounded", "@@tremor", "tremor"),
    ("bio", "grounded", "B-sign", "I-sign"), ("bio", "schema", "B-sign", "I-sign"),
    ("bio", "grounded", "causes : O\n", ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "level", "old", "new"), FORGED)
def test_forged_answers_are_not(name: str, level: Level, old: str, new: str, walks: Walker) -> None:
    unit = whole(Example(segment("d", TEXT), ()))
    labels = PLAIN.only("sign") if name == "markers" else PLAIN
    held = constraint(name, unit, labels, level)
    assert walks.allows(held, GOLD[name])
    assert old in GOLD[name]
    assert not walks.allows(held, GOLD[name].replace(old, new))


@pytest.mark.parametrize(
    ("name", "text", "mention", "allowed"),
    [
        ("lines", "Reflexes: +\n+ on both sides.", "+ +", True),
        ("lines", "Reflexes: +  + on both sides.", "+ +", True),
        ("lines", "Reflexes: +  + on both sides.", "+  +", False),
        ("lines", "Of type a\n1.", "a 1", True),
        ("lines", "Of type a\n1.", "type a 1", True),
        (
            "lines",
            "An \u1112\u1161\u11ab\n\u1100\u1173 x.",
            "\u1112\u1161\u11ab \u1100\u1173",
            True,
        ),
        ("lines", "Pain \x07 here.", "\x07", False),
        ("lines", "Pain \x07 here.", "Pain \x07 here", True),
        ("lines", "Pain \x07 here.", "\x07 here", True),
        ("json", "Pain \x07 here.", "\x07", False),
        ("json", "Pain \x00 here.", "\x00", False),
        ("json", "Pain \x7f here.", "\x7f", False),
        ("json", "Pain \x07 here.", "\x07 here", True),
        ("json", "Pain \x07 here.", "Pain \x07", True),
        ("json", "Pain \x07 here.", "Pain \x07 here", True),
        ("json-by-label", "Pain \x85 here.", "\x85", False),
    ],
)
def test_only_what_alignment_finds_is_a_mention(
    name: str, text: str, mention: str, allowed: bool, walks: Walker
) -> None:
    labels = LabelSet((Label("sign"),))
    held = constraint(name, whole(Example(segment("d", text), ())), labels, "grounded")
    answer = FORMATS[name].demonstrate(named_alone(mention), labels)
    answer = f"sign: {mention}" if name == "lines" else answer
    assert walks.allows(held, answer) == allowed
    if allowed:
        grounded(name, whole(Example(segment("d", text), ())), answer, labels)


def named_alone(mention: str) -> Example:
    return Example(segment("d", mention), (Entity.at("sign", 0, len(mention)),))


@pytest.mark.parametrize("name", FORMATS)
def test_tokens_may_begin_with_a_control_character(name: str, walks: Walker) -> None:
    text = "\x07gout \x07"
    document = Document("d", text, (Span(0, 5), Span(6, 7)), (Span(0, 7),))
    example = Example(document, (Entity.at("sign", 0, 5),))
    labels = LabelSet((Label("sign"),))
    held = constraint(name, whole(example), labels, "grounded")
    answer = FORMATS[name].demonstrate(example, labels)
    assert walks.allows(held, answer)
    grounded(name, whole(example), answer, labels)


def test_an_answer_may_end_only_where_the_copy_does(walks: Walker) -> None:
    unit = whole(Example(segment("d", TEXT), ()))
    held = constraint("inline", unit, PLAIN, "grounded")
    assert not any(walks.allows(held, TEXT[:end]) for end in range(len(TEXT)))


@pytest.mark.parametrize("name", FORMATS)
def test_long_texts_are_cut_into_blocks_at_the_ends_of_sentences(name: str, walks: Walker) -> None:
    sentence = "Of these patients 12 had tremor, <sign> of Wilson disease (WD) or pain. "
    document = segment("d", sentence * 60)
    entities = tuple(
        Entity.at("sign", at, at + 6) for at in range(25, len(document.text), len(sentence))
    )
    example = Example(document, entities)
    labels = PLAIN.only("sign") if name == "markers" else PLAIN
    held = constraint(name, whole(example), labels, "grounded")
    assert walks.allows(held, FORMATS[name].demonstrate(example, labels))


def grounded(name: str, unit: Unit, answer: str, labels: LabelSet) -> None:
    """Assert that nothing in the answer is unknown, unread or without an exact place.

    In the order of the answer a mention may stand for a place that only resembles it.
    """
    reading = check(FORMATS[name], answer, unit, labels)
    assert reading.status == "clean", (name, answer, reading.problems)
    found = ground(unit, reading.mentions, ALIGNER)
    assert not found.ungrounded, (name, answer, found.ungrounded)
    spaces = name == "lines" and " ".join(unit.text.split()) != unit.text
    for mention in reading.mentions:
        if span := mention.span:
            assert mention.text == unit.text[span.start : span.end], (name, answer, mention)
        else:
            tiers = {match.tier for match in ALIGNER.candidates(unit.text, mention.text)}
            assert tiers & ({"exact", "folded"} if spaces else {"exact"}), (name, answer, mention)


@pytest.mark.parametrize("name", FORMATS)
def test_random_grounded_answers_are_grounded_exactly(name: str, walks: Walker) -> None:
    draw = random.Random(7)
    ended = 0
    for text in (*VISIBLE, TEXT) * 6:
        unit = whole(sample(text, draw))
        labels = asked_of(FORMATS[name], draw)
        answer = walks.walk(constraint(name, unit, labels, "grounded"), draw, 600)
        if answer is not None:
            ended += 1
            grounded(name, unit, answer, labels)
    assert ended > 12


@pytest.mark.parametrize("name", FORMATS)
def test_random_answers_of_the_right_shape_can_be_read(name: str, walks: Walker) -> None:
    draw = random.Random(8)
    for text in (*VISIBLE, TEXT) * 3:
        unit = whole(sample(text, draw))
        labels = asked_of(FORMATS[name], draw)
        answer = walks.walk(constraint(name, unit, labels, "schema"), draw, 300)
        if answer is not None:
            reading = check(FORMATS[name], answer, unit, labels)
            assert "unknown_label" not in reading.problems, answer
            if name not in (*COPIES, "bio"):  # of these the shape alone makes no copy
                assert reading.status == "clean", answer


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Corpus]:
    """The sample, and what else is at hand."""
    found = {"sample": read_corpus(Sample(), None, None)}
    if DATA.is_dir():
        for name in ("ncbi-disease/conll", "bc5cdr/iob", "wnut17"):
            found[name] = read_corpus(ConllReader(), DATA / name, None)
        folder = tmp_path_factory.mktemp("phee")
        with tarfile.open(DATA / "phee/clean-brat.tar.gz") as tar:
            tar.extractall(folder, filter="data")
        (root,) = folder.iterdir()
        found["phee"] = read_corpus(BratReader(), root, None)
    return found


@pytest.mark.parametrize("name", FORMATS)
def test_grounded_answers_about_corpora_are_grounded_exactly(
    name: str, walks: Walker, corpora: dict[str, Corpus]
) -> None:
    """Random answers about sentences of every corpus at hand, and gold ones about documents."""
    draw = random.Random(9)
    for title, corpus in corpora.items():
        examples = [example for split in corpus.splits.values() for example in split]
        ended = 0
        for example in draw.sample(examples, 8):
            labels = corpus.labels
            if FORMATS[name].one_label:
                labels = labels.only(draw.choice(labels.names))
            sentence = draw.choice(example.document.sentences)
            unit = Unit(example.document, Span(sentence.start, sentence.end))
            answer = walks.walk(constraint(name, unit, labels, "grounded"), draw, 800)
            if answer is not None:
                ended += 1
                grounded(name, unit, answer, labels)
            gold = on_edges(example)
            held = constraint(name, whole(gold), labels, "grounded")
            assert walks.allows(held, FORMATS[name].demonstrate(gold, labels)), (title, gold)
        assert ended, title
    if len(corpora) < 5:
        pytest.skip(f"only the sample was checked: no corpora in {DATA}")
