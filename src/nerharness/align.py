"""Mentions to spans, and a model's tokens and re-typed text to those that it read.

A mention is a string that a model says is in a text. Its candidates are, in this order,

1. its occurrences, *exact* and *folded*, that begin and end at word boundaries;
2. if there is none, the *fuzzy* ones: windows of whole words whose similarity reaches the
   threshold and that agree with the mention;
3. if there is none, exact occurrences inside a word, for mentions of three characters or more,
   unless they begin or end inside a number, or the rest of the word denies them ("febrile" in
   "afebrile").

Folding and similarity rest on the *skeleton* of a text: its compatibility decomposition in lower
case (ß as ss, final sigma as sigma), without white space and control characters, hyphens and
dashes, apostrophes, soft hyphens and other unseen characters, the Arabic tatweel, and without
accents; double quotation marks have one form. Between two digits a separator is kept, so that "1-2"
is not "12", nor "10²" "102". Marks that make another letter (vowel signs, kana voicing) are kept; a
Korean syllable is one letter, however it is encoded. A match covers whole characters of the source.

A *word boundary* lies between two characters that are not both letters, numbers or combining
marks; unseen characters between them do not count. Characters of scripts that are written without
spaces have one on both sides, and so have Korean syllables, since particles are written to the
word. A match neither begins nor ends at the point of a decimal number, before or behind it, nor
behind its comma: neither "5 mg" nor ".5 mg" is in "1.5 mg".

The *similarity* is 1 - edits / length of the longer skeleton, where inserting, deleting or
substituting a character and exchanging two neighbours count one each. If the two are equal but for
one word inside of one of them, with three characters or more before it, that word counts half of
its letters.

Two texts *agree* if none of these differs:

- their numbers, Roman numerals, single letters, units ("mg"), plus signs and denials ("non",
  "without"; in Chinese the characters for them, as for numbers): "type 1" is not "type 2", nor "one
  vessel" "two vessel", nor "hepatitis B" "hepatitis C", nor "non-small cell" "small cell";
- beginnings of words that are opposites (26 pairs such as hyper/hypo, hiper/hipo and pre/post),
  unless both have both; and words with "un", "in", "im" or "non" before them from those without;
- words in the same place, if there are as many in both and more than one: three fifths of a word of
  four characters or more must be the same. If there are not as many, this holds for the first and
  the last words, unless one begins (or ends) with the other. Ideographs and Korean syllables are
  words here, each by itself, and are the same or not.

The white space around a mention is ignored. The punctuation around it is looked for, but not
missed: without it the match is folded. A mention without a letter or number, or with a skeleton of
one or two characters, matches only letter by letter (composed or decomposed). Fuzzy matches are not
looked for when the skeleton of the mention is longer than 512 characters.

An aligner that is asked for *discontinuous* mentions looks, before the fuzzy ones, for the words of
a mention in fragments: "breast cancer" in "breast and ovarian cancer". They stand in their order,
in up to three fragments of three characters or more; words that stand together are one. A fragment
has the same skeleton as its words have in the mention; the punctuation between those of two is
looked for beside them, but not missed. In the gap between two fragments there are one to six
words, but no denial ("no", "not", "without", …), no end of a sentence (``.``, ``!`` or ``?`` before
white space, or what ends one in Chinese, Japanese or Hindi) and no blank line. From each place
where one may begin the candidate with the fewest fragments is taken, then the one that ends first,
then the one whose fragments, in turn, begin first and are longest; of candidates that overlap the
one with the fewest fragments, then the narrowest, then the earliest. It is exact if the mention is
its fragments with white space between them, otherwise folded. It counts as an occurrence from the
first fragment to the last. Mentions of more than 512 characters are not looked for in fragments.

**Which occurrence.** Mentions are taken to be in document order, and placed so that each begins
after the one before. Among the ways to place some of them so, the one that is worth most is taken
(an exact match is worth 1, a folded one a little less, a fuzzy one the less the less similar it is;
one inside a candidate of another, longer mention is worth a quarter less), and among equals the one
in which each mention in turn stands earliest. A fuzzy candidate that scores a tenth less than the
best one does not take part. What order cannot say is decided for the mentions that are left, one
after the other: they get the best of their own candidates that is free; rather between their
neighbours, rather outside of longer mentions, the better tier, the better score, the earlier one.

Guaranteed, in whatever order: mentions with the same skeleton are repeats and never share a place,
so that a surplus one has no match; different mentions do not compete, so that entities may nest and
overlap; a mention with as many candidates as repeats has a match each time; and the answer depends
on nothing but text, mentions and threshold. With more than 2**20 pairs of a mention and a
candidate, each mention takes the next occurrence that is free.

All positions are in code points. Strings with lone surrogates are refused with a ``ValueError``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, overload

from nerharness import _core
from nerharness._core import Match

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "Aligner",
    "Columns",
    "Match",
    "Tier",
    "align_tokens",
    "cuts",
    "echo",
    "similarity",
    "to_spans",
    "to_tokens",
]

Tier: TypeAlias = Literal["exact", "folded", "fuzzy"]


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The matches of a batch as arrays, one row for each mention, text after text.

    Those of discontinuous mentions go from the first fragment to the last.

    The rows of text ``i`` are ``offsets[i]:offsets[i + 1]``. ``start`` and ``end`` are code points
    (int64), -1 where there is no match; ``tier`` is 0 for exact, 1 for folded, 2 for fuzzy and -1
    for none (int8); ``score`` is 0.0 for none (float64).
    """

    offsets: "NDArray[np.int64]"
    start: "NDArray[np.int64]"
    end: "NDArray[np.int64]"
    tier: "NDArray[np.int8]"
    score: "NDArray[np.float64]"


