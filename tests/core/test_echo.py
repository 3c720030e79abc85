"""A text that a model re-typed, against the text that it read."""

import json
import random
import re
from collections import Counter
from importlib.resources import files

import pytest
from core import echo_reference
from hypothesis import given
from hypothesis import strategies as st

from nerharness.align import Aligner, Match, echo

# name, the text with the places marked, the echo with the spans marked
CASES = [
    ("same", "a ‹b c› d", "a ‹b c› d"),
    ("white space", "a ‹b\r\n  c› d", "a‹ b\u00a0c ›d"),
    ("dropped", "a ‹b x c› d", "a ‹b c› d"),
    ("added", "a ‹b c› d", "a ‹x b x c x› d"),
    ("added alone", "a b", "a ‹x› b"),
    ("changed", "acute ‹cardiac› arrest", "acute ‹heart› arrest"),
    ("misspelt", "the ‹lymphoma› is", "the big ‹lymfoma› was is"),
    ("merged", "a ‹renal failure› b", "a ‹renalfailure› b"),
    ("split", "‹beta-thalassemia› b", "‹beta-thal assemia› b"),
    ("one of two", "has type 1 and ‹type 2›", "has ‹type 2›"),
    ("inside a word", "Beta‹Thal›assemia", "beta‹thal›assemia"),
    ("nested", "‹‹lung› cancer› now", "‹‹lung› cancer› is now"),
    ("combining marks", "der ‹Sjo\u0308gren› x", "der ‹Sjögren›"),
    ("ligature and dotted i", "‹ﬁbrosis› in ‹İstanbul›", "‹fibrosis› in ‹istanbul›"),
    ("astral", "🙂🙂 ‹𝐀𝐓› 𝐁", "🙂 ‹AT› B"),
    ("ideographs", "患者‹发高热›三天", "患者‹发热›三天"),
    ("right to left", "יש ‹חוֹם› גבוה", "‹חום› גבוה"),
]


def unmarked(text: str) -> tuple[str, list[tuple[int, int]]]:
    bare, starts, spans = "", [], []
    for char in text:
        if char == "‹":
            starts.append(len(bare))
        elif char == "›":
            spans.append((starts.pop(), len(bare)))
        else:
            bare += char
    return bare, spans


@pytest.mark.parametrize(
    ("text", "output"), [pytest.param(*case, id=name) for name, *case in CASES]
)
def test_places(text: str, output: str) -> None:
    (text, expected), (output, spans) = unmarked(text), unmarked(output)
    found = echo(text, output, spans)
    assert len(found) == len(spans)
    assert [place for place in found if place] == expected


def test_matches_have_the_tier_and_score_of_their_similarity() -> None:
    text, output = "Gout, type 1 diabetes; lymphoma", "gout, type 2 diabetes; lymfoma"
    spans = [(0, 4), (6, 21), (13, 21), (23, 30)]
    assert [place and text[slice(*place)] for place in echo(text, output, spans)] == [
        "Gout",
        "type 1 diabetes",
        "diabetes",
        "lymphoma",
    ]
    found = Aligner(0.75).align_echo(text, output, spans)
    assert found == [
        Match(0, 4, "folded", 1.0),
        None,
        Match(13, 21, "exact", 1.0),
        Match(23, 31, "fuzzy", 0.75),
    ]
    assert Aligner(0.76).align_echo(text, output, spans)[3] is None


@pytest.mark.parametrize(
    ("span", "message"),
    [
        ((1, 1), r"span 1 \[1, 1\) is empty"),
        ((2, 1), r"span 1 \[2, 1\) ends before it starts"),
        ((0, 3), r"span 1 \[0, 3\) leaves the text, which ends at 2"),
        ((3, 3), r"span 1 \[3, 3\) leaves the text"),
        ((-1, 1), r"span 1 \[-1, 1\) must not be negative"),
    ],
)
def test_spans_that_are_none_are_refused(span: tuple[int, int], message: str) -> None:
    for align in (echo, Aligner().align_echo):
        with pytest.raises(ValueError, match=message):
            align("gout", "é🙂", [(0, 2), span])


def test_lone_surrogates_are_refused() -> None:
    for align in (echo, Aligner().align_echo):
        with pytest.raises(ValueError, match="text has a lone surrogate at character 1"):
            align("a\ud800", "a", [])
        with pytest.raises(ValueError, match="echo has a lone surrogate at character 0"):
            align("a", "\udfff", [])


@given(st.text(max_size=30), st.data())
def test_a_text_is_its_own_echo(text: str, data: st.DataObject) -> None:
    text = "a" + text
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    place = echo(text, text, [(start, end)])[0]
    kinds = [echo_reference.kind(char) for char in text[start:end]]
    if "unseen" not in kinds:
        solid = [start + index for index, kind in enumerate(kinds) if kind != "gap"]
        assert place == ((solid[0], solid[-1] + 1) if solid else None)


