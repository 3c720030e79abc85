"""Token lists: a model's output against the source, and characters against tokens."""

import random

import pytest
from core import reference
from hypothesis import given, settings
from hypothesis import strategies as st

from nerharness.align import align_tokens, to_spans, to_tokens

# name, source tokens, output tokens, the output token of each source token
ALIGNED = [
    ("nothing at all", "", "", []),
    ("no output", "a b", "", [None, None]),
    ("no source", "", "a b", []),
    ("identity", "the gene is . the gene", "the gene is . the gene", [0, 1, 2, 3, 4, 5]),
    ("dropped", "the bad gene is", "the gene is", [0, None, 1, 2]),
    ("dropped at the start", "the bad gene", "bad gene", [None, 0, 1]),
    ("added", "the gene is", "the very bad gene is", [0, 3, 4]),
    ("preamble", "gene is", "here are tags : gene is", [4, 5]),
    ("changed to something unrelated", "the gene is", "the dog is", [0, None, 2]),
    ("misspelt", "telangiectasia here", "telangectasia here", [0, 1]),
    ("one letter for another", "a b", "a c", [0, None]),
    ("half the letters", "abcd", "abxy", [None]),
    ("more than half of the letters", "abcde", "abcxy", [0]),
    ("another case", "The Gene", "the gene", [0, 1]),
    ("another dash", "A ‑ T", "A - T", [0, 1, 2]),
    ("merged", "A - T gene", "A-T gene", [0, 0, 0, 1]),
    ("merged without the hyphen", "A - T gene", "AT gene", [0, 0, 0, 1]),
    ("merged and misspelt", "ataxia - telangiectasia", "ataxia-telangectasia", [0, 0, 0]),
    ("split", "ataxia-telangiectasia is", "ataxia - telangiectasia is", [2, 3]),
    ("split evenly", "abab", "ab ab", [0]),
    ("divided otherwise", "ab- cde", "a b-cd e", [1, 1]),
    ("punctuation", "a . b , c .", "a . b , c .", [0, 1, 2, 3, 4, 5]),
    ("punctuation dropped", "a . b , c .", "a b c .", [0, None, 1, None, 2, 3]),
    ("repeated token", "a gene", "a a gene", [0, 2]),
    ("repeated to the end", "the gene is", "the gene is" + " the gene is" * 50, [0, 1, 2]),
    ("stuck on one token", "the gene is", "the gene" + " gene" * 99, [0, 1, None]),
    ("stuck in the middle", "a bad gene is", "a bad a bad a bad gene is", [0, 1, 6, 7]),
    ("swapped", "gene bad", "bad gene", [1, None]),
]


@pytest.mark.parametrize(
    ("source", "output", "expected"), [pytest.param(*case, id=name) for name, *case in ALIGNED]
)
def test_aligned(source: str, output: str, expected: list[int | None]) -> None:
    assert align_tokens(source.split(), output.split()) == expected
    assert reference.align_tokens(source.split(), output.split()) == expected


@given(st.lists(st.text(max_size=5), max_size=20))
def test_equal_lists_are_aligned_with_themselves(tokens: list[str]) -> None:
    assert align_tokens(tokens, tokens) == list(range(len(tokens)))


TOKENS = st.lists(
    st.sampled_from(["a", "b", "ab", "A-b", "-", "é", "e\u0301b", "abba", "bab", ".", "\u00ad"]),
    max_size=9,
)


@settings(max_examples=600, deadline=None)
@given(TOKENS, TOKENS)
def test_alignments_are_those_of_the_reference(source: list[str], output: list[str]) -> None:
    assert align_tokens(source, output) == reference.align_tokens(source, output)


WORDS = ["ataxia", "-", "telangiectasia", "(", "AT", ")", "is", "a", "recessive", "gene", "."]


