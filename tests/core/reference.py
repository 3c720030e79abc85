"""Slow and obviously right twins of the core, written from the documentation, for comparison."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, product

APOSTROPHES = set(
    "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u055a\u05f3\u2018\u2019\u201a\u201b\u2032\u2035\uff07"
)
QUOTES = set('"\u00ab\u00bb\u05f4\u201c\u201d\u201e\u201f\u2033\u2036\u301d\u301e\u301f\uff02')
UNSEEN = set("\u00ad\u034f\u061c\u0640\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063")
UNSEEN |= {"\u2064", "\ufeff"}
UNSEEN |= {chr(code) for code in [*range(0x202A, 0x202F), *range(0x2065, 0x2070)]}
UNSEEN |= {chr(code) for code in range(0xFE00, 0xFE10)}
UNSPACED = ("CJK UNIFIED", "CJK COMPATIBILITY", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER")
UNSPACED += ("HANGUL SYLLABLE", "HANGUL CHOSEONG", "HANGUL JUNGSEONG", "HANGUL JONGSEONG")
SYLLABLE = re.compile("[\u1100-\u1112][\u1161-\u1175][\u11a8-\u11c2]?|[가-힣][\u11a8-\u11c2]")

Match = tuple[int, int, str, float]


def is_mark(char: str) -> bool:
    goes_on = unicodedata.name(char, "").startswith(("HANGUL JUNGSEONG", "HANGUL JONGSEONG"))
    return unicodedata.category(char).startswith("M") or goes_on


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


def folded_parts(char: str) -> str:
    """What it folds to in a skeleton: Korean syllables stay whole, "10²" is not "102"."""
    if "가" <= char <= "힣":
        return char
    return " " * (unicodedata.category(char) == "No") + parts(char)


def skeleton(text: str) -> str:
    text = SYLLABLE.sub(lambda found: unicodedata.normalize("NFC", found[0]), text)
    folded = "".join(map(folded_parts, text)).replace("'", "").replace("-", " ")
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


def edits(a: str, b: str) -> int:
    """Insertions, deletions, substitutions, and exchanges of neighbours not touched again."""
    rows = [list(range(len(b) + 1))]
    for i, left in enumerate(a, 1):
        above, row = rows[-1], [i]
        for j, right in enumerate(b, 1):
            best = min(above[j - 1] + (left != right), above[j] + 1, row[j - 1] + 1)
            if i > 1 and j > 1 and a[i - 2] == right and left == b[j - 2]:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


DENIALS = ["no", "non", "not", "nor", "never", "neither", "without"]
NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
NUMBERS += ["eleven", "twelve"]
UNITS = ["mg", "mcg", "ug", "μg", "ng", "pg", "kg", "ml", "ul", "μl", "dl", "cl", "mm", "um", "μm"]
UNITS += ["nm", "cm", "km", "mol", "mmol", "μmol", "iu"]
IDEOGRAPHS = [*"不无無非未没沒否一二三四五六七八九十百千零两兩"]
OPPOSITES = [
    *[
        ("hyper", "hypo"),
        ("hiper", "hipo"),
        ("iper", "ipo"),
        ("tachy", "brady"),
        ("pre", "post"),
        ("ante", "post"),
    ],
    *[("intra", "extra"), ("intra", "inter"), ("macro", "micro"), ("homo", "hetero")],
    *[("unilater", "bilater"), ("mono", "poly"), ("increas", "decreas")],
    *[("positiv", "negativ"), ("systol", "diastol"), ("anter", "poster")],
    *[("super", "infer"), ("supra", "infra"), ("abduc", "adduc"), ("male", "female")],
    *[("symptom", "asymptom"), ("typical", "atypical"), ("febrile", "afebrile")],
    *[("vascular", "avascular"), ("cyanotic", "acyanotic"), ("induc", "reduc")],
]


def words(text: str) -> list[str]:
    """The letters and numbers of each word; an apostrophe does not end one."""
    found: list[str] = []
    last = None
    for position, char in enumerate(text):
        if parts(char).strip("' -"):
            if last is None or breaks(text, last, position):
                found.append("")
            found[-1] += char
            last = position
    return [word for word in found if is_word(word[0])]


def breaks(text: str, last: int, position: int) -> bool:
    """Whether a word ends between two characters that are folded one after the other."""
    between = text[last + 1 : position]
    while between and is_accent(between[0]) and is_word(text[last]):
        between = between[1:]
    between = "".join(char for char in between if char not in UNSEEN or char == "\u200b")
    if not between:
        return is_boundary(text, position)
    return not (set(between) <= APOSTROPHES and is_word(text[last]) and is_word(text[position]))


def markers(text: str) -> str:
    """The numbers, numerals, single letters and denials of a text."""
    found: list[str] = []
    written = words(text)
    for index, word in enumerate(written):
        folded = skeleton(word)
        article = (word[0], folded) == ("a", "a") and index + 1 < len(written)
        if any(map(is_number, folded)):
            found += number_markers(folded)
        elif folded in [*DENIALS, *NUMBERS, *UNITS, *IDEOGRAPHS]:
            found.append(f" {folded} ")
        elif not article and (is_single(folded) or is_roman(folded)):
            found.append(folded)
    text = ""
    for marker in found:
        text += " " if text and is_number(text[-1]) and is_number(marker[0]) else ""
        text += marker
    return text


def agree(a: str, b: str) -> bool:
    """Whether two texts can stand for the same thing."""
    left, right = [*map(skeleton, words(a))], [*map(skeleton, words(b))]
    same = markers(a) == markers(b) and skeleton(a).count("+") == skeleton(b).count("+")
    return same and not opposed(left, right) and not exchanged(left, right)


def opposed(left: list[str], right: list[str]) -> bool:
    def sides(words: list[str], pair: tuple[str, str]) -> tuple[bool, ...]:
        return tuple(any(word.startswith(side) for word in words) for side in pair)

    both = [{sides(left, pair), sides(right, pair)} for pair in OPPOSITES]
    return {(True, False), (False, True)} in both


def exchanged(left: list[str], right: list[str]) -> bool:
    if len(left) == len(right):
        return any(other(a, b, len(left) > 1) for a, b in zip(left, right, strict=True))
    if min(len(left), len(right)) < 2:
        return False
    (a, b), (c, d) = (left[0], right[0]), (left[-1], right[-1])
    first = not a.startswith(b) and not b.startswith(a) and other(a, b, True)
    return first or (not c.endswith(d) and not d.endswith(c) and other(c, d, True))


def other(a: str, b: str, among_others: bool) -> bool:
    if a == b:
        return False
    short, long = sorted([a, b], key=len)
    if any(long == denial + short for denial in ("non", "un", "in", "im")):
        return True
    if among_others and (is_whole(a[0]) or is_whole(b[0])):
        return True
    return among_others and len(long) >= 4 and 5 * edits(a, b) > 2 * len(long)


def is_whole(char: str) -> bool:
    """Whether it is an ideograph or a Korean syllable."""
    return unicodedata.name(char, "").startswith(("CJK UNIFIED", "CJK COMPAT", "HANGUL SYLLABLE"))


def number_markers(word: str) -> list[str]:
    found = [""]
    for index, char in enumerate(word):
        if index > 0 and is_number(word[index - 1]) and word[index:] in UNITS:
            found.append(f" {word[index:]} ")
            break
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


def behind_point(text: str, position: int) -> bool:
    """Whether a decimal part begins here."""
    part = text[max(position - 2, 0) : position + 1]
    return len(part) == 3 and is_number(part[0]) and part[1] in ".," and is_number(part[2])


def before_point(text: str, position: int) -> bool:
    """Whether a whole part ends here, and a decimal part follows."""
    part = text[max(position - 1, 0) : position + 2]
    return len(part) == 3 and is_number(part[0]) and part[1] == "." and is_number(part[2])


def may_start(text: str, position: int) -> bool:
    at_point = behind_point(text, position) or before_point(text, position)
    return is_boundary(text, position) and not at_point


def may_end(text: str, position: int) -> bool:
    return may_start(text, position)


def spans(text: str) -> list[tuple[int, int]]:
    """Every span that neither splits a letter from its accents nor begins or ends with nothing."""
    starts = [p for p in range(len(text)) if may_start(text, p)]
    ends = [p for p in range(len(text) + 1) if may_end(text, p)]
    return [
        (start, end)
        for start in starts
        for end in ends
        if start < end and parts(text[start]).strip("' -") and solid_end(text, end)
    ]


def solid_end(text: str, end: int) -> bool:
    """Whether what lies before `end` folds to something, and no accent of that follows."""
    base = end
    while base > 0 and is_accent(text[base - 1]):
        base -= 1
    letter = base > 0 and is_word(text[base - 1])
    if letter and end < len(text) and is_accent(text[end]):
        return False
    return base > 0 and (letter or base == end) and bool(parts(text[base - 1]).strip("' -"))


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
    return may_start(text, span[0]) and may_end(text, span[1])


def grounded(text: str, mention: str) -> list[Match]:
    whole, inner = trimmed(mention), core(mention)
    hits = [span for span in exact(text, whole) if bounded(text, span)]
    found = disjoint([], [(*span, "exact", 1.0) for span in hits])
    if not any(c.isalnum() for c in inner):
        return found
    if len(skeleton(inner)) < 3:
        for form in (inner, *(unicodedata.normalize(name, inner) for name in ("NFC", "NFD"))):
            hits = [span for span in exact(text, form) if bounded(text, span)]
            found = disjoint(found, [(*span, "folded", 1.0) for span in hits])
        return found
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
        if is_word(text[start]) and is_word(text[end - 1]):
            score = similarity(text[start:end], inner)
            if score >= threshold and agree(text[start:end], inner):
                found.append((start, end, "fuzzy", score))
    return disjoint([], sorted(found, key=lambda match: (-match[3], match)))


def similarity(a: str, b: str) -> float:
    left, right = skeleton(a), skeleton(b)
    longer = max(len(left), len(right))
    return max((longer - edits(left, right)) / longer, gapped(a, b))


def gapped(a: str, b: str) -> float:
    """The similarity of texts that are equal but for one word inside of one; else 0."""
    short, long = sorted([a, b], key=lambda text: len(skeleton(text)))
    shorter, longer = skeleton(short), skeleton(long)
    if len(shorter) < len(longer):
        (starts, ends), splits = word_edges(long), set.intersection(*word_edges(short))
        for start in sorted(starts):
            end = min((end for end in ends if end > start), default=0)
            inside = {start, end} <= starts & ends and start >= 3 and end < len(longer)
            if inside and start in splits and shorter == longer[:start] + longer[end:]:
                return (len(longer) + len(shorter)) / (2 * len(longer))
    return 0.0


def word_edges(text: str) -> tuple[set[int], set[int]]:
    """Where in the skeleton words begin and end."""
    starts, ends = set(), set()
    for position in range(len(text)):
        kept = len(folded_parts(text[position]).replace("'", "").replace("-", "").replace(" ", ""))
        if kept and may_start(text, position) and is_word(text[position]):
            starts.add(len(skeleton(text[: position + 1])) - kept)
    for position in range(1, len(text) + 1):
        if may_end(text, position) and is_word(text[position - 1]) and solid_end(text, position):
            ends.add(len(skeleton(text[:position])))
    return starts, ends


def unbroken(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The words between two places, one after the other."""
    found = []
    position = start
    while position < end:
        begins = may_start(text, position) and is_word(text[position])
        if begins and parts(text[position]).strip("' -"):
            ends = [p for p in range(position + 1, end + 1) if is_word(text[p - 1])]
            ends = [p for p in ends if may_end(text, p) and solid_end(text, p)]
            if not ends:
                break
            found.append((position, ends[0]))
            position = ends[0]
        else:
            position += 1
    return found


