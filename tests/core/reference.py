"""Slow and obviously right twins of the core, written from the documentation, for comparison."""

import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

APOSTROPHES = set(
    "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u055a\u05f3\u2018\u2019\u201a\u201b\u2032\u2035\uff07"
)
QUOTES = set('"\u00ab\u00bb\u05f4\u201c\u201d\u201e\u201f\u2033\u2036\u301d\u301e\u301f\uff02')
UNSEEN = set("\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff")
UNSEEN |= {chr(code) for code in [*range(0x202A, 0x202F), *range(0x2065, 0x2070)]}
UNSEEN |= {chr(code) for code in range(0xFE00, 0xFE10)}
UNSPACED = ("CJK UNIFIED", "CJK COMPATIBILITY", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER")

Match = tuple[int, int, str, float]


def is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")


def is_number(char: str) -> bool:
    return unicodedata.category(char).startswith("N")


def is_accent(char: str) -> bool:
    weight = unicodedata.combining(char)
    return is_mark(char) and (weight == 1 or 10 <= weight <= 36 or weight >= 200)


def is_space(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) == "Cc"


def is_dash(char: str) -> bool:
    return unicodedata.category(char) == "Pd" or char in "\u02d7\u2043\u2212"


def is_word(char: str) -> bool:
    return unicodedata.category(char)[0] in "LNM"


def is_punctuation(char: str) -> bool:
    return char in APOSTROPHES or unicodedata.category(char).startswith("P")


def is_unspaced(char: str) -> bool:
    return unicodedata.name(char, "").startswith(UNSPACED) and not is_number(char)


def is_boundary(text: str, position: int) -> bool:
    """Whether a word may begin or end here: the nearest characters that are seen say so."""
    seen = [char not in UNSEEN or char == "\u200b" for char in text]
    left = [char for char, shown in zip(text[:position], seen, strict=False) if shown]
    right = [char for char, shown in zip(text[position:], seen[position:], strict=True) if shown]
    if not left or not right:
        return True
    before, after = left[-1], right[0]
    if is_mark(after) and is_word(before):
        return False
    return is_unspaced(before) or is_unspaced(after) or not (is_word(before) and is_word(after))


def parts(char: str) -> str:
    """What one character folds to, with `-` and a space for what only separates."""
    if char in APOSTROPHES:
        return "'"
    if char in QUOTES:
        return '"'
    folded = ""
    for part in unicodedata.normalize("NFKD", char):
        if part in UNSEEN or is_accent(part):
            continue
        if is_space(part):
            folded += " "
        elif is_dash(part):
            folded += "-"
        elif part in APOSTROPHES:
            folded += "'"
        else:
            special = {"ß": "ss", "ẞ": "ss", "ς": "σ"}
            folded += "".join(c for c in special.get(part, part.lower()) if not is_accent(c))
    return folded


def skeleton(text: str) -> str:
    folded = "".join(map(parts, text)).replace("'", "").replace("-", " ")
    words = folded.split(" ")
    kept = words[0]
    for word in filter(None, words[1:]):
        apart = kept and is_number(kept[-1]) and is_number(word[0])
        kept += " " + word if apart else word
    return kept


def spelling(token: str) -> str:
    return "".join(map(parts, token)).replace(" ", "") or token or "\0"


def core(mention: str) -> str:
    """The mention without the white space and punctuation around it."""

    def drop(char: str) -> bool:
        return is_space(char) or is_punctuation(char) or char in UNSEEN

    chars = list(mention)
    while chars and drop(chars[0]):
        del chars[0]
    while chars and drop(chars[-1]):
        del chars[-1]
    return "".join(chars)


def trimmed(mention: str) -> str:
    chars = list(mention)
    while chars and is_space(chars[0]):
        del chars[0]
    while chars and is_space(chars[-1]):
        del chars[-1]
    return "".join(chars)


def levenshtein(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        above, row = row, [i]
        for j, right in enumerate(b, 1):
            row.append(min(above[j - 1] + (left != right), above[j] + 1, row[j - 1] + 1))
    return row[-1]


def markers(text: str) -> str:
    """The numbers, numerals and single letters of a text."""
    joined = "".join(c if is_word(c) or c in APOSTROPHES or c in UNSEEN else "\n" for c in text)
    found: list[str] = []
    for word in joined.split("\n"):
        bare = "".join(c for c in word if c not in APOSTROPHES and c not in UNSEEN)
        folded = skeleton(word)
        if any(map(is_number, folded)):
            found += number_markers(folded)
        elif bare != "a" and (is_single(folded) or is_roman(folded)):
            found.append(folded)
    text = ""
    for marker in found:
        text += " " if text and is_number(text[-1]) and is_number(marker[0]) else ""
        text += marker
    return text


def number_markers(word: str) -> list[str]:
    found = [""]
    for index, char in enumerate(word):
        last_letter = index == len(word) - 1 and index > 0 and is_number(word[index - 1])
        if is_number(char) or last_letter:
            found[-1] += char
        else:
            found.append("")
    return [marker for marker in found if marker]


def is_single(word: str) -> bool:
    return len(word) == 1 and word.isalpha() and not is_unspaced(word)


def is_roman(word: str) -> bool:
    numeral = word[:-1] if word[-1:] in tuple("abcd") else word
    return 1 <= len(numeral) <= 5 and set(numeral) <= set("ivx")


def spans(text: str) -> list[tuple[int, int]]:
    """Every span that neither splits a letter from its accents nor begins or ends with nothing."""
    edges = [p for p in range(len(text) + 1) if is_boundary(text, p)]
    return [
        (start, end)
        for start in edges
        for end in edges
        if start < end and parts(text[start]).strip("' -") and solid_end(text, end)
    ]


def solid_end(text: str, end: int) -> bool:
    """Whether what lies before `end` folds to something, and no accent of that follows."""
    if end < len(text) and is_accent(text[end]):
        return False
    while end > 0 and is_accent(text[end - 1]):
        end -= 1
    return end > 0 and bool(parts(text[end - 1]).strip("' -"))


def disjoint(found: list[Match], fresh: list[Match]) -> list[Match]:
    """`found` and those of `fresh`, in their order, that overlap nothing accepted before."""
    accepted = list(found)
    for match in fresh:
        if all(match[1] <= other[0] or other[1] <= match[0] for other in accepted):
            accepted.append(match)
    return accepted


def exact(text: str, needle: str) -> list[tuple[int, int]]:
    if not needle:
        return []
    starts = [p for p in range(len(text)) if text.startswith(needle, p)]
    return [(start, start + len(needle)) for start in starts]


def bounded(text: str, span: tuple[int, int]) -> bool:
    return is_boundary(text, span[0]) and is_boundary(text, span[1])


def grounded(text: str, mention: str) -> list[Match]:
    whole, inner = trimmed(mention), core(mention)
    hits = [span for span in exact(text, whole) if bounded(text, span)]
    found = disjoint([], [(*span, "exact", 1.0) for span in hits])
    if not any(c.isalnum() for c in inner):
        return found
    if len(skeleton(inner)) < 3:
        hits = [span for span in exact(text, inner) if bounded(text, span)]
        return disjoint(found, [(*span, "folded", 1.0) for span in hits])
    for needle in (skeleton(whole), skeleton(inner)):
        hits = [span for span in spans(text) if skeleton(text[slice(*span)]) == needle]
        found = disjoint(found, [(*span, "folded", 1.0) for span in sorted(hits)])
    return found


def fuzzy(text: str, mention: str, threshold: float) -> list[Match]:
    inner = core(mention)
    needle = skeleton(inner)
    if len(needle) < 3 or not any(c.isalnum() for c in inner):
        return []
    found = []
    for start, end in spans(text):
        window = skeleton(text[start:end])
        if is_word(text[start]) and is_word(text[end - 1]):
            longer = max(len(window), len(needle))
            score = (longer - levenshtein(window, needle)) / longer
            if score >= threshold and markers(text[start:end]) == markers(inner):
                found.append((start, end, "fuzzy", score))
    return disjoint([], sorted(found, key=lambda match: (-match[3], match)))


def inside(text: str, mention: str) -> list[Match]:
    def cuts(position: int) -> bool:
        return 0 < position < len(text) and all(map(is_number, text[position - 1 : position + 1]))

    needle = trimmed(mention)
    if len(needle) < 3:
        return []
    hits = [span for span in exact(text, needle) if not cuts(span[0]) and not cuts(span[1])]
    return disjoint([], [(*span, "exact", 1.0) for span in hits])


def candidates(text: str, mention: str, threshold: float) -> list[Match]:
    found = grounded(text, mention) or fuzzy(text, mention, threshold) or inside(text, mention)
    return sorted(found, key=best_first)


def best_first(match: Match) -> tuple[int, float, int]:
    return (["exact", "folded", "fuzzy"].index(match[2]), -match[3], match[0])


def align(text: str, mentions: Sequence[str], threshold: float) -> list[Match | None]:
    """One answer for each mention, for mentions whose repeats are all written the same."""
    answers: list[Match | None] = [None] * len(mentions)
    for mention in sorted(set(mentions), key=lambda one: (-len(key(one)), key(one))):
        repeats = [index for index, other in enumerate(mentions) if other == mention]
        found = candidates(text, mention, threshold)
        outside = [one for one in found if not any(surrounds(a, one) for a in answers if a)]
        chosen = outside if len({one[0] for one in outside}) >= len(repeats) else found
        for index, match in zip(repeats, sorted(chosen[: len(repeats)]), strict=False):
            answers[index] = match
    return answers


def key(mention: str) -> str:
    return skeleton(core(mention)) or trimmed(mention)


def surrounds(outer: Match, inner: Match) -> bool:
    (start, end), (first, last) = outer[:2], inner[:2]
    return start <= first and last <= end and last - first < end - start


def align_tokens(source: Sequence[str], output: Sequence[str]) -> list[int | None]:
    """The documented alignment by plain recursion over all links."""
    left, right = [*map(spelling, source)], [*map(spelling, output)]

    @cache
    def best(i: int, j: int) -> tuple[int, tuple[int, int] | None]:
        """What the rest is worth, and the first step: numbers of source and output tokens."""
        if i == len(left) or j == len(right):
            return 0, None
        steps = links(left, right, i, j)
        steps += [(0, 1, 0), (0, 0, 1)]
        worths = [worth + best(i + a, j + b)[0] for worth, a, b in steps]
        first = worths.index(max(worths))
        return max(worths), steps[first][1:]

    answers: list[int | None] = [None] * len(source)
    i = j = 0
    while (step := best(i, j)[1]) is not None:
        if all(step):
            run, pieces = left[i : i + step[0]], right[j : j + step[1]]
            answers[i : i + step[0]] = [j + index for index in covering(run, pieces)]
        i, j = i + step[0], j + step[1]
    return answers


def links(left: list[str], right: list[str], i: int, j: int) -> list[tuple[int, int, int]]:
    """The worth and size of every link that begins here, fewer tokens first."""
    found = []
    for a in range(1, min(15, len(left) - i) + 1):
        for b in range(1, min(15, len(right) - j) + 1):
            run, other = "".join(left[i : i + a]), "".join(right[j : j + b])
            longer = max(len(run), len(other))
            worth = longer - 2 * levenshtein(run, other) if a == 1 or b == 1 else 0
            if a > 1 and b > 1 and run == other and not meets(left[i : i + a], right[j : j + b]):
                worth = longer
            if worth > 0:
                found.append((worth, a, b))
    return found


def meets(run: list[str], pieces: list[str]) -> bool:
    """Whether two runs with the same characters are divided at the same place somewhere inside."""
    return bool(set(edges(run)[1:-1]) & set(edges(pieces)[1:-1]))


def edges(tokens: list[str]) -> list[int]:
    return [sum(map(len, tokens[:count])) for count in range(len(tokens) + 1)]


def covering(run: list[str], pieces: list[str]) -> list[int]:
    """For each token of a link the piece that covers most of it."""
    ends = edges(pieces)
    if len(run) == 1:
        stretches = [(0, ends[-1])]
    elif len(pieces) == 1:
        return [0] * len(run)
    else:
        stretches = list(pairwise(edges(run)))
    shares = [
        [min(end, to) - max(start, since) for since, to in pairwise(ends)]
        for start, end in stretches
    ]
    return [share.index(max(share)) for share in shares]