def corrupted(tokens: list[str], rng: random.Random) -> list[str]:
    """The tokens as a small model re-types them."""
    output: list[str] = []
    for token in tokens:
        kind = rng.randrange(12)
        cut = rng.randrange(1, len(token)) if len(token) > 1 else 1
        changes = {
            0: [],
            1: [token, token],
            2: [token[:cut] + "x" + token[cut:]],
            3: [token[:cut], token[cut:]] if cut < len(token) else [token],
            4: [token, rng.choice(tokens)],
        }
        output += changes.get(kind, [token])
        if kind == 5 and len(output) > 1:
            output[-2:] = [output[-2] + output[-1]]
    return output


@pytest.mark.parametrize("seed", range(3))
def test_alignments_of_retyped_text_are_those_of_the_reference(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(40):
        source = rng.choices(WORDS, k=rng.randrange(12))
        output = corrupted(source, rng) if source else []
        expected = reference.align_tokens(source, output)
        assert align_tokens(source, output) == expected, (source, output)


@given(st.lists(st.text("abé-", max_size=4)), st.lists(st.text("abé-", max_size=4)))
def test_answers_never_fall_and_are_in_range(source: list[str], output: list[str]) -> None:
    found = align_tokens(source, output)
    assert len(found) == len(source)
    linked = [index for index in found if index is not None]
    assert linked == sorted(linked)
    assert all(0 <= index < len(output) for index in linked)


def test_bad_token_lists_are_refused() -> None:
    with pytest.raises(ValueError, match="output token 1 has a lone surrogate"):
        align_tokens(["a"], ["a", "\ud800"])
    with pytest.raises(ValueError, match="too long to align"):
        align_tokens(["a"] * 30_000, ["a"] * 30_000)
    with pytest.raises(TypeError):
        align_tokens("a b", ["a"])


TEXT_TOKENS = [(0, 4), (5, 9), (9, 10), (12, 12), (12, 15)]


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ((0, 4), (0, 1)),
        ((3, 6), (0, 2)),
        ((4, 5), None),
        ((10, 12), None),
        ((9, 15), (2, 5)),
        ((2, 2), None),
        ((20, 30), None),
        ((0, 99), (0, 5)),
    ],
)
def test_to_tokens(span: tuple[int, int], expected: tuple[int, int] | None) -> None:
    assert to_tokens(TEXT_TOKENS, [span, span]) == [expected, expected]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), max_size=10), st.data())
def test_token_ranges_come_back(gaps: list[tuple[int, int]], data: st.DataObject) -> None:
    tokens, end = [], 0
    for gap, length in gaps:
        tokens.append((end + gap, end + gap + length))
        end = tokens[-1][1]
    position = st.integers(0, end + 2)
    low, high = sorted((data.draw(position), data.draw(position)))
    covered = [
        index
        for index, (start, stop) in enumerate(tokens)
        if any(start <= place < stop for place in range(low, high))
    ]
    expected = (covered[0], covered[-1] + 1) if covered else None
    assert to_tokens(tokens, [(low, high)]) == [expected]
    if expected:
        (span,) = to_spans(tokens, [expected])
        assert span == (tokens[covered[0]][0], tokens[covered[-1]][1])
        assert to_tokens(tokens, [span]) == [expected]


@pytest.mark.parametrize(
    ("tokens", "spans", "message"),
    [
        ([(0, 4), (3, 5)], [], r"token 1 \[3, 5\)"),
        ([(4, 3)], [], r"token 0 \[4, 3\)"),
        ([(-1, 3)], [], r"token 0 \[-1, 3\) must not be negative"),
        ([(0, 4)], [(0, 1), (3, 2)], r"span 1 \[3, 2\) ends before it starts"),
    ],
)
def test_bad_spans_are_refused(
    tokens: list[tuple[int, int]], spans: list[tuple[int, int]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        to_tokens(tokens, spans)


@pytest.mark.parametrize("bad", [(0, 0), (1, 3), (2, 1), (-1, 1), (5, 6)])
def test_bad_ranges_are_refused(bad: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="range 1"):
        to_spans([(0, 4), (5, 9)], [(0, 1), bad])