def bridges(text: str, start: int, end: int) -> bool:
    """Whether what stands between two fragments may be a gap."""
    gap = text[start:end]
    between = [skeleton(text[slice(*word)]) for word in unbroken(text, start, end)]
    stops = any(a in ".!?" and is_space(b) for a, b in pairwise(gap)) or set(gap) & set("。！？।")
    blank = any(line == "" or all(map(is_space, line)) for line in gap.split("\n")[1:-1])
    return 1 <= len(between) <= 6 and not set(between) & set(DENIALS) and not stops and not blank


def starts_word(text: str, position: int) -> bool:
    return may_start(text, position) and is_word(text[position])


def ends_word(text: str, position: int) -> bool:
    return may_end(text, position) and is_word(text[position - 1])


Fragments = tuple[tuple[int, int], ...]
"""The spans of the parts of a mention, in it or in the text."""


def splits(mention: str) -> list[Fragments]:
    """The ways to cut a mention between words into two or three parts of three letters or more."""
    cuts = [
        (end, start)
        for start in range(1, len(mention))
        for end in range(1, start + 1)
        if starts_word(mention, start)
        and ends_word(mention, end)
        and solid_end(mention, end)
        and parts(mention[start]).strip("' -")
        and all(
            is_space(c) or is_punctuation(c) or is_dash(c) or c in UNSEEN
            for c in mention[end:start]
        )
    ]
    last = len(mention)
    ways: list[Fragments] = [((0, end), (start, last)) for end, start in cuts]
    for (end, start), (second_end, second_start) in product(cuts, cuts):
        if start < second_end:
            ways.append(((0, end), (start, second_end), (second_start, last)))
    return [way for way in ways if all(len(skeleton(mention[slice(*part)])) >= 3 for part in way)]


