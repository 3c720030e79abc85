"""Synthetic clinical notes with the mentions that a careless model extracts from them.

    notes(count=100, size=2_000, mentions=25, seed=0)

Of the mentions, in document order, half are exact; a fifth are changed in case, space, hyphen or
Unicode form; 15 % have one to three wrong letters; 5 % have a word left out or put in; 10 % are
invented. A mention that its kind of noise cannot change gets another kind, and the kind goes to
another mention, so that the shares hold over all notes.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from benchmarks.noise import change_form, change_word, edit_letters, occurrences
from benchmarks.prose import FILLERS, HEADINGS, SENTENCES
from benchmarks.vocabulary import HEADS, MISTAKEN, MODIFIERS, SLOTS, TERMS, Slot

Kind: TypeAlias = Literal["exact", "form", "edits", "word", "invented"]
SHARES: Final[dict[Kind, float]] = {
    "exact": 0.50,
    "form": 0.20,
    "edits": 0.15,
    "word": 0.05,
    "invented": 0.10,
}
PICKY: Final[tuple[Kind, ...]] = ("word", "edits", "form")  # the hardest to place first
SPACING: Final = 66  # characters of a long note for each term
SPARE: Final = 1.2  # terms of a note for each mention
POOL: Final = 0.0225, 0.9  # different terms of a note: factor and power of its size
SLOT_SHARES: Final[dict[Slot, float]] = {
    "disease": 0.45,
    "sign": 0.25,
    "drug": 0.15,
    "procedure": 0.15,
}
RELATED: Final = 0.3  # share of terms chosen for sharing a word with one of the note
SKEW: Final = 0.75  # of the frequencies of a note's terms
SENTENCES_PER_SECTION: Final = 6
ATTEMPTS: Final = 20


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A mention, and the occurrence ``[start, end)`` that it was made from, in code points.

    ``surface`` is that occurrence's text. An invented mention has no surface, start or end.
    """

    text: str
    kind: Kind
    surface: str | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its mentions, in document order; invented ones stand anywhere."""

    text: str
    mentions: tuple[Mentioned, ...]


Span: TypeAlias = tuple[int, int]


def notes(count: int, size: int, mentions: int, seed: int) -> list[Note]:
    """``count`` notes of about ``size`` characters, each with that many mentions."""
    rng = random.Random(seed)
    owed: Counter[Kind] = Counter()
    made = []
    for kinds in deal(rng, [mentions] * count):
        text, terms = _compose(rng, size, sum(kinds.values()) - kinds["invented"])
        made.append(Note(text, corrupt(rng, text, terms, kinds, owed, invent)))
    return made


def deal(rng: random.Random, sizes: Sequence[int]) -> Iterator[Counter[Kind]]:
    """The kinds of each note's mentions; over all notes they have exactly their shares."""
    total = sum(sizes)
    deck = [kind for kind, share in SHARES.items() for _ in range(round(share * total))]
    deck = (deck + ["exact"] * total)[:total]
    rng.shuffle(deck)
    for size in sizes:
        yield Counter(deck[:size])
        del deck[:size]


def corrupt(
    rng: random.Random,
    text: str,
    terms: Sequence[Span],
    kinds: Counter[Kind],
    owed: Counter[Kind],
    inventor: Callable[[random.Random, str], str],
) -> tuple[Mentioned, ...]:
    """Mentions of a random sample of a text's terms, and invented ones.

    ``owed`` are the kinds that earlier notes could not place; it is brought up to date.
    """
    true = min(sum(kinds.values()) - kinds["invented"], len(terms))
    left = sorted(rng.sample(terms, true))
    made: list[Mentioned] = []
    for kind in PICKY:
        owed[kind] += kinds[kind]
        for span in rng.sample(left, len(left)):
            if owed[kind] and (mentioned := _mention(rng, text, span, kind)):
                made.append(mentioned)
                left.remove(span)
                owed[kind] -= 1
    made += [Mentioned(text[a:b], "exact", text[a:b], a, b) for a, b in left]
    made.sort(key=lambda mentioned: mentioned.start or 0)
    for _ in range(kinds["invented"]):
        invented = Mentioned(inventor(rng, text), "invented")
        made.insert(rng.randint(0, len(made)), invented)
    return tuple(made)


