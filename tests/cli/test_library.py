"""`score` and `compare` from Python: what can be given, what comes back, and how it prints."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from seqeval.metrics import f1_score

import nerharness
from nerharness import Aligner, Averaging, Entity, Span, compare, score
from nerharness.errors import CorpusError, RunError, UsageError
from nerharness.scoring.protocols import PROTOCOLS
from nerharness.tags import score_tags

Cli = Callable[..., Any]

TEXTS = ["Gout hurts. Fever.", "No fever."]
GOLD = [[("disease", 0, 4), ("sign", 12, 17)], [("sign", 3, 8)]]
FIRST = [[("disease", 0, 4), ("disease", 12, 17)], [("sign", 3, 8)]]
SECOND = [[("disease", 0, 4), ("sign", 12, 17)], []]


def test_entities_without_texts_are_scored_by_where_they_stand() -> None:
    report = score(GOLD, FIRST)
    assert list(report.protocols) == ["strict", "exact", "partial", "partial-chars", "type"]
    micro = report.protocols["strict"].micro
    assert (micro.tp, micro.fp, micro.fn) == (2, 1, 1)
    assert report.errors.confusion == {("sign", "disease"): 1}
    assert report.oracles["labels"].f1 == 1.0


def test_with_texts_by_all_protocols() -> None:
    report = score(GOLD, FIRST, texts=TEXTS)
    assert list(report.protocols) == list(PROTOCOLS)
    assert report.strata["length"]["1 token"].tp == 2


def test_tuples_and_entities_are_one() -> None:
    whole = [[Entity(label, (Span(start, end),)) for label, start, end in row] for row in GOLD]
    assert score(whole, FIRST).to_json() == score(GOLD, FIRST).to_json()


def test_arrays_are_taken_as_lists_are() -> None:
    tags = [["B-x", "I-x", "O"], ["O", "B-y", "O"]]
    assert score(np.array(tags), np.array(tags)).to_json() == score(tags, tags).to_json()
    rows = [np.array(row, dtype=object) for row in GOLD]
    texts, labels = np.array(TEXTS), np.array(["disease", "sign"])
    given = score(rows, rows, texts=texts, labels=labels)
    assert given.to_json() == score(GOLD, GOLD, texts=TEXTS, labels=labels).to_json()


RESULTS: dict[str, Callable[[], Any]] = {
    "scores of entities": lambda: score(GOLD, FIRST, texts=TEXTS, draws=20),
    "scores of tags": lambda: score([["B-x", "O"]], [["O", "B-x"]], draws=20),
    "a comparison": lambda: compare(FIRST, SECOND, gold=GOLD, texts=TEXTS, draws=20),
    "counts of tags": lambda: score_tags([["B-x", "O"]], [["O", "B-x"]]),
    "an aligner": lambda: Aligner(0.7, discontinuous=True),
    "matches": lambda: Aligner().align("He has gout.", ["gout", "rash"]),
    "an entity": lambda: Entity("x", (Span(0, 1), Span(2, 3))),
}


@pytest.mark.parametrize("name", RESULTS)
def test_results_go_from_process_to_process_and_can_be_copied(name: str) -> None:
    result = RESULTS[name]()
    for other in (pickle.loads(pickle.dumps(result)), copy.copy(result), copy.deepcopy(result)):
        assert type(other) is type(result)
        assert other == result


def test_columns_go_from_process_to_process_and_can_be_copied() -> None:
    columns = Aligner().align_batch(["He has gout."], [["gout", "rash"]], columns=True)
    for other in (pickle.loads(pickle.dumps(columns)), copy.deepcopy(columns)):
        assert other.start.tolist() == columns.start.tolist()


def test_tags_are_scored_as_seqeval_does() -> None:
    gold = [["B-x", "I-x", "O", "B-y"], ["O", "I-y"], []]
    predicted = [["B-x", "O", "O", "B-y"], ["I-y", "I-y"], []]
    report = score(gold, predicted)
    assert "document" not in report.protocols
    assert report.protocols["seqeval-default"].micro.f1 == f1_score(gold[:2], predicted[:2])
    # Strict drops what does not begin with B: gold has two entities, the predictions two, one hits.
    strict = report.protocols["seqeval-strict"].micro
    assert (strict.tp, strict.fp, strict.fn) == (1, 1, 1)


def test_tags_of_another_scheme_and_tags_that_are_none() -> None:
    gold = [["B-x", "E-x", "S-y"]]
    report = score(gold, [["B-x", "E-x", "O"]], scheme="BIOES")
    for name in ("strict", "seqeval-default", "seqeval-strict"):
        assert (report.protocols[name].micro.tp, report.protocols[name].micro.fn) == (1, 1)
    # By default seqeval reads "hello" as an entity of label "ello"; strictly it cannot be read.
    odd = score([["B-x", "O"]], [["B-x", "hello"]]).protocols
    assert odd["seqeval-default"].labels["ello"].fp == 1
    assert odd["seqeval-strict"].micro.fp == 0


def test_of_bilou_last_and_unit_count_as_end_and_single() -> None:
    gold, predicted = [["U-x", "U-x", "B-y", "L-y"]], [["U-x", "O", "B-y", "L-y"]]
    known = [
        [[tag.replace("U", "S").replace("L", "E") for tag in row] for row in rows]
        for rows in (gold, predicted)
    ]
    f1 = score(gold, predicted, scheme="BILOU", draws=0).protocols["seqeval-default"].micro.f1
    assert f1 == f1_score(*known) == pytest.approx(0.8)
    with pytest.warns(UserWarning, match="seems not to be NE tag"):
        assert f1_score(gold, predicted) == 0.5  # it sees one entity of x, and misses it


def test_the_seed_decides_the_intervals_and_no_draws_give_none() -> None:
    rows = [[("a", n, n + 1)] for n in range(30)]
    some = [row if n % 3 else [] for n, row in enumerate(rows)]
    same = [
        score(rows, some, seed=seed).intervals["strict"][Averaging.MICRO, "f1"]
        for seed in (1, 1, 2)
    ]
    assert same[0] == same[1] != same[2]
    assert score(rows, some, draws=0).intervals == {}


@pytest.mark.parametrize(
    ("gold", "predicted", "more", "message"),
    [
        (GOLD, FIRST[:1], {}, "gold has 2 documents, the predictions 1"),
        (GOLD, FIRST, {"texts": TEXTS[:1]}, "there are 1 texts"),
        (GOLD, FIRST, {"texts": ["Gout", "No"]}, "lies outside the 4 characters"),
        ([["O"]], [["O", "O"]], {}, "sentence 0: 1 gold tags, 2 predicted ones"),
        ([["O"]], [[("a", 0, 1)]], {}, "'a', 0, 1\\) is no tag, but stands beside tags"),
        (GOLD[1], GOLD[1], {}, "3 is no tag, but stands beside tags: give a list"),
        (GOLD, "corpus", {}, "must both be paths"),
        (GOLD, None, {}, "only a run folder"),
        (GOLD, FIRST, {"level": 1.0}, "the level must be"),
        (["B-X", "O"], ["B-X", "O"], {}, "sentence 0 of gold: a list is needed, not 'B-X'"),
        ([["O"]], ["O"], {}, "sentence 0 of predictions: a list is needed, not 'O'"),
        ([["O"]], iter([["O"]]), {}, "predictions: a list is needed"),
        ([{"O", "B-X"}], [["O", "B-X"]], {}, "sentence 0 of gold: a list is needed"),
        ({"d": []}, [[]], {}, "gold: a list is needed, not {'d': \\[\\]}"),
        (GOLD, FIRST, {"texts": "ab"}, "texts: a list is needed, not 'ab'"),
        (GOLD, FIRST, {"labels": "sign"}, "labels: a list is needed, not 'sign'"),
        (GOLD, FIRST, {"split": "test"}, "split cannot be given with annotation"),
        (GOLD, FIRST, {"scheme": "BIOES"}, "scheme cannot be given with entities"),
        ([["O"]], [["O"]], {"texts": ["a"]}, "texts cannot be given with tags"),
        ("a", "b", {"texts": TEXTS}, "texts cannot be given with paths"),
        ("a", "b", {"labels": ["sign"]}, "labels cannot be given with paths"),
        ("a", "b", {"scheme": "IOB2"}, "scheme cannot be given with paths"),
        ("a", None, {"labels": ["sign"]}, "labels cannot be given with a run folder alone"),
        ("a", None, {"split": "test"}, "split cannot be given with a run folder alone"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    gold: Any, predicted: Any, more: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        score(gold, predicted, **more)


@pytest.mark.parametrize(
    "odd",
    [
        (0, 1, "a"),
        (0, 0, 1),
        ("a", 0.0, 1.0),
        ("a", 0),
        ("a", [(0, 2), (4, 6)]),
        ("a", "0", "1"),
        {"label": "a", "start": 0, "end": 1},
        None,
        7,
        iter(()),
    ],
)
def test_what_is_no_entity_is_refused(odd: Any) -> None:
    for gold, predicted in (([[odd]], [[]]), ([[]], [[odd]])):
        with pytest.raises(ValueError, match="is no entity: give a label, start and end"):
            score(gold, predicted, draws=0)


@pytest.mark.parametrize("far", [("a", 0, 2**63), Entity.at("a", 2**70, 2**70 + 1)])
def test_an_entity_beyond_any_text_is_refused(far: Any) -> None:
    with pytest.raises(ValueError, match="lies outside any text"):
        score([[far]], [[("a", 0, 1)]], draws=0)
    last = [[("a", 2**63 - 2, 2**63 - 1)]]
    assert score(last, last, draws=0).protocols["strict"].micro.tp == 1


def test_tags_of_which_there_are_none_may_have_a_scheme_and_paths_no_texts() -> None:
    assert not score([[], []], [[], []], scheme="BIOES", draws=0).protocols["strict"].labels
    with pytest.raises(CorpusError, match="no such"):
        score("a", "b", texts=None, labels=[])


def test_reports_print_as_tables_and_as_html() -> None:
    report = score(GOLD, FIRST, texts=TEXTS)
    assert "strict match" in str(report)
    assert f"{report.protocols['strict'].micro.f1:.3f}" in str(report)
    html = report._repr_html_()
    assert html.startswith("<pre")
    assert "strict match" in html
    hostile = score([[("<script>", 0, 1)]], [[]])._repr_html_()
    assert "<script>" not in hostile


def test_annotation_is_compared_beside_gold() -> None:
    report = compare(FIRST, SECOND, gold=GOLD, texts=TEXTS, names=["one", "two"])
    (contrast,) = report.contrasts
    assert (contrast.first, contrast.second) == ("one", "two")
    found = contrast.differences["strict"][Averaging.MICRO, "f1"]
    # 2·2/(3+3) before, 2·2/(2+3) after.
    assert found.value == pytest.approx(4 / 5 - 4 / 6)
    assert report.runs["two"].protocols["strict"].micro.tp == 2
    assert [change.document for change in report.changed] == ["0", "1"]
    assert "two minus one" in str(report)


def test_predicted_labels_that_gold_lacks_are_warned_of_unless_they_are_in_the_label_set() -> None:
    gold, predicted = [[("drug", 0, 3)]], [[("Drug", 0, 3), ("sign", 4, 6)]]
    report = score(gold, predicted, draws=0)
    warning = "2 predicted labels are none of gold's: 'Drug' (gold has 'drug'), 'sign'"
    assert report.agreement.warnings == (warning,)
    assert warning in str(report)
    assert list(report.protocols["strict"].labels) == ["drug", "Drug", "sign"]
    assert report.protocols["strict"].macro.f1 == 0
    declared = score(gold, predicted, labels=["drug", "Drug", "sign"], draws=0)
    assert declared.agreement.warnings == ()
    compared = compare(gold, predicted, gold=gold, draws=10)
    assert warning in compared.comparison.warnings
    labels = [list(run.protocols["strict"].labels) for run in compared.runs.values()]
    assert labels == [["drug"], ["drug", "Drug", "sign"]]


def test_runs_without_names_are_told_apart_however_many() -> None:
    report = compare(*[[[]]] * 28, gold=[[]], draws=1)
    assert list(report.runs)[24:] == ["Y", "Z", "AA", "AB"]


def test_runs_can_be_compared_with_the_first_alone() -> None:
    report = compare(FIRST, SECOND, FIRST, gold=GOLD, with_first=True, draws=10)
    assert [(one.first, one.second) for one in report.contrasts] == [("A", "B"), ("A", "C")]


def test_runs_and_corpora_are_given_by_their_paths(cli: Cli, tagger_eval: list[str]) -> None:
    for name, share in (("one", "0"), ("two", "1")):
        assert cli(*tagger_eval, "--least-share", share, "--out", name).code == 0
    alone = score("one")
    beside = score("sample", Path("one"))
    assert alone.protocols["strict"].micro == beside.protocols["strict"].micro
    report = compare("one", "two", draws=200)
    assert list(report.runs) == ["one", "two"]
    assert report.runs["one"].protocols["strict"].micro == alone.protocols["strict"].micro
    assert compare("one", "two", gold="sample", draws=200).contrasts[0].differences.keys()
    with pytest.raises(ValueError, match="split cannot be given with run folders without gold"):
        compare("one", "two", split="test")


def test_documents_that_gold_lacks_are_left_out_only_where_common_is_asked_for(
    cli: Cli, tagger_eval: list[str], tmp_path: Path
) -> None:
    for name, share in (("one", "0"), ("two", "1")):
        assert cli(*tagger_eval, "--least-share", share, "--out", name).code == 0
    lines = (files("nerharness") / "data/sample/test.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "test.jsonl").write_text("".join(lines[1:]))
    gold = tmp_path / "test.jsonl"
    others = ["compare", "one", "two", "--gold", str(gold)], ["score", str(gold), "one"]
    assert all("another --split" in (err := cli(*one).err) and "--common" in err for one in others)
    for ask in (partial(compare, "one", "two", gold=gold), partial(score, gold, "one")):
        with pytest.raises(UsageError, match="is not in gold") as caught:
            ask(draws=200)
        said = "choose another split, or leave such documents out with common=True"
        assert str(caught.value).endswith(said)
        assert ask(common=True, draws=0 if ask.func is score else 200).to_json()
    report = compare("one", "two", gold=gold, common=True, draws=200)
    assert report.comparison.documents == len(lines) - 1
    with pytest.raises(ValueError, match="common cannot be given with annotation"):
        compare(FIRST, SECOND, gold=GOLD, common=True)


def test_what_differs_between_runs_is_left_out_by_what_the_caller_has_for_it(
    cli: Cli, tagger_eval: list[str]
) -> None:
    assert cli(*tagger_eval, "--out", "one").code == 0
    assert cli(*tagger_eval, "--limit", "2", "--out", "two").code == 0
    with pytest.raises(RunError, match=r"what they have in common with common=True$"):
        compare("one", "two", draws=200)
    assert "what they have in common with --common\n" in cli("compare", "one", "two").err
    with pytest.raises(UsageError, match=r"^split: corpus 'sample' has no split 'nowhere'"):
        score("sample", "one", split="nowhere")
    assert "--split: corpus 'sample' has no" in cli("score", "sample", "one", "--split", "no").err


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(RunError, match="one run cannot be compared"):
        compare(FIRST, gold=GOLD)
    with pytest.raises(ValueError, match="without gold"):
        compare(FIRST, SECOND)
    with pytest.raises(ValueError, match="names, all different"):
        compare(FIRST, SECOND, gold=GOLD, names=["one", "one"])


def test_the_package_offers_them_and_nothing_that_is_not_there() -> None:
    assert {"score", "compare"} <= set(dir(nerharness))
    with pytest.raises(AttributeError, match="no attribute 'scores'"):
        _ = nerharness.scores