def apart(text: str, mention: str) -> dict[Match, Fragments]:
    """The candidates in fragments, with those."""
    inner = core(mention)
    if len(skeleton(inner)) < 3 or not any(c.isalnum() for c in inner):
        return {}
    found: dict[Match, Fragments] = {}
    for needle in (trimmed(mention), inner):
        ways = [
            (way, split) for split in splits(needle) for way in placed_parts(text, needle, split)
        ]
        best: dict[int, tuple[Fragments, Fragments]] = {}
        for way, split in sorted(
            ways, key=lambda one: (len(one[0]), one[0][-1][1], [(a, -b) for a, b in one[0]])
        ):
            best.setdefault(way[0][0], (way, split))
        ranked = sorted(
            best.values(), key=lambda one: (len(one[0]), one[0][-1][1] - one[0][0][0], one[0])
        )
        for way, split in ranked:
            widened = with_punctuation(text, way, needle, split)
            tier = "exact" if written_apart(text, widened, trimmed(mention)) else "folded"
            match = (way[0][0], way[-1][1], tier, 1.0)
            if len(disjoint(list(found), [match])) > len(found):
                found[match] = widened
    return found


@cache
def folded_spans(text: str) -> list[tuple[tuple[int, int], str]]:
    return [(span, skeleton(text[slice(*span)])) for span in spans(text)]


