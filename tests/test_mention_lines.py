"""Lines of mentions: what is read, what is refused, and which place a mention is given."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerharness.align import Aligner, Match
from nerharness.mention_lines import BATCH, Line, Summary, align_lines

EXPECTED = '; expected {"text": "…", "mentions": [{"text": "…"}]}'


def align(*lines: str | bytes | dict[str, Any]) -> list[Line]:
    """Align lines of `n.jsonl`; JSON is made of objects."""
    made = [json.dumps(one) if isinstance(one, dict) else one for one in lines]
    raw = [(one.encode() if isinstance(one, str) else one) + b"\n" for one in made]
    return [line for batch in align_lines(raw, Path("n.jsonl"), Aligner()) for line in batch]


def document(text: str, mentions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"text": text, "mentions": list(mentions)}


def places(line: Line) -> list[tuple[Any, Any]]:
    return [(mention["start"], mention["end"]) for mention in line.content["mentions"]]


def test_the_same_words_under_two_labels_share_a_place_and_a_repeat_has_none() -> None:
    labels = ("sign", "symptom", "sign", "symptom", "symptom", None, ["a"], ["a"], ["a"])
    mentions = [{"text": "fever", "label": label} for label in labels]
    (line,) = align(document("fever, fever", mentions))
    starts = [start for start, _ in places(line)]
    assert starts == [0, 7, 7, 0, None, 0, 0, 7, None]
    assert line.counts == {"exact": 7, "repeat": 2}


def test_a_mention_that_is_not_in_the_text_is_no_repeat() -> None:
    (line,) = align(document("No fever.", [{"text": "rash"}, {"text": "rash"}, {"text": ""}]))
    assert line.counts == {"ungrounded": 3}


def test_a_place_that_is_not_the_given_one_differs() -> None:
    mentions = [
        {"text": "fever", "start": 3, "end": 8},
        {"text": "rash", "start": 9, "end": 13, "tier": "mine", "score": 0.1},
        {"text": "cough", "start": 0, "end": 5, "tier": "exact", "score": 1.0},
        {"text": "ataxia", "start": None, "end": None},
        {"text": "ataxia", "end": "30"},
    ]
    (line,) = align(document("No fever, rash, ataxia, ataxia.", mentions))
    assert places(line) == [(3, 8), (10, 14), (None, None), (16, 22), (24, 30)]
    assert (line.counts["given"], line.counts["differing"]) == (4, 3)
    none = line.content["mentions"][2]
    assert (none["tier"], none["score"]) == ("none", None)


def test_blank_lines_and_byte_order_marks_are_no_fault() -> None:
    good = b'{"text": "a", "mentions": []}'
    bom = b"\xef\xbb\xbf"
    lines = align(bom + good + b"\r", b"", b" \t\r", bom, bom + good, b'{"mentions": 5}')
    assert [line.content for line in lines[:-1]] == [{"text": "a", "mentions": []}] * 2
    assert lines[-1].error == f"n.jsonl:6: no field 'text'{EXPECTED}"


GOOD = document("No fever.", [{"text": "fever"}])
FAULTS: list[tuple[str | bytes | dict[str, Any], str]] = [
    ("no", "not JSON: Expecting value at column 1"),
    ('{"text": "a" "mentions"}', "not JSON: Expecting ',' delimiter at column 14"),
    ('{"text": "a"', "not JSON: Expecting ',' delimiter at column 13"),
    ('{"text": "a"} {}', "not JSON: Extra data at column 15"),
    (b'{"text": "fi\xe8vre"}', "byte 0xe8 is not UTF-8"),
    (b'\xef\xbb\xbf{"text": "\xe8"}', "byte 0xe8 is not UTF-8"),
    ('{"text": "a", "mentions": [], "p": NaN}', "not JSON: NaN is no number"),
    ('{"text": "a", "mentions": [], "p": -Infinity}', "not JSON: -Infinity is no number"),
    ('{"text": "a", "mentions": [], "p": -1e999}', "not JSON: -1e999 is no number"),
    ('{"text": "a", "mentions": [], "p": ' + "9" * 5000 + "}", "Exceeds the limit (4300 digits)"),
    ('{"text": "a", "mentions": [], "x": ' + "[" * 100_000, "nested too deeply"),
    ("[]", "not an object"),
    ("null", "not an object"),
    ("5", "not an object"),
    ({"mentions": []}, "no field 'text'"),
    ({"text": None, "mentions": []}, "field 'text' must be a string, got None"),
    ({"text": ["a"], "mentions": []}, "field 'text' must be a string, got ['a']"),
    ({"text": "a"}, "no field 'mentions'"),
    ({"text": "a", "mentions": None}, "field 'mentions' must be a list, got None"),
    ({"text": "a", "mentions": GOOD}, "field 'mentions' must be a list, got {"),
    (
        {"text": "a", "mentions": "long " * 99},
        "field 'mentions' must be a list, got 'long long lo...ng long long '",
    ),
    (document("a", [{"text": "a"}, {"label": "x"}]), "mentions[1]: no field 'text'"),
    (document("a", [{"text": 5}]), "mentions[0]: field 'text' must be a string, got 5"),
    ({"text": "a", "mentions": ["a"]}, "mentions[0] is not an object"),
    ({"text": "a", "mentions": [["a", "x"]]}, "mentions[0] is not an object"),
    (
        document("ab \ud83d", []),
        "field 'text' has a lone surrogate at character 3, which is not Unicode text",
    ),
    (
        document("a", [{"text": "\udc00"}]),
        "mentions[0]: field 'text' has a lone surrogate at character 0, which is not Unicode text",
    ),
]


@pytest.mark.parametrize(("bad", "message"), FAULTS, ids=[message[:40] for _, message in FAULTS])
def test_a_line_that_cannot_be_used_comes_out_with_an_error_and_the_others_are_aligned(
    bad: str | bytes | dict[str, Any], message: str
) -> None:
    before, failed, after = align(GOOD, bad, GOOD)
    assert before == after
    assert places(before) == [(3, 8)]
    assert failed.error is not None
    assert failed.error.startswith(f"n.jsonl:2: {message}")
    assert failed.error.endswith(EXPECTED)
    kept = bad if isinstance(bad, dict) else {}
    assert failed.content == {**kept, "error": failed.error}
    assert json.loads(failed.encode()) == failed.content
    assert not failed.counts


def test_an_error_of_before_is_replaced() -> None:
    (line,) = align({"error": "old"})
    assert line.content == {"error": line.error}


def test_a_lone_surrogate_outside_of_the_texts_is_written_as_the_escape_that_it_was() -> None:
    (line,) = align(
        '{"text": "🧬", "mentions": [{"text": "🧬", "label": "\\ud83d"}], "\\udc00": 1}'
    )
    assert line.error is None
    assert b'"label": "\\ud83d"' in line.encode()
    assert line.encode().endswith(b'"\\udc00": 1}\n')
    assert "🧬".encode() in line.encode()


@pytest.mark.parametrize("depth", range(900, 1000))
def test_whatever_depth_can_be_read_can_be_written(depth: int) -> None:
    (line,) = align('{"text": "a", "mentions": [], "x": ' + "[" * depth + "]" * depth + "}")
    assert line.encode().endswith(b"}\n")


words = st.sampled_from(
    ["fever", "Fever", "fe-ver", "fevr", "rash", "a", "1", "é", "e\u0301", "🧬"]
)
texts = st.lists(words, max_size=8).map(" ".join)
mentions = st.fixed_dictionaries(
    {"text": words}, optional={"label": st.sampled_from(["x", "y", None, 1])}
)


@given(text=texts, said=st.lists(mentions, max_size=8))
def test_every_mention_has_its_match_or_a_free_candidate_or_there_is_none(
    text: str, said: list[dict[str, Any]]
) -> None:
    (line,) = align(document(text, said))
    found = line.content["mentions"]
    claims = {(one.get("label"), one["start"], one["end"]) for one in found}
    matches = Aligner().align(text, [one["text"] for one in said])
    kinds: Counter[str] = Counter()
    for given_, placed, match in zip(said, found, matches, strict=True):
        assert {**placed, **given_} == placed
        candidates = Aligner().candidates(text, given_["text"])
        if placed["tier"] == "none":
            assert match is None
            label = given_.get("label")
            assert all((label, one.start, one.end) in claims for one in candidates)
            kinds["repeat" if candidates else "ungrounded"] += 1
        else:
            place = Match(placed["start"], placed["end"], placed["tier"], placed["score"])
            assert place == match if match else place in candidates
            kinds[place.tier] += 1
    assert line.counts == kinds


def test_a_batch_is_read_only_when_it_is_asked_for_and_aligned_on_all_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[int, int]] = []
    whole = Aligner.align_batch

    def spy(self: Aligner, texts: Any, mentions: Any, threads: int) -> Any:
        asked.append((len(texts), threads))
        return whole(self, texts, mentions, threads)

    monkeypatch.setattr(Aligner, "align_batch", spy)
    raw = iter([json.dumps(GOOD).encode()] * (2 * BATCH + 5))
    batches = align_lines(raw, Path("n.jsonl"), Aligner(), threads=3)
    assert asked == []
    assert len(next(batches)) == BATCH
    assert len(list(raw)) == BATCH + 5
    assert (asked, list(batches)) == ([(BATCH, 3)], [])


def test_a_summary_counts_lines_and_mentions() -> None:
    summary = Summary(seconds=1.23456)
    for line in align(GOOD, "no", document("a", [{"text": "A", "start": 0}, {"text": "b"}])):
        summary.add(line)
    assert summary.to_json() == {
        "schema": 1,
        "documents": {"total": 3, "failed": 1},
        "mentions": {
            "total": 3, "exact": 1, "folded": 0, "fuzzy": 0, "repeat": 0, "ungrounded": 2
        },
        "offsets": {"given": 1, "differing": 1},
        "seconds": 1.235,
    }  # fmt: skip


def test_counts_are_numbers_even_if_there_is_but_one_line_and_it_failed() -> None:
    summary = Summary()
    summary.add(*align("no"))
    assert json.dumps(summary.to_json()["documents"]) == '{"total": 1, "failed": 1}'
