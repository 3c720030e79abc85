"""A label may have the name of an average: neither takes the other's figures."""

from __future__ import annotations

from typing import Any

import pytest

from nerharness import Averaging, compare, score
from nerharness.runs.model_card import model_card
from nerharness.scoring.threshold import Condition

NAMES = ("micro", "macro", "weighted")
OTHERS = ("label 1", "label 2", "label 3")
FOUND = ((1, 0, 1), (1, 1, 1), (1, 0, 0), (0, 1, 1))
WORSE = ((0, 0, 1), (1, 1, 0), (1, 0, 0), (0, 0, 1))


def documents(names: tuple[str, ...], found: tuple[tuple[int, ...], ...]) -> list[list[Any]]:
    """Make documents of an entity of each label, of those that a row of `found` has."""
    return [
        [(name, 2 * place, 2 * place + 1) for place, name in enumerate(names) if row[place]]
        for row in found
    ]


def both(names: tuple[str, ...]) -> tuple[Any, Any]:
    """Return the scores of a run, and its comparison with a worse one."""
    gold, one, other = (documents(names, rows) for rows in (((1, 1, 1),) * 4, FOUND, WORSE))
    given = {"labels": names, "draws": 200}
    return score(gold, one, **given), compare(one, other, gold=gold, **given)  # type: ignore[arg-type]


def renamed(rows: dict[str, Any]) -> dict[str, Any]:
    new = dict(zip(OTHERS, NAMES, strict=True))
    return {new.get(name, name): row for name, row in rows.items()}


def test_figures_are_those_of_labels_with_other_names() -> None:
    (scored, compared), (plain, plain_compared) = both(NAMES), both(OTHERS)
    known, expected = scored.intervals["strict"], plain.intervals["strict"]
    differences = compared.contrasts[0].differences["strict"]
    plain_differences = plain_compared.contrasts[0].differences["strict"]
    assert len(known) == len(differences) == 6 * 3
    for figure in ("precision", "recall", "f1"):
        for row, other in [*zip(NAMES, OTHERS, strict=True), *((one, one) for one in Averaging)]:
            assert known[row, figure] == expected[other, figure]
            assert differences[row, figure] == plain_differences[other, figure]
    assert known["micro", "f1"] != known[Averaging.MICRO, "f1"]


def test_json_keeps_labels_and_averages_apart() -> None:
    (scored, compared), (plain, plain_compared) = both(NAMES), both(OTHERS)
    ours, theirs = (one.to_json()["protocols"]["strict"] for one in (scored, plain))
    assert ours == {**theirs, "labels": renamed(theirs["labels"])}
    ours, theirs = (
        one.to_json()["contrasts"][0]["protocols"]["strict"] for one in (compared, plain_compared)
    )
    assert list(ours) == [*NAMES, "labels"]
    assert ours == {**theirs, "labels": renamed(theirs["labels"])}


def test_tables_have_a_row_for_each() -> None:
    for report in both(NAMES):
        table = str(report).split("strict match\n\n label")[1].splitlines()[2:9]
        assert [line.split()[0] if line else "" for line in table] == [*NAMES, "", *NAMES]


def test_a_model_card_has_a_row_for_each() -> None:
    description = {
        "method": "encoder", "base": {"name": "b", "sha256": "0"},
        "documents": {"train": 1, "dev": 1}, "labels": NAMES,
        "corpus": "c", "sha256": {}, "versions": {"nerharness": "1"}, "settings": {},
        "steps": 1, "seconds": 1.0, "mixed": [], "tokens": None, "limit": None, "dev_limit": None,
        "dev_share": 0.0, "policy": {"name": "longest", "labels": []},
    }  # fmt: skip
    report = both(NAMES)[0]
    rows = [line.split("|")[1:5] for line in model_card(description, report.agreement).splitlines()]
    shown = {row[0].strip(): row[3].strip() for row in rows if len(row) == 4}
    strict = report.protocols["strict"]
    assert shown["micro"] == f"{strict.labels['micro'].f1:.3f}"
    assert shown["*micro*"] == f"{strict.micro.f1:.3f}"
    assert shown["micro"] != shown["*micro*"]


@pytest.mark.parametrize(
    ("written", "row"),
    [
        ("micro", Averaging.MICRO),
        ('"micro"', "micro"),
        ("drug", "drug"),
        ('"drug"', "drug"),
        ('""drug""', '"drug"'),
        ('"', '"'),
        ("Micro", "Micro"),
        ("a.b c/d", "a.b c/d"),
    ],
)
@pytest.mark.parametrize("form", ["{}.strict.f1 < 0", "strict.{}.f1 < 0"])
def test_a_condition_names_an_average_or_a_label(written: str, row: Any, form: str) -> None:
    assert Condition.parse(form.format(written)).row == row


def test_a_condition_is_about_the_row_that_it_names() -> None:
    contrast = both(NAMES)[1].contrasts[0]
    found = contrast.differences["strict"]
    between = (found["micro", "f1"].value + found[Averaging.MICRO, "f1"].value) / 2
    ours, all_labels = (
        Condition.parse(f"{row}.strict.f1 < {between}") for row in ('"micro"', "micro")
    )
    assert ours.holds(contrast) != all_labels.holds(contrast)