def placed_parts(text: str, mention: str, split: Fragments) -> list[Fragments]:
    """The ways to find the parts of a mention one after the other, with gaps between."""
    needles = [skeleton(mention[slice(*part)]) for part in split]
    places = [[span for span, one in folded_spans(text) if one == needle] for needle in needles]
    ways = []
    for way in product(*places):
        pairs = list(pairwise(way))
        if all(a[1] < b[0] for a, b in pairs) and all(
            ends_word(text, a[1]) and starts_word(text, b[0]) and bridges(text, a[1], b[0])
            for a, b in pairs
        ):
            ways.append(way)
    return ways


def with_punctuation(text: str, way: Fragments, mention: str, split: Fragments) -> Fragments:
    """The fragments with the punctuation at their inner edges that the mention has there too."""
    edges = [list(part) for part in way]
    for left, right, (_, end), (start, _) in zip(edges, edges[1:], split, split[1:], strict=False):
        between = skeleton(mention[end:start])
        ends = [
            p
            for p in range(left[1] + 1, right[0])
            if may_end(text, p)
            and solid_end(text, p)
            and between.startswith(skeleton(text[left[1] : p]))
        ]
        rest = between.removeprefix(skeleton(text[left[1] : ends[-1]])) if ends else between
        left[1] = max(ends, default=left[1])
        starts = [
            p
            for p in range(left[1], right[0])
            if may_start(text, p)
            and parts(text[p]).strip("' -")
            and rest.endswith(skeleton(text[p : right[0]]))
        ]
        right[0] = min(starts, default=right[0])
    return tuple((start, end) for start, end in edges)


def written_apart(text: str, way: Fragments, mention: str) -> bool:
    """Whether the mention is the fragments with nothing but white space between them."""
    for start, end in way:
        mention = trimmed(mention) if start != way[0][0] else mention
        if not mention.startswith(text[start:end]):
            return False
        mention = mention[end - start :]
    return mention == ""


def denied(text: str, start: int, end: int) -> bool:
    """Whether the rest of a word in which a span begins or ends denies what stands there."""
    before = ["a", "an", "non", "un", "in", "im", "il", "ir", "fe"]
    first = {"il": "l", "ir": "r", "fe": "male"}
    said = ascii_lower(text[start:])
    cut = not is_boundary(text, start) and any(
        ascii_lower(text[:start]).endswith(one)
        and is_boundary(text, start - len(one))
        and said.startswith(first.get(one, ""))
        for one in before
    )
    return cut or (
        not is_boundary(text, end)
        and any(
            ascii_lower(text[end:]).startswith(one) and is_boundary(text, end + len(one))
            for one in ["less", "free", "los", "frei"]
        )
    )


