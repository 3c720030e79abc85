"""Two files of tags are scored by the tags that stand in them, as seqeval scores these."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
import seqeval.scheme
from seqeval.metrics import f1_score

from nerharness.plugin.host import Host, builtin_modules
from nerharness.runs.predictions import Predictions, read_gold, read_predictions
from nerharness.scoring.pair import TagRows
from nerharness.tags import encode

Rows = Sequence[Sequence[str]]
BROKEN: Rows = [["O", "I-sign", "I-sign", "O"], ["B-sign", "I-disease", "O"]]
GOLD: Rows = [["O", "B-sign", "I-sign", "O"], ["B-sign", "B-disease", "O"]]


def written(name: str, sentences: Rows) -> str:
    """Write a sentence for each row, with the same words whatever the tags, and return the name."""
    lines = [f"w{number}\t{tag}\n" for row in sentences for number, tag in enumerate((*row, ""))]
    text = "".join("\n" if line.endswith("\t\n") else line for line in lines)
    if name.endswith(".csv"):
        cells = [
            f"w{n},{tag},{s},d" for s, row in enumerate(sentences) for n, tag in enumerate(row)
        ]
        text = "\n".join(["Token,Tag,Sentence_Num,File", *cells])
    Path(name).write_text(text, encoding="utf-8")
    return name


def read(gold: str, predicted: str, *, common: bool = False, labels: str = "") -> Predictions:
    host = Host(builtin_modules())
    beside = read_gold(host, gold, labels=Path(labels) if labels else None)
    return read_predictions(host, beside, predicted, common=common)


def figures(found: Predictions) -> tuple[float, float]:
    scores = found.score(None).agreement.protocols
    return scores["seqeval-default"].micro.f1, scores["seqeval-strict"].micro.f1


def of_seqeval(gold: Rows, predicted: Rows, scheme: str = "IOB2") -> tuple[float, float]:
    known = getattr(seqeval.scheme, scheme)
    strictly = f1_score(gold, predicted, mode="strict", scheme=known, zero_division=0)
    return f1_score(gold, predicted, zero_division=0), strictly


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("ending", ["conll", "csv"])
@pytest.mark.parametrize(("scheme", "letters"), [("IOB2", "BI"), ("IOBES", "BIES")])
@pytest.mark.parametrize("seed", range(5))
def test_tags_that_break_the_scheme_are_scored_as_by_seqeval(
    ending: str, scheme: str, letters: str, seed: int
) -> None:
    drawn = random.Random(seed)
    choices = ["O", "O", *(f"{letter}-{label}" for letter in letters for label in ("a", "b-c"))]
    rows = [[drawn.choice(choices) for _ in range(drawn.randint(1, 9))] for _ in range(40)]
    spans = [[("a", n, n + drawn.randint(1, 2)) for n in range(0, len(row) - 1, 3)] for row in rows]
    kept = "IOB2" if scheme == "IOB2" else "BIOES"
    gold = [encode(found, len(row), kept) for found, row in zip(spans, rows, strict=True)]
    found = read(written(f"gold.{ending}", gold), written(f"pred.{ending}", rows))
    assert found.rows is not None
    assert figures(found) == pytest.approx(of_seqeval(gold, rows, scheme), abs=1e-12)
    assert len(set(figures(found))) == 2


def test_the_formats_of_the_two_sides_may_differ() -> None:
    written("gold.conll", GOLD)
    gold = Path("gold.conll")
    gold.write_text("# newdoc id = d\n" + gold.read_text("utf-8"), encoding="utf-8")
    (found,) = read("gold.conll", written("pred.csv", BROKEN)).rows or ()
    assert [list(map(list, side)) for side in found[:2]] == [GOLD, BROKEN]


def test_documents_without_predictions_have_no_tags() -> None:
    written("gold.conll", GOLD)
    first = "# newdoc id = gold-2\n\n" + "".join(f"w{n}\t{t}\n" for n, t in enumerate(BROKEN[1]))
    Path("pred.conll").write_text(first, encoding="utf-8")
    found = read("gold.conll", "pred.conll")
    assert found.rows == (
        TagRows((tuple(GOLD[0]),), [("O",) * 4]),
        TagRows((tuple(GOLD[1]),), [tuple(BROKEN[1])]),
    )
    (alone,) = read("gold.conll", "pred.conll", common=True).rows or ()
    assert alone.predicted == [tuple(BROKEN[1])]


def test_labels_that_are_left_out_are_so_in_tags() -> None:
    written("gold.conll", GOLD)
    written("pred.conll", BROKEN)
    Path("labels.toml").write_text('left_out = ["sign"]\n[[labels]]\nname = "disease"\n', "utf-8")
    (_, second) = read("gold.conll", "pred.conll", labels="labels.toml").rows or ()
    assert second == TagRows((("O", "B-disease", "O"),), [("O", "I-disease", "O")])


@pytest.mark.parametrize(
    "predicted",
    {
        "another scheme": [["O", "B-sign", "E-sign", "O"], ["S-sign", "S-disease", "O"]],
        "sentences that end elsewhere": [
            ["O", "B-sign", "I-sign"],
            ["O", "B-sign", "B-disease", "O"],
        ],
    }.values(),
)
def test_what_cannot_be_compared_as_tags_is_as_entities(predicted: Rows) -> None:
    words = "# newdoc id = d\n"
    for name, rows in (("gold.conll", GOLD), ("pred.conll", predicted)):
        numbers = iter(range(9))
        sentences = ["".join(f"w{next(numbers)}\t{tag}\n" for tag in row) for row in rows]
        Path(name).write_text(words + "\n".join(sentences), encoding="utf-8")
    found = read("gold.conll", "pred.conll")
    assert found.rows is None
    assert figures(found) == (1, 1)


def test_tags_of_other_tokens_are_compared_as_entities() -> None:
    Path("gold.conll").write_text("# newdoc id = d\nab\tB-sign\nc\tO\n", encoding="utf-8")
    Path("pred.conll").write_text("# newdoc id = d\na\tB-sign\nbc\tO\n", encoding="utf-8")
    assert read("gold.conll", "pred.conll").rows is None


def test_predictions_that_begin_everything_with_i_are_broken_and_of_no_other_scheme() -> None:
    inside: Rows = [["O", "I-sign", "I-sign", "O"], ["I-sign", "I-disease", "O"]]
    found = read(written("gold.conll", GOLD), written("pred.conll", inside))
    assert found.rows is not None
    assert figures(found) == of_seqeval(GOLD, inside) == (1, 0)


def test_gold_whose_scheme_cannot_be_told_is_compared_as_entities() -> None:
    found = read(written("gold.conll", BROKEN[:1]), written("pred.conll", GOLD[:1]))
    assert found.rows is None
    assert figures(found) == (1, 1)