@dataclass(frozen=True, slots=True)
class Aligner:
    """Finds mentions in the text that a model read; see the module for what counts as found.

    ``threshold`` is the similarity from which a fuzzy match is accepted; outside of (0, 1] it is a
    ``ValueError``. With ``discontinuous`` a match may have several fragments.
    """

    threshold: float = 0.8
    discontinuous: bool = field(default=False, kw_only=True)
    _inner: _core.Aligner = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_inner", _core.Aligner(self.threshold, self.discontinuous))

    def align(self, text: str, mentions: Sequence[str]) -> list[Match | None]:
        """One match for each mention, in their order; ``None`` for one that is not in the text.

        ``None`` is also the answer to a surplus repeat of a mention; `candidates` is empty only
        for a mention that is not in the text at all.
        """
        return self._inner.align(text, mentions)

    @overload
    def align_batch(
        self,
        texts: Sequence[str],
        mentions_per_text: Sequence[Sequence[str]],
        threads: int = 1,
        *,
        columns: Literal[False] = False,
    ) -> list[list[Match | None]]: ...

    @overload
    def align_batch(
        self,
        texts: Sequence[str],
        mentions_per_text: Sequence[Sequence[str]],
        threads: int = 1,
        *,
        columns: Literal[True],
    ) -> Columns: ...

    def align_batch(
        self,
        texts: Sequence[str],
        mentions_per_text: Sequence[Sequence[str]],
        threads: int = 1,
        *,
        columns: bool = False,
    ) -> list[list[Match | None]] | Columns:
        """`align` for each text with its mentions; the answers do not depend on ``threads``.

        With ``columns`` the answers are arrays. Lists of different lengths, or fewer than one
        thread, are a ``ValueError``.
        """
        if not columns:
            return self._inner.align_batch(texts, mentions_per_text, threads)
        # Imported here because numpy is slow to import and most callers want lists.
        import numpy as np

        start, end, tier, score = self._inner.align_columns(texts, mentions_per_text, threads)
        counts = np.fromiter(map(len, mentions_per_text), np.int64)
        return Columns(
            np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]),
            np.frombuffer(start, np.int64),
            np.frombuffer(end, np.int64),
            np.frombuffer(tier, np.int8),
            np.frombuffer(score, np.float64),
        )

    def candidates(self, text: str, mention: str) -> list[Match]:
        """Every acceptable match, best tier first, then best score, then in document order."""
        return self._inner.candidates(text, mention)

    def align_echo(
        self, text: str, echo: str, spans: Sequence[tuple[int, int]]
    ) -> list[Match | None]:
        """One match for each span of ``echo``, which is ``text`` as a model typed it again.

        Where it stands is what `nerharness.align.echo` says; tier and score are the `similarity` of
        what stands there and the span. ``None`` if nothing does, if the tier is ``None`` or if the
        score is below the threshold.
        """
        return _core.align_echo(text, echo, spans, self.threshold)