def ascii_lower(text: str) -> str:
    return "".join(c.lower() if c.isascii() else c for c in text)


def inside(text: str, mention: str) -> list[Match]:
    def between(position: int) -> bool:
        return 0 < position < len(text) and all(map(is_number, text[position - 1 : position + 1]))

    def whole(start: int, end: int) -> bool:
        cut = any(
            between(p) or behind_point(text, p) or before_point(text, p) for p in (start, end)
        )
        return not cut and not denied(text, start, end)

    needle = trimmed(mention)
    if len(needle) < 3:
        return []
    return disjoint([], [(*span, "exact", 1.0) for span in exact(text, needle) if whole(*span)])


def candidates(
    text: str, mention: str, threshold: float, discontinuous: bool = False
) -> list[Match]:
    found = grounded(text, mention)
    if discontinuous:
        found = found or list(apart(text, mention))
    found = found or fuzzy(text, mention, threshold) or inside(text, mention)
    return sorted(found, key=best_first)


def best_first(match: Match) -> tuple[int, float, int]:
    return (["exact", "folded", "fuzzy"].index(match[2]), -match[3], match[0])


@dataclass(frozen=True)
class Choice:
    """A candidate of a mention as a place to put it."""

    match: Match
    key: str
    place: int
    worth: int
    inside: bool
    weak: bool


def align(
    text: str, mentions: Sequence[str], threshold: float, discontinuous: bool = False
) -> list[Match | None]:
    """The documented placement, by trying all chains."""
    choices = all_choices(text, mentions, threshold, discontinuous)
    _, chain = best_chain([choices[mention] for mention in mentions], -1)
    answers = list(chain)
    used = {(choice.key, choice.place) for choice in chain if choice}
    for index, mention in enumerate(mentions):
        if chain[index] is None:
            lower = max((one.place for one in chain[:index] if one), default=0)
            upper = min((one.place for one in chain[index:] if one), default=len(text))

            def rank(choice: Choice, lower: int = lower, upper: int = upper) -> tuple[object, ...]:
                between = lower <= choice.place <= upper
                return (choice.weak, not between, choice.inside, best_first(choice.match))

            free = [one for one in choices[mention] if (one.key, one.place) not in used]
            answers[index] = best = min(free, key=rank, default=None)
            used |= {(best.key, best.place)} if best else set()
    return [choice.match if choice else None for choice in answers]


def best_chain(rows: list[list[Choice]], after: int) -> tuple[int, list[Choice | None]]:
    """The most that mentions with rising places are worth; among equals the earliest places."""
    if not rows:
        return 0, []
    rest, chain = best_chain(rows[1:], after)
    ways: list[tuple[int, list[Choice | None]]] = []
    for choice in rows[0]:
        if choice.place > after and not choice.weak:
            worth, following = best_chain(rows[1:], choice.place)
            ways.append((choice.worth + worth, [choice, *following]))
    return max([*ways, (rest, [None, *chain])], key=lambda way: way[0])


def all_choices(
    text: str, mentions: Sequence[str], threshold: float, discontinuous: bool
) -> dict[str, list[Choice]]:
    found = {
        mention: candidates(text, mention, threshold, discontinuous) for mention in set(mentions)
    }
    places: dict[tuple[str, Match], int] = {}
    for one in {key(mention) for mention in mentions}:
        own = [match for mention in found if key(mention) == one for match in found[mention]]
        start = end = 0
        for match in sorted(own, key=lambda match: (match[0], -match[1])):
            start = match[0] if match[0] >= end else start
            end = max(end, match[1])
            places[one, match] = start

    def choice(mention: str, match: Match) -> Choice:
        others = [one for other in found if key(other) != key(mention) for one in found[other]]
        inner = any(surrounds(other, match) for other in others)
        worth = {"exact": 1000, "folded": 990, "fuzzy": 250 + int(650 * match[3])}[match[2]]
        weak = match[3] < max(other[3] for other in found[mention]) - 0.1
        place = places[key(mention), match]
        return Choice(match, key(mention), place, worth - 250 * inner, inner, weak)

    return {mention: [choice(mention, m) for m in sorted(found[mention])] for mention in found}


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
            worth = longer - 2 * edits(run, other) if a == 1 or b == 1 else 0
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
