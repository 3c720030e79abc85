"""Lines paired with words by position: each rule worked by hand, then against a plain twin."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from seqeval.metrics import classification_report
from transcripts.kit import LABELS, tagged, written

from nerharness.tags import score_tags
from nerharness.transcripts import Gold, read_transcript, tag_sentences

# name, lines, words, tags, problems
CASES: list[tuple[str, str, str, str, dict[str, int]]] = [
    ("plain", "a : B-SIGN\nb : O", "a b", "B-SIGN O", {}),
    # The models were shown "[input token : label]" and some took it by the letter.
    ("in brackets", "[a : B-SIGN]\n[b : O]", "a b", "B-SIGN O", {}),
    ("brackets anywhere", "a] : [B-SI]GN", "a", "B-SIGN", {}),
    # The word's own brackets go, too, but only its tag is used.
    ("a bracket as word", "[ : O\n] : O", "[ ]", "O O", {}),
    # `: ` parts, the space before it does not matter, and white space around the tag goes.
    ("no space before", "a: I-SIGN  \nb : O", "a b", "I-SIGN O", {}),
    ("no space behind", "a :O", "a", "O", {"bad_line": 1}),
    # ": : O" is cut twice, so that every colon of a text is O, whatever the model says.
    ("a colon as word", ": : B-SIGN", ":", "O", {"bad_line": 1}),
    ("an empty token", " : B-SIGN\n : O", "a b", "B-SIGN O", {"shifted_line": 2}),
    ("a colon in the word", "10:30 : B-SIGN", "10:30", "B-SIGN", {}),
    ("prose", "Here they are\na : B-SIGN", "a b", "O B-SIGN", {"bad_line": 1, "shifted_line": 1}),
    # A line without a tag is an O, and takes a word's place.
    ("no tag", "a\nb : B-SIGN", "a b", "O B-SIGN", {"bad_line": 1}),
    (
        "space alone",
        "a : O\n \nb : B-SIGN",
        "a b c",
        "O O B-SIGN",
        {"bad_line": 1, "shifted_line": 1},
    ),
    ("brackets alone", "a : O\n[]\nb : O", "a [] b", "O O O", {"bad_line": 1}),
    ("an empty line", "a : O\n\nb : B-SIGN", "a b", "O B-SIGN", {}),
    ("too few", "a : B-SIGN", "a b c", "B-SIGN O O", {"missing_token": 2}),
    ("too many", "a : B-SIGN\nb : O\nc : O", "a", "B-SIGN", {"extra_line": 2}),
    ("nothing", "", "a b", "O O", {"missing_token": 2}),
    # A skipped line shifts the tags of all that follow: this is what sequence alignment mends.
    ("skipped", "b : B-SIGN", "a b", "B-SIGN O", {"shifted_line": 1, "missing_token": 1}),
    # Tags are what seqeval sees, whatever they are: case and spelling count.
    ("small letters", "a : b-sign\nb : o", "a b", "b-sign o", {"bad_tag": 2}),
    ("another label", "a : B-RARE DISEASE", "a", "B-RARE|DISEASE", {"unknown_label": 1}),
    ("a label alone", "a : SIGN\nb : B", "a b", "SIGN B", {"bad_tag": 2}),
    ("no label", "a : B-\nb : O", "a b", "B- O", {"bad_tag": 1}),
    ("a remark", "a : O (not one)", "a", "O|(not|one)", {"bad_tag": 1}),
    # seqeval stops with an error at an empty tag, so that no published score has one.
    ("an empty tag", "a : \nb : B-SIGN", "a b", "O B-SIGN", {"bad_tag": 1}),
    # At the end of a block its space was stripped away, and with it what parts the line.
    ("an empty tag at the end", "a : ", "a", "O", {"bad_line": 1}),
]


@pytest.mark.parametrize(
    ("lines", "words", "tags", "problems"), [pytest.param(*case, id=name) for name, *case in CASES]
)
def test_case(lines: str, words: str, tags: str, problems: dict[str, int], tmp_path: Path) -> None:
    # A second block, so that a file without any line of the shape is not what is tested.
    found = tagged(tmp_path, f"######\n{lines}\n######\nz : O\n", [words, "z"])
    assert [tag.replace(" ", "|") for tag in found.tags[0]] == tags.split()
    assert found.problems == problems
    assert found.lines == len(lines.strip().replace("\n\n", "\n").split("\n")) + (1 if lines else 0)


def test_lines_before_the_first_separator_are_counted_and_not_used(tmp_path: Path) -> None:
    found = tagged(tmp_path, "model\na : B-SIGN\n######\na : O\n", ["a"])
    assert (found.tags, found.problems) == ((("O",),), {"preamble_line": 2})


def plain(content: str, gold: list[list[str]]) -> list[list[str]]:
    """The published convention, one character after the other."""
    parts: list[str] = [""]
    place = 0
    while place < len(content):
        if content[place : place + 6] == "######":
            parts.append("")
            place += 6
        else:
            parts[-1] += content[place]
            place += 1
    answers = []
    for words, part in zip(gold, parts[1:], strict=True):
        tags = []
        for line in part.strip().replace("\r\n", "\n").replace("\r", "\n").split("\n"):
            if line == "":
                continue
            bare = "".join(char for char in line if char not in "[]")
            cuts = [at for at in range(len(bare)) if bare[at : at + 2] == ": "]
            tag = bare[cuts[0] + 2 :].strip() if len(cuts) == 1 else "O"
            tags.append(tag or "O")  # seqeval cannot read an empty one
        answers.append((tags + ["O"] * len(words))[: len(words)])
    return answers


def report(gold: list[list[str]], pred: list[list[str]]) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return dict(classification_report(gold, pred, output_dict=True))


def test_seqeval_stops_at_an_empty_tag() -> None:
    with pytest.raises(IndexError):
        report([["O"]], [[""]])


WORDS = ["fever", ",", ":", "[", "]", "10:30", "Ebstein's", "é", "a:", "of", "##"]
TAGS = ["O", "B-SIGN", "I-SIGN", "B-DISEASE", "I-DISEASE", "B-RAREDISEASE"]
ODD = [
    "",
    "B",
    "b-sign",
    "o",
    "B-",
    "B-RARE DISEASE",
    "X-SIGN",
    "I-X",
    "B: SIGN",
    "O ",
    "-",
    "SIGN",
]
SENTENCES = st.lists(
    st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(TAGS)), min_size=1, max_size=7),
    min_size=1,
    max_size=5,
)
CHANGES = ["keep"] * 6 + ["drop", "twice", "odd", "brackets", "bare", "prose", "blank", "space"]


@st.composite
def transcripts(draw: st.DrawFn) -> tuple[list[list[tuple[str, str]]], str]:
    """Gold sentences, and what a model may have made of them."""
    sentences = draw(SENTENCES)
    lines = [draw(st.sampled_from(["", "", "\n", "about\n", "a : B-SIGN\n"])) + "######"]
    for number, sentence in enumerate(sentences):
        lines += ["######"] if number else []
        for word, tag in sentence:
            line = f"{word} : {tag}"
            kinds = {
                "keep": [line],
                "drop": [],
                "twice": [line, line],
                "odd": [f"{word} : {draw(st.sampled_from(ODD))}"],
                "brackets": [f"[{line}]"],
                "bare": [word],
                "prose": ["### Output:", line],
                "blank": ["", line],
                "space": [f" {word}: {tag} \t"],
            }
            lines += kinds[draw(st.sampled_from(CHANGES))]
    return sentences, draw(st.sampled_from(["\n", "\n", "\r\n"])).join(lines)


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(transcripts())
def test_tags_and_scores_are_those_of_the_published_convention(
    tmp_path: Path, made: tuple[list[list[tuple[str, str]]], str]
) -> None:
    sentences, content = made
    gold = [[tag for _, tag in sentence] for sentence in sentences]
    words = tuple(tuple(word for word, _ in sentence) for sentence in sentences)
    path = written(tmp_path, content + "\n######\nz : O")
    found = tag_sentences(
        read_transcript(path), Gold((*words, ("z",))), "position", labels=LABELS, where=path
    )
    gold.append(["O"])
    expected = plain(content + "\n######\nz : O", gold)
    assert [list(tags) for tags in found.tags] == expected
    scores, published = score_tags(gold, found.by_block(found.tags)), report(gold, expected)
    assert set(scores.labels) == set(published) - {"micro avg", "macro avg", "weighted avg"}
    for label, counts in [*scores.labels.items(), ("micro avg", scores.micro)]:
        own = published[label]
        assert (counts.precision, counts.recall, counts.f1) == (
            own["precision"],
            own["recall"],
            own["f1-score"],
        )