def cuts(text: str) -> list[int]:
    """The positions at which a mention may begin or end: 0, the length, word boundaries.

    None lies inside of a decimal number. Lone surrogates are a ``ValueError``.
    """
    return _core.cuts(text)


def similarity(a: str, b: str) -> tuple[Tier | None, float]:
    """How two strings compare: the tier, if they can stand for the same thing, and the similarity.

    Equal strings are exact, strings with the same skeleton folded; all others are fuzzy with the
    similarity of their skeletons, whatever it is, without the punctuation around them. The tier is
    ``None`` if nothing is similar, if a skeleton has fewer than three characters, or if the two do
    not agree.
    """
    return _core.similarity(a, b)


def echo(text: str, echo: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int] | None]:
    """For each span of ``echo`` the span of ``text`` that it re-types, or ``None``.

    ``echo`` is ``text`` as a model typed it again, with words dropped, changed or added. Both are
    cut into tokens: words, letters of scripts that are written without spaces, and single other
    characters; white space is left out. Tokens are compared by their spelling, as in
    `align_tokens`. They are linked

    1. by a diff (Myers' O(ND), bounded). What was dropped or added and could stand in several
       places, as in "type 1 and type 2" without "type 1 and", is put where it touches the fewest of
       the spans, the last such place if there are more, so that the first of several repeats is
       linked;
    2. where the texts differ, one token with one, or with a run of up to 8 that has no punctuation
       at its edges ("renalfailure", "hyper tension"), if the edit distance is less than half of the
       length of the longer one. A link is worth that length less twice the distance; the links are
       worth as much as they can be, and among such ones those that touch the fewest spans, then
       the earliest, are taken;
    3. one token with one of the same kind that stands alone in its place.

    A span is placed from the start of the first token in it that is linked to the end of the last:
    words that the model added at its edges fall away, those that it dropped inside are covered. A
    token that is cut by the span is cut at the same letter in the text, if it is spelled the same
    there; otherwise it is taken whole. Without a linked token the answer is ``None``.

    - If ``echo`` is ``text``, each span has itself as its place, less the white space, and the
      unseen characters outside of words, at its edges.
    - All spans of a call share one alignment: one that begins and ends no earlier than another has
      a place that does not, either; the place of one inside another lies inside that one's.
    - Time and memory are bounded for any two texts: the diff gives up on the shortest way when that
      is far, and a difference of more than 2**18 pairs of letters, one of each text, is not looked
      into: nothing in it has a place.

    A span that is empty, ends before it starts or leaves ``echo`` is a ``ValueError``.
    """
    return _core.echo(text, echo, spans)


def align_tokens(source: Sequence[str], output: Sequence[str]) -> list[int | None]:
    """For each source token the index of the output token that re-types it; never falling.

    Tokens are compared by their spelling: lower case, without accents and unseen characters, with
    one form for each kind of dash and quotation mark; punctuation counts. The alignment is a
    sequence of links that do not cross. A link joins

    - one source token, or a run of up to 15 (which a model merged), with one output token, or one
      source token with a run of up to 15 output tokens (which a model split), if the edit distance
      of their spellings is less than half of the length of the longer one; it is worth that length
      less twice the distance;
    - two runs of up to 15 tokens and 256 characters that are spelled the same, but divided
      otherwise; it is worth their length.

    The alignment is one that is worth most; among those the one that links the earliest tokens,
    so that a model that goes on repeating itself changes nothing. A source token that is linked to
    several output tokens gets the one that covers most of it, the first on ties; one that is not
    linked (dropped, or replaced by something unrelated) gets ``None``.

    Lists with more than 2**29 pairs of tokens are a ``ValueError``.
    """
    return _core.align_tokens(source, output)


def to_tokens(
    tokens: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]]
) -> list[tuple[int, int] | None]:
    """For each character span the half-open range of the tokens that it overlaps, or ``None``.

    ``tokens`` are character spans in document order. Tokens that overlap, and tokens or spans that
    end before they start, are a ``ValueError``.
    """
    return _core.to_tokens(tokens, spans)


def to_spans(
    tokens: Sequence[tuple[int, int]], ranges: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """For each token range the character span from its first token's start to its last one's end.

    An empty range, or one that leaves the tokens, is a ``ValueError``.
    """
    return _core.to_spans(tokens, ranges)
