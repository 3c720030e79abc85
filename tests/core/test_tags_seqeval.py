"""Tags against seqeval, which no one here wrote: the same entities, the same last bit.

More than 100,000 sequences of tags are decoded, and about as many are scored.
"""

import random
import warnings
from collections import UserList
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval import scheme as seqeval_scheme
from seqeval.metrics import classification_report
from seqeval.metrics.sequence_labeling import get_entities

from nerharness.metrics import Average, Counts
from nerharness.tags import Mode, Scheme, decode, score_tags

pytestmark = pytest.mark.filterwarnings("ignore")

SCHEMES: list[Scheme] = ["IOB1", "IOB2", "IOE1", "IOE2", "BIOES", "IOBES", "BILOU"]
TWINS = {name: getattr(seqeval_scheme, name.replace("BIOES", "IOBES")) for name in SCHEMES}
LETTERS = {name: "".join(sorted(set("IOBES" if "S" in name else name[:3]))) for name in SCHEMES}
LETTERS["BILOU"] = "BILOU"
ODD = ["B", "I-", "E", "S--A", "X-A", ".-A", ".", "-A", "_", "BA", "I-A-B", "L-A", "U", "o", "é-A"]
ODD += ["O-A", "O-", "OA", "I_A", "-", "--", "B--", "B-A-", "I--A", "疾病", "B-疾病", "I-疾病"]
ODD += ["🙂-A", "B-e\u0301", "I-é", "I-a", "b-A", "B-O", "I-_", "B-B-A", "\0-A", "I-\0", "I-\t"]
ODD += [" B-A", "I- A", "B-A ", " "]
SEQUENCES = 8_500
CORPORA = 500


class Text(str):
    """A tag that is not quite a string, and never the same object as another."""

    __slots__ = ()


def tags(rng: random.Random, letters: str, odd: float, length: int) -> list[str]:
    """A sequence of tags that are mostly of the scheme."""
    found = []
    for _ in range(length):
        letter = rng.choice(letters)
        label = rng.choice(["A", "A", "B", "C-D"])
        found.append("O" if letter == "O" else f"{letter}-{label}")
        if rng.random() < odd:
            found[-1] = rng.choice(ODD)
    return found


def disguised(rng: random.Random, sentence: list[str]) -> Sequence[str]:
    """The same tags as other objects, some of them shared, in another sequence."""
    kinds: list[Callable[[Any], Sequence[str]]] = [list, list, tuple, UserList]
    texts = [Text(tag) if rng.random() < 0.2 else tag for tag in sentence]
    return rng.choice(kinds)(texts)


def as_iobes(sentence: list[str]) -> list[str]:
    """Lenient BILOU is lenient IOBES with E for L and S for U."""
    return [{"L": "E", "U": "S"}.get(tag[0], tag[0]) + tag[1:] for tag in sentence]


def lenient(sentence: list[str]) -> list[tuple[str, int, int]]:
    return [(label, start, end + 1) for label, start, end in get_entities(sentence)]


def strict(sentence: list[str], scheme: Scheme) -> list[tuple[str, int, int]]:
    found = seqeval_scheme.Tokens(sentence, TWINS[scheme]).entities
    return [(entity.tag, entity.start, entity.end) for entity in found]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_lenient_entities_are_those_of_seqeval(scheme: Scheme) -> None:
    rng = random.Random(1)
    for _ in range(SEQUENCES):
        letters = rng.choice([LETTERS[scheme], "BIOES", "BILOU"])
        sentence = tags(rng, letters, rng.choice([0, 0.1, 0.5, 1]), rng.randrange(9))
        expected = lenient(as_iobes(sentence) if scheme == "BILOU" else sentence)
        assert decode(disguised(rng, sentence), scheme) == expected, sentence


@pytest.mark.parametrize("scheme", SCHEMES)
def test_strict_entities_are_those_of_seqeval(scheme: Scheme) -> None:
    rng, refused = random.Random(2), 0
    for _ in range(SEQUENCES):
        sentence = tags(rng, LETTERS[scheme], rng.choice([0, 0, 0.02, 0.2]), rng.randrange(9))
        try:
            expected = strict(sentence, scheme)
        except (KeyError, ValueError):
            refused += 1
            with pytest.raises(ValueError, match="prefix"):
                decode(sentence, scheme, "strict")
        else:
            assert decode(disguised(rng, sentence), scheme, "strict") == expected, sentence
    assert SEQUENCES / 30 < refused < SEQUENCES / 2


