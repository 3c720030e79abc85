"""`nerharness score GOLD PRED`: predictions from anywhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cli = Callable[..., Any]
Found = list[tuple[str, int, int]]

FIRST, SECOND = "Fever and cough. No rash.", "Severe renal failure."
GOLD: dict[str, tuple[str, Found]] = {
    "d1": (FIRST, [("sign", 0, 5), ("sign", 10, 15)]),
    "d2": (SECOND, [("disease", 7, 20)]),
}
# "cough" is missed, and "renal failure" has the wrong label.
PRED: dict[str, tuple[str, Found]] = {
    "d1": (FIRST, [("sign", 0, 5)]),
    "d2": (SECOND, [("sign", 7, 20)]),
}
STRICT = {"tp": 1, "fp": 1, "fn": 2}
QUICK = ("--draws", 0)


def write(name: str, documents: dict[str, tuple[str, Found]]) -> None:
    lines = [
        {
            "id": id,
            "text": text,
            "entities": [{"label": one, "start": start, "end": end} for one, start, end in found],
        }
        for id, (text, found) in documents.items()
    ]
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def strict(outcome: Any) -> dict[str, float]:
    assert outcome.code == 0, outcome.err
    micro = outcome.json["protocols"]["strict"]["micro"]
    return {name: micro[name] for name in ("tp", "fp", "fn")}


@pytest.fixture
def gold(cli: Cli) -> str:
    write("gold.jsonl", GOLD)
    return "gold.jsonl"


def test_a_corpus(cli: Cli, gold: str) -> None:
    write("pred.jsonl", PRED)
    outcome = cli("score", gold, "pred.jsonl", "--json", *QUICK)
    assert strict(outcome) == STRICT
    assert outcome.json["errors"]["fn"] == {"missed": 1, "label": 1}
    assert outcome.json["documents"] == {"total": 2, "failed": 0}
    assert "notes" not in outcome.json
    assert outcome.err == ""


def test_a_corpus_of_another_format(cli: Cli, gold: str) -> None:
    Path("notes").mkdir()
    for id, (text, found) in PRED.items():
        Path(f"notes/{id}.txt").write_text(text, encoding="utf-8")
        lines = [f"T1\t{label} {a} {b}\t{text[a:b]}\n" for label, a, b in found]
        Path(f"notes/{id}.ann").write_text("".join(lines), encoding="utf-8")
    assert strict(cli("score", gold, "notes", "--json", *QUICK)) == STRICT


@pytest.mark.filterwarnings("always:.*without a place")
def test_gold_that_was_aligned_is_not_scored_as_its_own_predictions(cli: Cli, gold: str) -> None:
    lines = [json.loads(line) for line in Path(gold).read_text("utf-8").splitlines()]
    named = [["fever", "hives", "rash"], []]
    for line, words in zip(lines, named, strict=True):
        line["mentions"] = [{"text": one, "label": "sign"} for one in words]
    Path("both.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    assert cli("align", "both.jsonl", "--out", "aligned.jsonl").code == 0
    outcome = cli("score", gold, "aligned.jsonl", "--json", *QUICK)
    assert (outcome.code, outcome.out) == (2, "")
    assert "annotation in 'entities' and in 'mentions'" in outcome.err
    outcome = cli("score", gold, "aligned.jsonl:jsonl:field=mentions", "--json", *QUICK)
    assert strict(outcome) == {"tp": 1, "fp": 1, "fn": 2}
    assert outcome.json["notes"] == {"mentions without a place, not read": 1}
    assert "aligned.jsonl: 1 mentions without a place are left out" in outcome.err


def test_what_other_splits_of_the_predictions_hold_is_not_read(cli: Cli, gold: str) -> None:
    write("pred/test.jsonl", PRED)
    Path("pred/train.jsonl").write_text("{")
    assert strict(cli("score", gold, "pred", "--json", *QUICK)) == STRICT
    write("pred/test.jsonl", {})
    assert "pred: the corpus is empty" in cli("score", gold, "pred", *QUICK).err


def test_tables(cli: Cli, gold: str) -> None:
    write("pred.jsonl", PRED)
    outcome = cli("score", gold, "pred.jsonl", "--draws", 50, "--protocol", "partial-chars")
    assert outcome.code == 0
    for title in ("all protocols", "partial-chars match", "why strict match fails", "95 %"):
        assert title in outcome.out


def test_a_run_folder_scores_as_it_did(cli: Cli, tagger_eval: list[str]) -> None:
    cli(*tagger_eval, "--out", "run")
    alone = cli("score", "run", "--json", *QUICK).json
    beside = cli("score", "sample", "run", "--json", *QUICK).json
    for part in ("protocols", "errors", "oracles", "strata", "documents", "mentions"):
        assert beside[part] == alone[part]


BLOCKS = """######
Fever : B-sign
and : O
cough : O
. : O
######
No : O
{rash}
. : O
######
Severe : O
renal : B-sign
failure : I-sign
. : O
"""


@pytest.mark.parametrize("align", ["sequence", "position"])
def test_a_transcript(cli: Cli, gold: str, align: str) -> None:
    Path("answers.txt").write_text(BLOCKS.format(rash="rash : O"), encoding="utf-8")
    outcome = cli("score", gold, "answers.txt", "--json", *QUICK, "--align", align)
    assert strict(outcome) == STRICT
    assert outcome.json["notes"] == {"lines": 11}
    default = outcome.json["protocols"]["seqeval-default"]["micro"]
    assert {name: default[name] for name in STRICT} == STRICT


@pytest.mark.parametrize("tag", ["RASH", "E-sign", "?"])
def test_a_transcript_with_a_tag_of_no_scheme_is_scored_by_all_protocols(
    cli: Cli, gold: str, tag: str
) -> None:
    Path("answers.txt").write_text(BLOCKS.format(rash=f"rash : {tag}"), encoding="utf-8")
    outcome = cli("score", gold, "answers.txt", "--json", *QUICK, "--align", "position")
    assert outcome.code == 0, outcome.err
    strictly = outcome.json["protocols"]["seqeval-strict"]["micro"]
    assert {name: strictly[name] for name in STRICT} == STRICT


@pytest.mark.parametrize("align", ["sequence", "position"])
def test_what_has_no_lines_has_no_alignment(cli: Cli, gold: str, align: str) -> None:
    write("pred.jsonl", PRED)
    outcome = cli("score", gold, "pred.jsonl", "--align", align)
    assert outcome.code == 2
    assert "--align: says how the lines of a transcript are paired, but none" in outcome.err
    assert outcome.out == ""
    missing = cli("score", gold, "nothing.txt", "--align", align)
    assert "PRED nothing.txt: no such file" in missing.err


def test_documents_without_predictions_are_missed_and_noted(cli: Cli, gold: str) -> None:
    write("pred.jsonl", {"d1": PRED["d1"]})
    outcome = cli("score", gold, "pred.jsonl", "--json", *QUICK)
    assert strict(outcome) == {"tp": 1, "fp": 0, "fn": 2}
    assert outcome.json["notes"] == {"documents without predictions, all missed": 1}
    assert "1 documents without predictions" in cli("score", gold, "pred.jsonl", *QUICK).out


def test_strange_documents_are_refused(cli: Cli, gold: str) -> None:
    write("pred.jsonl", {**PRED, "d3": (FIRST, []), "d4": (FIRST, [])})
    outcome = cli("score", gold, "pred.jsonl")
    assert outcome.code == 2
    assert outcome.out == ""
    assert "'d3' is not in gold (2 such documents)" in outcome.err
    assert "--common" in outcome.err


def test_common_leaves_out_what_only_one_side_has(cli: Cli, gold: str) -> None:
    write("pred.jsonl", {"d1": PRED["d1"], "d3": (FIRST, [("sign", 0, 5)])})
    outcome = cli("score", gold, "pred.jsonl", "--common", "--json", *QUICK)
    assert strict(outcome) == {"tp": 1, "fp": 0, "fn": 1}
    assert outcome.json["documents"]["total"] == 1
    assert outcome.json["notes"] == {
        "documents of the predictions left out": 1,
        "documents of gold left out": 1,
    }


def test_labels_that_gold_does_not_have_are_noted(cli: Cli, gold: str) -> None:
    write("pred.jsonl", {**PRED, "d1": (FIRST, [("symptom", 0, 5)])})
    outcome = cli("score", gold, "pred.jsonl", "--json", *QUICK)
    assert outcome.json["notes"] == {"predicted labels that gold does not have": 1}
    assert outcome.json["protocols"]["strict"]["labels"]["symptom"]["fp"] == 1


def test_labels_that_gold_does_not_have_are_named_where_scores_are(cli: Cli, gold: str) -> None:
    names = ["SIGN", "Disease", "a", "b", "c", "d", "e\n"]
    found = [(name, place, place + 2) for place, name in enumerate(names)]
    write("pred.jsonl", {"d1": (FIRST, found), "d2": (SECOND, [])})
    outcome = cli("score", gold, "pred.jsonl:jsonl", "--json", *QUICK)
    (said,) = outcome.json["warnings"]
    assert said == (
        "7 predicted labels are none of gold's: 'Disease' (gold has 'disease'), "
        "'SIGN' (gold has 'sign'), 'a', 'b', 'c' and 2 more"
    )
    tables = " ".join(cli("score", gold, "pred.jsonl", *QUICK).out.split())
    assert tables.index("strict match") < tables.index("'SIGN' (gold has 'sign')")
    assert tables.index("(gold has 'sign')") < tables.index("why strict match fails")


WITH_LEFT_OUT = {**GOLD, "d1": (FIRST, [("sign", 0, 5), ("sign", 10, 15), ("denied", 17, 24)])}
OTHER_BLOCKS = """######
Fever : B-sign
and : O
cough : B-sign
. : O
######
No : {first}
rash : {second}
. : O
######
Severe : O
renal : B-disease
failure : I-disease
. : O
"""


@pytest.fixture
def left_out(cli: Cli) -> tuple[str, ...]:
    """Gold with a label that its label set leaves out."""
    tables = "".join(f'[[labels]]\nname = "{name}"\n' for name in ("disease", "sign"))
    Path("labels.toml").write_text(f'left_out = ["denied"]\n{tables}', encoding="utf-8")
    write("gold.jsonl", WITH_LEFT_OUT)
    return "gold.jsonl", "--labels", "labels.toml", "--json", *map(str, QUICK)


def tags_of(outcome: Any) -> dict[str, float]:
    micro = outcome.json["protocols"]["seqeval-default"]["micro"]
    return {name: micro[name] for name in ("tp", "fp", "fn")}


@pytest.mark.parametrize("pred", ["gold.jsonl", "run", "answers.txt", "typed.txt"])
def test_labels_that_are_left_out_are_so_on_both_sides(
    cli: Cli, left_out: tuple[str, ...], pred: str
) -> None:
    if pred == "run":
        for split in ("train", "test"):
            write(f"corpus/{split}.jsonl", WITH_LEFT_OUT)
        cli("eval", "--corpus", "corpus", "--tagger", "gazetteer", "--out", "run")
    first, second = ("B-denied", "I-denied") if pred != "typed.txt" else ("b_Denied", "i_Denied")
    if pred.endswith(".txt"):
        Path(pred).write_text(OTHER_BLOCKS.format(first=first, second=second), encoding="utf-8")
    outcome = cli("score", *left_out[:1], pred, *left_out[1:])
    assert strict(outcome) == tags_of(outcome) == {"tp": 3, "fp": 0, "fn": 0}
    notes = outcome.json["notes"]
    assert notes.pop("predicted entities of labels that are left out") == 1
    assert notes.pop("lines", 11) == 11
    assert not notes


def test_what_is_left_out_is_counted_where_both_have_the_same_label_set(
    cli: Cli, left_out: tuple[str, ...]
) -> None:
    Path("labels.toml").rename("corpus.toml")
    outcome = cli("score", "gold.jsonl", "gold.jsonl", *left_out[3:])
    assert strict(outcome) == {"tp": 3, "fp": 0, "fn": 0}
    assert outcome.json["notes"] == {"predicted entities of labels that are left out": 1}


def test_labels_that_gold_does_not_have_are_scored_wherever_predictions_lie(
    cli: Cli, gold: str
) -> None:
    tables = "".join(f'[[labels]]\nname = "{name}"\n' for name in ("disease", "sign"))
    Path("corpus.toml").write_text(tables, encoding="utf-8")
    write("pred.jsonl", {**PRED, "d2": (SECOND, [("symptom", 7, 20)])})
    outcome = cli("score", gold, "pred.jsonl", "--json", *QUICK)
    assert strict(outcome) == STRICT
    assert outcome.json["notes"] == {"predicted labels that gold does not have": 1}
    assert "label 'symptom' is not in the label set" in cli("score", "pred.jsonl", gold).err


def test_documents_without_a_common_id_are_paired_in_their_order(cli: Cli, gold: str) -> None:
    write("pred.jsonl", {f"x-{id}": one for id, one in PRED.items()})
    assert strict(cli("score", gold, "pred.jsonl", "--json", *QUICK)) == STRICT
    write("pred.jsonl", {"x": PRED["d1"]})
    outcome = cli("score", gold, "pred.jsonl")
    assert outcome.code == 2
    assert "no document has an id of gold, and 1 documents" in outcome.err


def test_predictions_about_other_white_space_are_carried_over(cli: Cli, gold: str) -> None:
    write("pred.jsonl", {**PRED, "d2": ("  Severe\n\nrenal  failure.", [("disease", 10, 24)])})
    assert strict(cli("score", gold, "pred.jsonl", "--json", *QUICK)) == {"tp": 2, "fp": 0, "fn": 1}


def test_what_units_of_a_run_cut_is_told_beside_gold_unless_their_white_space_differs(
    cli: Cli, answering: Callable[..., Any], scripted_eval: list[str]
) -> None:
    answering(lambda _: "[]")
    write("gold/test.jsonl", {"d": ("At A. B too", [("sign", 3, 7)])})
    flags = [*scripted_eval[1:], "--corpus", "gold", "--unit", "sentence"]
    assert cli("eval", *flags, "--out", "run").code == 0
    outcome = cli("score", "gold", "run", "--json", *QUICK)
    assert outcome.json["cut_by_units"] == {"gold": 1, "cut": 1, "recall": 0}
    write("other.jsonl", {"d": ("At  A. B too", [("sign", 4, 8)])})
    outcome = cli("score", "other.jsonl", "run", "--json", *QUICK)
    assert outcome.json["cut_by_units"] == {"gold": 1, "cut": 0, "recall": 1}


def test_a_text_that_differs_is_refused_with_its_place(cli: Cli, gold: str) -> None:
    write("pred.jsonl", {**PRED, "d2": ("Severe renal Failure.", [])})
    outcome = cli("score", gold, "pred.jsonl")
    assert outcome.code == 2
    assert "'d2' has another text than gold's from character 13" in outcome.err
    assert "in their order" not in outcome.err
    assert outcome.err.count("\n") == 1
    write("pred.jsonl", {f"x{id}": (text.upper(), []) for id, (text, _) in PRED.items()})
    assert "so that documents were paired in their order" in cli("score", gold, "pred.jsonl").err


def test_a_split_is_chosen_on_both_sides(cli: Cli) -> None:
    for side, documents in (("gold", GOLD), ("pred", PRED)):
        write(f"{side}/dev.jsonl", {"d1": documents["d1"]})
        write(f"{side}/test.jsonl", {"d2": documents["d2"]})
    dev, test = {"tp": 1, "fp": 0, "fn": 1}, {"tp": 0, "fp": 1, "fn": 1}
    for split, expected in ((("--split", "dev"), dev), (("--split", "test"), test), ((), test)):
        assert strict(cli("score", "gold", "pred", "--json", *QUICK, *split)) == expected
    outcome = cli("score", "gold", "pred", "--split", "none")
    assert outcome.code == 2
    assert "has no split 'none'" in outcome.err


@pytest.mark.parametrize(
    ("sides", "named"), [(("no", "gold.jsonl"), "GOLD"), (("gold.jsonl", "no"), "PRED")]
)
def test_what_is_not_there_is_named_with_its_side(
    cli: Cli, gold: str, sides: tuple[str, str], named: str
) -> None:
    outcome = cli("score", *sides)
    assert outcome.code == 2
    assert outcome.err.startswith(f"nerharness: {named} no: ")


def test_train_tells_how_familiar_entities_are(cli: Cli) -> None:
    write("gold/test.jsonl", GOLD)
    write("gold/train.jsonl", {"t": ("FEVER; fever.", [("sign", 0, 5), ("sign", 7, 12)])})
    write("pred.jsonl", PRED)
    strata = cli("score", "gold", "pred.jsonl", "--json", *QUICK).json["strata"]
    familiar = {name: row["tp"] for name, row in strata["frequency in train"].items()}
    assert familiar == {"unseen in train": 0, "2 to 9 times": 1}


def test_a_label_set_gives_every_label_a_row(cli: Cli, gold: str) -> None:
    names = ("disease", "sign", "never")
    tables = "".join(f'[[labels]]\nname = "{name}"\n' for name in names)
    Path("labels.toml").write_text(tables, encoding="utf-8")
    write("pred.jsonl", PRED)
    outcome = cli("score", gold, "pred.jsonl", "--json", *QUICK, "--labels", "labels.toml")
    assert outcome.code == 0, outcome.err
    assert list(outcome.json["protocols"]["strict"]["labels"]) == list(names)


def test_tokens_of_gold_can_be_chosen(cli: Cli) -> None:
    # "x-ray" is three tokens by default, and one of the RareDis release.
    write("gold.jsonl", {"d": ("An x-ray.", [("test", 3, 8)])})
    write("pred.jsonl", {"d": ("An x-ray.", [("test", 3, 8)])})
    for tokens, hits in (("default", 3), ("raredis", 1)):
        outcome = cli("score", "gold.jsonl", "pred.jsonl", "--json", *QUICK, "--tokens", tokens)
        assert outcome.json["protocols"]["token-label"]["micro"]["tp"] == hits


def test_without_draws_there_are_no_intervals(cli: Cli, gold: str) -> None:
    write("pred.jsonl", PRED)
    none = cli("score", gold, "pred.jsonl", "--json", "--draws", 0).json
    some = cli("score", gold, "pred.jsonl", "--json", "--draws", 20, "--seed", 7).json
    assert none["resampling"] is None
    assert "intervals" not in json.dumps(none)
    assert some["resampling"] == {"draws": 20, "seed": 7, "level": 0.95}
    assert set(some["protocols"]["exact"]["micro"]["intervals"]["f1"]) == {"percentile", "bca"}


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--protocol", "partal"], "did you mean 'partial'?"),
        (["--draws", "-1"], "--draws"),
        (["--draws", "100000000000"], "--draws"),
        (["--seed", "18446744073709551616"], "--seed"),
        (["--level", "1"], "--level"),
        (["--level", "nan"], "--level"),
        (["--align", "both"], "--align"),
        (["--tokens", "none"], "none"),
    ],
)
def test_wrong_flags_are_one_line(cli: Cli, gold: str, flags: list[str], said: str) -> None:
    write("pred.jsonl", PRED)
    outcome = cli("score", gold, "pred.jsonl", *flags)
    assert outcome.code == 2
    assert outcome.out == ""
    assert said in outcome.err
    assert outcome.err.count("\n") == 1