WORDS = [
    *["lupus", "Lupus", "lupos", "renal", "failure", "renalfailure", "renal-failure", "type", "1"],
    *["2", "mg", "5mg", "5", "Sjögren", "Sjo\u0308gren", "ﬁbrosis", "fibrosis", "beta", "βeta"],
    *["thal", "betathal", "and", "an", "of", "(", ").", ",", "-", "“", "发热", "发", "热病", "ก้ข"],
    *[
        "tele\u00adangi",
        "telangi",
        "🙂",
        "𝐀b",
        "Ab",
        "İl",
        "il",
        "ß",
        "ss",
        "\u200b",
        "\ufeff",
        "e\u0301",
    ],
]


def retyped(words: list[str], rng: random.Random) -> list[str]:
    output = []
    for word in words:
        place = rng.randrange(len(word))
        slips = [word[:place] + word[place + 1 :], word.upper(), word + " ", word[:place] + " x"]
        choices = [*[[word]] * 6, [], [rng.choice(WORDS)], [word, rng.choice(WORDS)]]
        output += rng.choice([*choices, [rng.choice(slips)]])
    return output


@pytest.mark.parametrize("seed", range(6))
def test_places_are_those_of_the_reference(seed: int) -> None:
    rng = random.Random(seed)
    compared: Counter[bool] = Counter()
    for _ in range(300):
        words = rng.choices(WORDS, k=rng.randrange(1, 9))
        space = rng.choice(["", " ", " ", "\n"])
        text, output = space.join(words), space.join(retyped(words, rng))
        edges = [sorted(rng.choices(range(len(output) + 1), k=2)) for _ in range(4)]
        spans = [(start, end) for start, end in edges if start < end]
        expected = echo_reference.echo(text, output, spans)
        if expected is not None:
            assert echo(text, output, spans) == expected, (text, output, spans)
            compared.update(place is not None for place in expected)
    assert compared[True] > 200 and compared[False] > 10, "the examples are too easy or too odd"


def passages() -> list[tuple[str, list[tuple[int, int]]]]:
    """The sample corpus: each text with the spans of its entities."""
    found = []
    for split in ("train", "dev", "test"):
        lines = (files("nerharness") / "data" / "sample" / f"{split}.jsonl").read_text("utf-8")
        for record in map(json.loads, lines.splitlines()):
            fragments = [
                e.get("fragments", [(e.get("start"), e.get("end"))]) for e in record["entities"]
            ]
            spans = [(start, end) for entity in fragments for start, end in entity]
            found.append((record["text"], spans))
    return found


def misspelt(word: str, rng: random.Random) -> str:
    place, letter = rng.randrange(len(word)), rng.choice("abcdefghijklmnopqrstuvwxyz")
    before, here, after = word[:place], word[place], word[place + 1 :]
    slips = [before + after, before + letter + here + after, before + letter + after]
    slips += [before + after[:1] + here + after[1:]]
    return rng.choice([slip for slip in slips if slip and slip != word] or [word + letter])


class Typist:
    """A model that drops, misspells and adds one word in thirty each."""

    def __init__(self, text: str, rng: random.Random, lexicon: list[str]) -> None:
        self.output = ""
        # For each word its span in the text, its span in the output if it has one, what happened.
        self.words: list[tuple[tuple[int, int], tuple[int, int] | None, str]] = []
        last = 0
        for word in re.finditer(r"\w+", text):
            self.output += text[last : word.start()]
            self.type(word, rng, lexicon)
            last = word.end()
        self.output += text[last:]

    def type(self, word: re.Match[str], rng: random.Random, lexicon: list[str]) -> None:
        what = rng.choices(["same", "dropped", "misspelt", "added"], [91, 3, 3, 3])[0]
        start = len(self.output)
        if what == "dropped":
            self.words.append((word.span(), None, what))
            return
        self.output += misspelt(word[0], rng) if what == "misspelt" else word[0]
        self.words.append((word.span(), (start, len(self.output)), what))
        if what == "added":
            self.output += " " + rng.choice(lexicon)

    def tag(self, span: tuple[int, int]) -> tuple[str, tuple[int, int], tuple[int, int]] | None:
        """What happened to a span; where its words are now, and where those were; if any are."""
        inside = [word for word in self.words if word[0][0] < span[1] and span[0] < word[0][1]]
        typed = [(old, new) for old, new, _ in inside if new]
        if not typed:
            return None
        # A word added after the last one is not in the span.
        happened = {what for _, _, what in inside[:-1]} | ({inside[-1][2]} - {"added"})
        what = "+".join(sorted(happened - {"same"})) or "same"
        return what, (typed[0][1][0], typed[-1][1][1]), (typed[0][0][0], typed[-1][0][1])


def test_the_entities_of_the_sample_are_found_in_its_echo() -> None:
    rng = random.Random(8)
    sample = passages()
    lexicon = sorted({word for text, _ in sample for word in re.findall(r"\w+", text)})
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for text, spans in sample * 4:
        typist = Typist(text, rng, lexicon)
        tags = [tag for tag in map(typist.tag, spans) if tag]
        places = echo(text, typist.output, [typed for _, typed, _ in tags])
        for (what, _, expected), place in zip(tags, places, strict=True):
            total[what] += 1
            right[what] += place == expected
    assert min(total[what] for what in ("same", "dropped", "misspelt", "added")) > 100
    share = {what: right[what] / total[what] for what in total}
    assert share["same"] > 0.998
    assert share["misspelt"] > 0.98
    assert share["dropped"] > 0.98
    assert share["added"] > 0.98
