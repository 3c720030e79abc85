"""The tables of a grid on screens that are too narrow for them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from rich.console import Console
from rich.text import Text

from nerharness.report.grid import _Wide, plans_table
from nerharness.runs.plan import Plan

NAME = "meta-llama-Llama-3.1-8B-Instruct-few-shot-json-by-label-grounded-seed-1"


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_figure_of_a_wide_table_is_lost(width: int) -> None:
    columns = {f"a_long_label_{n}": [f"0.{n:03}", f"1.{n:03}"] for n in range(20)}
    console = Console(width=width)
    with console.capture() as printed:
        console.print(_Wide("F1", (NAME, "b"), columns, frozenset(columns)))
    text = printed.get()
    for label, cells in columns.items():
        assert all(text.split().count(word) == 1 for word in (label, *cells))
    assert "F1 (continued)" in text
    assert NAME in "".join(line[: width // 2 + 1].strip() for line in text.splitlines())
    assert max(map(len, text.splitlines())) <= width


def test_a_sum_of_costs_of_which_one_is_not_known_says_so() -> None:
    plan = SimpleNamespace(
        documents=1, prompts=1, prompt_tokens=5, answer_tokens=None, priced=True, cost=None
    )
    known = SimpleNamespace(**{**vars(plan), "cost": SimpleNamespace(expected=1.5)})
    plans = cast("dict[str, Plan]", {"a": known, "b": plan})
    assert list(plans_table(plans).columns[-1].cells)[-1] == "$1.5000 and unknown"
    plans["b"] = plans["a"]
    assert list(plans_table(plans).columns[-1].cells)[-1] == "$3.0000"


def test_the_best_figure_of_a_column_is_bold_where_there_is_a_best() -> None:
    table = _Wide("t", ("a", "b"), {"F1": ["0.1", "0.2"], "cost": ["1", "2"]}, {"F1"})
    console = Console(width=60)
    (part,) = table.__rich_console__(console, console.options)
    cells = [list(column.cells) for column in part.columns[1:]]
    styles = [[cell.style for cell in column if isinstance(cell, Text)] for column in cells]
    assert styles == [["", "bold"], ["", ""]]