@settings(max_examples=1_000, deadline=None)
@given(st.lists(st.text("BIOESLUX-_. AéA", min_size=1, max_size=5), max_size=7))
def test_any_tags_are_read_as_seqeval_reads_them(sentence: list[str]) -> None:
    assert decode(sentence) == lenient(sentence)
    for scheme in SCHEMES:
        try:
            expected = strict(sentence, scheme)
        except (KeyError, ValueError):
            with pytest.raises(ValueError, match="prefix"):
                decode(sentence, scheme, "strict")
        else:
            assert decode(sentence, scheme, "strict") == expected


def report(gold: Any, pred: Any, scheme: Scheme, mode: Mode) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if mode == "strict":
            twin = TWINS[scheme]
            return dict(
                classification_report(gold, pred, output_dict=True, mode="strict", scheme=twin)
            )
        if scheme == "BILOU":
            gold, pred = [*map(as_iobes, gold)], [*map(as_iobes, pred)]
        return dict(classification_report(gold, pred, output_dict=True))


def row(one: Counts | Average, support: int) -> dict[str, float]:
    values = {"precision": one.precision, "recall": one.recall, "f1-score": one.f1}
    return {**values, "support": support}


def corpus(rng: random.Random, letters: str, odd: float) -> tuple[Any, Any]:
    gold, pred = [], []
    for _ in range(rng.randrange(1, 15)):
        length = rng.randrange(9)
        gold.append(tags(rng, letters, odd, length))
        pred.append(list(gold[-1]))
        for index in range(length):
            if rng.random() < 0.2:
                (pred[-1][index],) = tags(rng, letters, odd, 1)
    return gold, pred


@pytest.mark.parametrize("mode", ["lenient", "strict"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_scores_are_those_of_the_report_to_the_last_bit(scheme: Scheme, mode: Mode) -> None:
    rng, compared, refused = random.Random(3), 0, 0
    for _ in range(CORPORA):
        letters = rng.choice([LETTERS[scheme], "BIOES"]) if mode == "lenient" else LETTERS[scheme]
        odd = rng.choice([0, 0, 0.01] if mode == "strict" else [0, 0.2, 1])
        gold, pred = corpus(rng, letters, odd)
        disguises = [[disguised(rng, sentence) for sentence in side] for side in (gold, pred)]
        try:
            expected = report(gold, pred, scheme, mode)
        except (KeyError, ValueError):
            assert mode == "strict"
            refused += 1
            with pytest.raises(ValueError, match=r"sentence \d+, tag \d+ .*prefix"):
                score_tags(gold, pred, scheme, mode)
            continue
        scores = score_tags(*disguises, scheme, mode)
        support = scores.micro.support
        found = {label: row(one, one.support) for label, one in scores.labels.items()}
        found["micro avg"] = row(scores.micro, support)
        found["macro avg"] = row(scores.macro, support)
        found["weighted avg"] = row(scores.weighted, support)
        if not scores.labels:
            # The one difference: without a label seqeval's macro average is not a number.
            found["macro avg"] = expected["macro avg"]
        assert found == expected
        assert list(scores.labels) == sorted(scores.labels)
        compared += bool(scores.labels)
    assert compared > CORPORA / 2
    assert bool(refused) == (mode == "strict")


def test_averages_over_many_labels_are_those_of_seqeval_to_the_last_bit() -> None:
    rng = random.Random(4)
    for count in (7, 8, 9, 40, 130, 300):
        labels = [f"L{number}" for number in range(count)]
        gold = [[f"B-{rng.choice(labels)}" for _ in range(1_500)]]
        pred = [[tag if rng.random() < 0.6 else f"B-{rng.choice(labels)}" for tag in gold[0]]]
        scores, expected = score_tags(gold, pred), report(gold, pred, "IOB2", "lenient")
        assert row(scores.macro, 1_500) == expected["macro avg"]
        assert row(scores.weighted, 1_500) == expected["weighted avg"]
        for label, one in scores.labels.items():
            assert row(one, one.support) == expected[label]


def test_an_unknown_prefix_reaches_back_into_the_sentence_before() -> None:
    gold, pred = [["B-A"], ["X", "B-B"]], [["B-A"], ["O", "B-B"]]
    scores, expected = score_tags(gold, pred), report(gold, pred, "IOB2", "lenient")
    assert set(scores.labels) == set(expected) - {"micro avg", "macro avg", "weighted avg"}
    assert "_" in scores.labels
