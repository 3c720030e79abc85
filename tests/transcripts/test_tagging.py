"""Whole transcripts: blocks for sentences, entities of documents, and how long it takes."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from transcripts.kit import LABELS, document, tagged, written

from nerharness.errors import CorpusError
from nerharness.tags import score_tags
from nerharness.transcripts import (
    Align,
    Gold,
    by_document,
    entities_of,
    gold_sentences,
    read_transcript,
    tag_sentences,
)
from nerharness.types import Document, Entity, Span

STORY = [
    "Gout is a painful disease .",
    "It affects the joints first .",
    "Fever and chills were seen .",
    "Most patients recover within weeks .",
    "No cure has been found .",
]


def copied(sentences: list[str]) -> str:
    return "".join(
        "######\n" + "".join(f"{word} : O\n" for word in sentence.split()) for sentence in sentences
    )


def failure(folder: Path, sentences: list[str], gold: list[str]) -> str:
    with pytest.raises(CorpusError) as caught:
        tagged(folder, copied(sentences), gold)
    return str(caught.value).removeprefix(f"{folder}/")


def test_a_block_too_few_is_named_with_both_numbers_and_its_line(tmp_path: Path) -> None:
    # Without the third sentence (7 lines before and 7 lines each) the third block is the fourth's.
    message = failure(tmp_path, STORY[:2] + STORY[3:], STORY)
    assert message.startswith("answers.txt:15: 4 blocks for 5 sentences; block 3 is rather about")
    assert "the next sentence than about sentence 3, 'Fever and chills were seen .'" in message


def test_a_block_too_many_is_named(tmp_path: Path) -> None:
    message = failure(tmp_path, [*STORY[:2], STORY[1], *STORY[2:]], STORY)
    assert message.startswith("answers.txt:15: 6 blocks for 5 sentences; block 3 is rather about")
    assert "the sentence before than about sentence 3" in message


def test_a_difference_at_the_end_is_named(tmp_path: Path) -> None:
    message = failure(tmp_path, STORY[:4], STORY)
    assert message.startswith("answers.txt:22: 4 blocks for 5 sentences; the first without a block")
    assert "sentence 5, 'No cure has been found .'" in message
    message = failure(tmp_path, [*STORY, "More ?"], STORY)
    assert message.startswith("answers.txt:36: 6 blocks for 5 sentences; the first without a")
    assert "block 6" in message


def test_one_odd_block_is_not_taken_for_the_difference(tmp_path: Path) -> None:
    # The first block is a copy of the second, but those after it are where they should be.
    message = failure(tmp_path, [STORY[1], *STORY[1:4]], STORY)
    assert "the first without a block may be sentence 5" in message


def test_lines_before_the_first_separator_are_named_when_a_block_lacks(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="lines before line 7 are in no block"):
        tagged(tmp_path, copied(STORY).removeprefix("######\n"), STORY)


def test_no_block_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="0 blocks for 1 sentences; there is no block"):
        tag_sentences([], Gold((("a",),)), labels=LABELS, where=tmp_path)


def test_tokens_belong_to_the_sentence_in_which_they_start() -> None:
    tokens = (Span(0, 1), Span(2, 3), Span(4, 7), Span(8, 9))
    sentences = (Span(0, 3), Span(3, 4), Span(4, 6), Span(6, 9))
    # The second sentence has no token, and the third one's only token ends in the fourth.
    made = Document("a", "a b cde f", tokens, sentences)
    assert gold_sentences([made]).sentences == (("a", "b"), ("cde",), ("f",))
    assert gold_sentences([Document("a", "a b cde f", tokens, ())]).sentences == (
        ("a", "b", "cde", "f"),
    )
    assert gold_sentences([Document("a", "", (), ())]).sentences == ()


# The third document's only sentence runs on, too, past the fourth one, which has no word.
RUNNING = [
    document("1", "Gout hurts .", "See the ( Database )"),
    document("2", "Fever was seen .", "It went !"),
    document("3", "A cold"),
    Document("4", " ", (), ()),
    document("5", "and chills", "Why ?"),
]


def test_a_document_that_ends_without_a_stop_runs_on() -> None:
    gold = gold_sentences(RUNNING)
    assert [sentence[0] for sentence in gold.sentences] == [
        *("Gout", "See", "Fever", "It", "A", "and", "Why")
    ]
    assert gold.run_on == {2, 5}
    assert gold_sentences(RUNNING[2:4]).run_on == set()


BLOCKS = [
    "Gout : B-DISEASE\nhurts : O\n. : O",
    "See : O\nthe : O\n( : O\nDatabase : O\n) : B-SIGN\nFever : I-SIGN\nwas : O\nseen : O\n. : O",
    "It : O\nwent : O\n! : O",
    "A : O\ncold : B-SIGN\nand : I-SIGN\nchills : I-SIGN",
    "Why : O\n? : O",
]


@pytest.mark.parametrize("align", ["position", "sequence"])
def test_blocks_of_sentences_that_run_on(align: Align, tmp_path: Path) -> None:
    path = written(tmp_path, "".join(f"######\n{block}\n" for block in BLOCKS))
    gold = gold_sentences(RUNNING)
    found = tag_sentences(read_transcript(path), gold, align, labels=LABELS, where=path)
    assert found.problems == {}
    assert found.joined == {2, 5}
    assert found.tags[1:3] == (("O", "O", "O", "O", "B-SIGN"), ("I-SIGN", "O", "O", "O"))
    # An entity across the seam is one in the blocks, which are scored, and one in each document.
    joined = found.by_block(found.tags)
    assert [len(block) for block in joined] == [3, 9, 3, 4, 2]
    assert score_tags(joined, joined).micro.tp == 3
    entities = [
        entities_of(tags, made)
        for tags, made in zip(by_document(found.tags, RUNNING), RUNNING, strict=True)
    ]
    surfaces = [
        [(entity.label, entity.surface(made.text)) for entity in own]
        for own, made in zip(entities, RUNNING, strict=True)
    ]
    assert surfaces == [
        [("DISEASE", "Gout"), ("SIGN", ")")],
        [("SIGN", "Fever")],
        [("SIGN", "cold")],
        [],
        [("SIGN", "and chills")],
    ]


def test_a_block_for_each_sentence_is_taken_as_it_is(tmp_path: Path) -> None:
    gold = gold_sentences(RUNNING)
    path = written(tmp_path, copied([" ".join(words) for words in gold.sentences]))
    found = tag_sentences(read_transcript(path), gold, "position", labels=LABELS, where=path)
    assert found.joined == frozenset()
    assert found.by_block(found.tags) == [list(tags) for tags in found.tags]


def test_a_wrong_number_names_both_that_would_do(tmp_path: Path) -> None:
    path = written(tmp_path, copied(["Gout hurts ."]))
    gold = gold_sentences(RUNNING)
    with pytest.raises(CorpusError, match=r"1 blocks for 7 sentences \(5 with those that run on"):
        tag_sentences(read_transcript(path), gold, labels=LABELS, where=path)


def test_entities_have_offsets_of_the_document() -> None:
    made = document("1", "Gout is bad .", "Acute gout hurts", gap="\n\n")
    tags = [["B-DISEASE", "O", "O", "O"], ["I-DISEASE", "I-DISEASE", "S"]]
    found = entities_of(tags, made)
    # Lenient: an entity may begin with I, and a tag without label has seqeval's.
    assert found[:2] == (Entity.at("DISEASE", 0, 4), Entity.at("DISEASE", 15, 25))
    assert found[1].surface(made.text) == "Acute gout"
    assert [entity.label for entity in found[2:]] == ["_"]


def test_tags_of_other_sentences_are_refused() -> None:
    made = document("1", "Gout is bad .", "It hurts")
    with pytest.raises(ValueError, match="3 tags for a sentence of 4"):
        entities_of([["O"] * 3, ["O"] * 2], made)
    with pytest.raises(ValueError, match="zip"):
        entities_of([["O"] * 4], made)
    with pytest.raises(ValueError, match="tags of 3 sentences for documents of 2"):
        list(by_document([["O"]] * 3, [made]))


@pytest.mark.parametrize("align", ["position", "sequence"])
@pytest.mark.parametrize("per_block", [20, 100_000])
def test_a_hundred_thousand_lines_take_seconds(
    align: Align, per_block: int, tmp_path: Path
) -> None:
    block = "######\n" + "".join(f"word{n % 97} : B-SIGN\n" for n in range(per_block))
    path = written(tmp_path, block * (100_000 // per_block))
    started = time.perf_counter()
    blocks = read_transcript(path)
    words = tuple(f"word{n % 97}" for n in range(min(per_block, 200)))
    found = tag_sentences(blocks, Gold((words,) * len(blocks)), align, labels=LABELS, where=path)
    assert found.lines == 100_000
    assert {tag for tags in found.tags for tag in tags} == {"B-SIGN"}
    with pytest.raises(CorpusError):
        tag_sentences(blocks, Gold(()), align, labels=LABELS, where=path)
    assert time.perf_counter() - started < 30
