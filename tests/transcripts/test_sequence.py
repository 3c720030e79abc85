"""Lines paired with words by what they retype."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transcripts.kit import LABELS, tagged, written

from nerharness.errors import CorpusError
from nerharness.transcripts import Block, Gold, read_transcript, tag_sentences

# name, lines, words, tags, problems
CASES: list[tuple[str, str, str, str, dict[str, int]]] = [
    ("plain", "a : B-SIGN\nb : I-SIGN", "a b", "B-SIGN I-SIGN", {}),
    ("a colon as word", "a : B-SIGN\n: : I-SIGN", "a :", "B-SIGN I-SIGN", {}),
    ("a colon in the word", "10:30 : B-SIGN", "10:30", "B-SIGN", {}),
    ("no spaces", "fever:B-SIGN\ncold :O", "fever cold", "B-SIGN O", {}),
    # Only what encloses the whole line is not part of the word.
    ("in brackets", "[a : B-SIGN]\n[[ : O]", "a [", "B-SIGN O", {}),
    ("a bracket as word", "[ : B-SIGN\n] : I-SIGN", "[ ]", "B-SIGN I-SIGN", {}),
    ("a bracket and a tag in brackets", "[ : [B-SIGN]", "[", "B-SIGN", {}),
    # A skipped line costs its own word, not those that follow.
    ("skipped", "fever : B-SIGN", "a fever", "O B-SIGN", {"missing_token": 1}),
    ("nothing", "", "a b", "O O", {"missing_token": 2}),
    # A repeated line, or one put in, does not cut the entity that it stands in.
    (
        "repeated",
        "bad : B-SIGN\nbad : B-SIGN\ncold : I-SIGN",
        "bad cold",
        "B-SIGN I-SIGN",
        {"extra_line": 1, "unaligned_token": 1},
    ),
    (
        "put in",
        "bad : B-SIGN\nhmm : O\ncold : I-SIGN",
        "bad cold",
        "B-SIGN I-SIGN",
        {"extra_line": 1},
    ),
    (
        "prose",
        "### Output:\nfever : B-SIGN",
        "fever now",
        "B-SIGN O",
        {"bad_line": 1, "missing_token": 1},
    ),
    ("fences", "```text\nfever : B-SIGN\n```", "fever", "B-SIGN", {}),
    # All words of a merged line are its entity's; of one that another entity follows, too.
    (
        "merged",
        "chest pain : B-SIGN\nfever : B-SIGN",
        "chest pain fever",
        "B-SIGN I-SIGN B-SIGN",
        {},
    ),
    # A split word is one word of its entity, and the entity begins with it.
    (
        "split",
        "cold : B-SIGN\nx-linked : B-SIGN\n- : I-SIGN\nichthyosis : I-SIGN",
        "cold x-linked-ichthyosis",
        "B-SIGN B-SIGN",
        {},
    ),
    # Punctuation that the model left out inside an entity belongs to it, words do not.
    (
        "punctuation left out",
        "chest : B-SIGN\npain : I-SIGN",
        "chest - pain",
        "B-SIGN I-SIGN I-SIGN",
        {"missing_token": 1},
    ),
    (
        "a word left out",
        "chest : B-SIGN\npain : I-SIGN",
        "chest wall pain",
        "B-SIGN O B-SIGN",
        {"missing_token": 1},
    ),
    ("misspelt", "telangectasia : B-SIGN", "telangiectasia", "B-SIGN", {}),
    # An entity that is not in the sentence has no place in it.
    (
        "invented",
        "gout : B-DISEASE\nfever : O",
        "fever",
        "O",
        {"extra_line": 1, "unaligned_token": 1},
    ),
    # Tags as they were meant.
    ("small letters", "a : b-sign\nb : o", "a b", "B-SIGN O", {}),
    (
        "spelt otherwise",
        "a : B_Rare Disease\nb : I RARE-DISEASE",
        "a b",
        "B-RAREDISEASE I-RAREDISEASE",
        {},
    ),
    ("ornament", "a : **B-SIGN**\nb : `O`.", "a b", "B-SIGN O", {}),
    # E and S are read as seqeval reads them, L as E and U as S.
    ("other schemes", "a : B-SIGN\nb : L-SIGN\nc : U-SIGN", "a b c", "B-SIGN I-SIGN B-SIGN", {}),
    ("inside first", "a : O\nb : I-SIGN", "a b", "O B-SIGN", {}),
    ("a label alone", "a : SIGN\nb : sign", "a b", "B-SIGN I-SIGN", {"bare_label": 2}),
    ("another label", "a : B-DRUG\nb : I-DRUG", "a b", "B-DRUG I-DRUG", {"unknown_label": 2}),
    ("no label", "a : B\nb : B-", "a b", "O O", {"bad_tag": 2}),
    ("a sentence", "note : I am not able to", "note", "O", {"bad_tag": 1}),
    ("no tag", "a : \nb : B-SIGN", "a b", "O B-SIGN", {"bad_line": 1, "missing_token": 1}),
]


@pytest.mark.parametrize(
    ("lines", "words", "tags", "problems"), [pytest.param(*case, id=name) for name, *case in CASES]
)
def test_case(lines: str, words: str, tags: str, problems: dict[str, int], tmp_path: Path) -> None:
    found = tagged(tmp_path, f"######\n{lines}\n######\nz : O\n", [words, "z"], "sequence")
    assert " ".join(found.tags[0]) == tags
    assert found.problems == problems


SENTENCE = st.lists(
    st.sampled_from(["ataxia", "telangiectasia", "is", "recessive", "gene", ",", "(", ":", "["]),
    min_size=1,
    max_size=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SENTENCE, st.data())
def test_a_full_copy_has_its_own_tags(
    tmp_path: Path, words: list[str], data: st.DataObject
) -> None:
    tags = ["O"] * len(words)
    for place in range(len(words)):
        begin = data.draw(st.sampled_from(["O", "O", "B-SIGN", "B-DISEASE", "I"]))
        before = tags[place - 1] if place else "O"
        tags[place] = begin if begin != "I" else ("O" if before == "O" else f"I{before[1:]}")
    text = "######\n" + "\n".join(f"{word} : {tag}" for word, tag in zip(words, tags, strict=True))
    found = tagged(tmp_path, text, [" ".join(words)], "sequence")
    assert (list(found.tags[0]), found.problems) == (tags, {})


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("ab:[]O -BI\n#`é", max_size=60), SENTENCE)
def test_any_text_gives_a_tag_to_each_word(tmp_path: Path, text: str, words: list[str]) -> None:
    path = written(tmp_path, f"######\n{text}\n######\nz : O")
    blocks = read_transcript(path)
    gold = Gold((tuple(words),) * len(blocks))
    for align in ("sequence", "position"):
        found = tag_sentences(blocks, gold, align, labels=LABELS, where=path)
        assert [len(tags) for tags in found.tags] == [len(words)] * len(blocks)
        assert all(all(tags) for tags in found.tags)


def test_words_that_cannot_be_encoded_are_aligned(tmp_path: Path) -> None:
    path = written(tmp_path, "######\nfever : B-SIGN\n")
    found = tag_sentences(
        read_transcript(path), Gold((("\ud800", "fever"),)), labels=LABELS, where=path
    )
    assert found.tags == (("O", "B-SIGN"),)


def test_a_block_too_large_to_align_is_an_error(tmp_path: Path) -> None:
    block = Block(7, "\n".join(["a : O"] * 30_000))
    with pytest.raises(CorpusError, match=r"answers\.txt:7: cannot be aligned: .*too long"):
        tag_sentences(
            [block], Gold((("a",) * 30_000,)), labels=LABELS, where=tmp_path / "answers.txt"
        )
