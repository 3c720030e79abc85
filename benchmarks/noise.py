"""What a language model does to a term that it copies: the noise of the benchmarks.

Each function answers ``None`` where its kind of noise cannot apply.
"""

import random
import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Final

from benchmarks.vocabulary import INSERTED

SEPARATORS: Final = r"[\s\-–]"
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
LIGATURES: Final = {"ffi": "ﬃ", "ffl": "ﬄ", "ff": "ﬀ", "fi": "ﬁ", "fl": "ﬂ"}
LETTERS_PER_EDIT: Final = 6
MAX_EDITS: Final = 3
SHORTEST_EDITED: Final = 4  # letters of a word
WORD_SHARE: Final = 4  # a word left out or put in is at most a quarter of the term


def occurrences(text: str, surface: str, *, ignore_case: bool = True) -> list[tuple[int, int]]:
    """Where a surface stands in a text as whole words, whatever its spaces and hyphens."""
    parts = (re.escape(part) for part in re.split(f"{SEPARATORS}+", surface))
    pattern = rf"(?<!\w){f'{SEPARATORS}*'.join(parts)}(?!\w)"
    found = re.finditer(pattern, text, re.IGNORECASE if ignore_case else 0)
    return [match.span() for match in found]


def change_form(rng: random.Random, surface: str) -> str | None:
    """Another case, spacing, hyphenation or Unicode form of the same words."""
    changes: list[Callable[[random.Random, str], str | None]]
    changes = [_change_case, _change_space, _change_hyphen, _change_unicode]
    rng.shuffle(changes)
    for change in changes:
        changed = change(rng, surface)
        if changed is not None:
            return changed
    return None


def edit_letters(rng: random.Random, surface: str) -> str | None:
    """One to three wrong letters, at most one for six letters, never in a number or short word."""
    letters = sum(character.isalpha() for character in surface)
    most = min(MAX_EDITS, letters // LETTERS_PER_EDIT)
    places = list(_editable(surface))
    if most == 0 or not places:
        return None
    rng.shuffle(places)
    chosen: list[int] = []
    for place in places:
        if all(abs(place - other) > 1 for other in chosen):
            chosen.append(place)
    chosen = sorted(chosen[: rng.randint(1, most)], reverse=True)
    edited = surface
    for place in chosen:
        edited = _edit(rng, edited, place)
    return edited


def change_word(rng: random.Random, surface: str) -> str | None:
    """A short inner word left out, or a short word put in between two words."""
    changes = [_drop_word, _insert_word]
    rng.shuffle(changes)
    return changes[0](rng, surface) or changes[1](rng, surface)


def _change_case(rng: random.Random, surface: str) -> str | None:
    forms = (surface.upper(), surface.lower(), surface.title(), surface.capitalize())
    return _other(rng, surface, forms)


def _change_space(rng: random.Random, surface: str) -> str | None:
    spaces = [place for place, character in enumerate(surface) if character == " "]
    if not spaces:
        return None
    place = rng.choice(spaces)
    return surface[:place] + rng.choice(("  ", "\u00a0", "\n")) + surface[place + 1 :]


def _change_hyphen(rng: random.Random, surface: str) -> str | None:
    hyphens = [place for place, character in enumerate(surface) if character == "-"]
    if hyphens:
        place = rng.choice(hyphens)
        return surface[:place] + rng.choice((" ", "", "–")) + surface[place + 1 :]
    spaces = [place for place, character in enumerate(surface) if character == " "]
    if not spaces:
        return None
    place = rng.choice(spaces)
    return f"{surface[:place]}-{surface[place + 1 :]}"


def _change_unicode(rng: random.Random, surface: str) -> str | None:
    decomposed = unicodedata.normalize("NFD", surface)
    bare = "".join(part for part in decomposed if not unicodedata.combining(part))
    joined = next((surface.replace(a, b, 1) for a, b in LIGATURES.items() if a in surface), surface)
    forms = (decomposed, unicodedata.normalize("NFKD", surface), bare, joined)
    return _other(rng, surface, (*forms, surface.replace("'", "’")))


def _other(rng: random.Random, surface: str, forms: tuple[str, ...]) -> str | None:
    others = sorted(set(forms) - {surface})
    return rng.choice(others) if others else None


def _editable(surface: str) -> Iterator[int]:
    for word in re.finditer(r"[^\W\d_]+", surface):
        if len(word[0]) >= SHORTEST_EDITED and not word[0].isupper():
            yield from range(*word.span())


def _edit(rng: random.Random, text: str, place: int) -> str:
    letter, after = text[place], text[place + 1 : place + 2]
    other = rng.choice([each for each in LETTERS if each not in (letter.lower(), after)])
    edits = [
        text[:place] + other + text[place:],
        text[:place] + text[place + 1 :],
        text[:place] + other + text[place + 1 :],
    ]
    if after.isalpha() and after.lower() != letter.lower():
        edits.append(text[:place] + after + letter + text[place + 2 :])
    return rng.choice(edits)


def _drop_word(rng: random.Random, surface: str) -> str | None:
    words = surface.split(" ")
    longest = len(surface) // WORD_SHARE
    inner = [
        place
        for place in range(1, len(words) - 1)
        if 1 < len(words[place]) <= longest and words[place].isalpha()
    ]
    if not inner:
        return None
    place = rng.choice(inner)
    return " ".join(words[:place] + words[place + 1 :])


def _insert_word(rng: random.Random, surface: str) -> str | None:
    words = surface.split(" ")
    longest = len(surface) // WORD_SHARE
    gaps = [
        (place, word)
        for place, pair in enumerate(pairwise(words), start=1)
        for word in INSERTED
        if len(word) <= longest and word not in pair
    ]
    if not gaps:
        return None
    place, word = rng.choice(gaps)
    return " ".join([*words[:place], word, *words[place:]])