def _mention(rng: random.Random, text: str, span: Span, kind: Kind) -> Mentioned | None:
    surface = text[slice(*span)]
    change = {"form": change_form, "edits": edit_letters, "word": change_word}[kind]
    for _ in range(ATTEMPTS):
        changed = change(rng, surface)
        if changed is None:
            return None
        if kind == "form" or not occurrences(text, changed):
            return Mentioned(changed, kind, surface, *span)
    return None


def invent(rng: random.Random, text: str) -> str:
    """A term that could stand in a note but not in this one, whatever its spaces and hyphens."""
    while True:
        way = rng.choices(("absent", "recombined", "mistaken"), (1, 1, 3))[0]
        (slot,) = rng.choices(SLOTS, tuple(SLOT_SHARES.values()))
        term: str | None = rng.choice(TERMS[slot])
        if way == "recombined":
            term = f"{rng.choice(MODIFIERS)} {rng.choice(HEADS)}"
        elif way == "mistaken":
            term = _mistake(rng, rng.choice(TERMS[slot]))
        if term and not occurrences(text, term):
            return term


def _mistake(rng: random.Random, term: str) -> str | None:
    others = set()
    for pair in MISTAKEN:
        for part, other in (pair, pair[::-1]):
            pattern = f"{part[1:]}\\b" if part.startswith("-") else f"\\b{part}"
            others.add(re.sub(pattern, other.removeprefix("-"), term, count=1))
    changed = sorted(others - {term})
    return rng.choice(changed) if changed else None


def _compose(rng: random.Random, size: int, needed: int) -> tuple[str, list[Span]]:
    wanted = max(SPARE * needed, size / SPACING)
    while True:
        text, terms = "", list[Span]()
        draw = _drawer(rng, size)
        for number, opening in enumerate(_openings(rng, size)):
            dense = len(terms) * size <= wanted * len(text)
            choice = SENTENCES if dense else FILLERS
            fitting = (_fill(rng.choice(choice), draw) for _ in range(ATTEMPTS))
            room = size - len(text) - len(opening)
            sentence, spans = next((each for each in fitting if len(each[0]) <= room), ("", []))
            if number and not sentence:
                break
            text += opening
            terms += [(len(text) + start, len(text) + end) for start, end in spans]
            text += sentence
        if len(terms) >= needed:
            return text, terms


def _openings(rng: random.Random, size: int) -> Iterator[str]:
    headed = size >= 1_000
    yield f"{HEADINGS[0]}:\n" if headed else ""
    left = SENTENCES_PER_SECTION
    while True:
        left -= 1
        if headed and left <= 0:
            left = rng.randint(3, 2 * SENTENCES_PER_SECTION)
            yield f"\n\n{rng.choice(HEADINGS)}:\n"
        else:
            yield " "


def _fill(template: str, draw: Callable[[Slot, set[str]], str]) -> tuple[str, list[Span]]:
    text, spans, used = "", list[Span](), set[str]()
    for place, part in enumerate(re.split(r"\{(\w+)\}", template)):
        if place % 2 == 0:
            text += part
            continue
        slot = next(slot for slot in SLOTS if slot == part)
        term = draw(slot, used)
        used.add(term)
        if not text and term.isascii():
            term = term[0].upper() + term[1:]
        spans.append((len(text), len(text) + len(term)))
        text += term
    return text, spans


def _drawer(rng: random.Random, size: int) -> Callable[[Slot, set[str]], str]:
    """Draw terms for slots, some of them often, as a note does that keeps to its subject."""
    factor, power = POOL
    pools = {
        slot: _pool(rng, slot, max(4, round(share * factor * size**power)))
        for slot, share in SLOT_SHARES.items()
    }

    def draw(slot: Slot, used: set[str]) -> str:
        terms = [term for term in pools[slot] if term not in used]
        weights = [1 / (rank + 1) ** SKEW for rank in range(len(terms))]
        return rng.choices(terms, weights)[0]

    return draw


def _pool(rng: random.Random, slot: Slot, count: int) -> list[str]:
    pool: list[str] = []
    while len(pool) < min(count, len(TERMS[slot])):
        left = [term for term in TERMS[slot] if term not in pool]
        words = {word for term in pool for word in term.split() if len(word) > 3}
        related = [term for term in left if words.intersection(term.split())]
        pool.append(rng.choice(related if related and rng.random() < RELATED else left))
    return pool
