"""What the file of a grid means: which runs, and what they are called."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nerharness.errors import UsageError
from nerharness.runs.grid import read_grid


def read(tmp_path: Path, text: str) -> dict[str, dict[str, object]]:
    file = tmp_path / "grid.toml"
    file.write_text(text, encoding="utf-8")
    return {variant.name: dict(variant.settings) for variant in read_grid(file)}


def test_each_way_to_take_from_the_lists_is_a_run(tmp_path: Path) -> None:
    found = read(tmp_path, 'limit = 9\nstrategy = ["zero-shot", "rag"]\nformat = ["json", "bio"]\n')
    assert list(found) == ["zero-shot-json", "zero-shot-bio", "rag-json", "rag-bio"]
    assert found["rag-json"] == {"limit": 9, "strategy": "rag", "format": "json"}


def test_each_table_has_runs_of_its_own(tmp_path: Path) -> None:
    text = """
    corpus = "sample"
    limit = 9
    [[runs]]
    strategy = ["zero-shot", "few-shot"]
    limit = 3
    [[runs]]
    tagger = "gazetteer"
    """
    found = read(tmp_path, text)
    assert found == {
        "zero-shot": {"corpus": "sample", "limit": 3, "strategy": "zero-shot"},
        "few-shot": {"corpus": "sample", "limit": 3, "strategy": "few-shot"},
        "gazetteer": {"corpus": "sample", "limit": 9, "tagger": "gazetteer"},
    }


def test_lists_at_the_top_are_axes_of_every_table(tmp_path: Path) -> None:
    text = (
        'seed = [1, 2]\n[[runs]]\nname = "a"\nshots = 4\n[[runs]]\nname = "b"\nformat = ["bio"]\n'
    )
    assert list(read(tmp_path, text)) == ["a-seed-1", "a-seed-2", "b-seed-1-bio", "b-seed-2-bio"]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ('["runs/models/Llama-3", "x"]', "Llama-3"),
        ('["gpt 4/o", "x"]', "o"),
        ('["../..", "x"]', "run"),
        ('[".hidden", "x"]', "hidden"),
        ('["Ärzte & Co", "x"]', "Ärzte-Co"),
        ("[4, 8]", "model-4"),
        ("[0.5, 1]", "model-0.5"),
        ("[true, false]", "model"),
        ("[false, true]", "no-model"),
    ],
)
def test_a_value_is_a_part_of_a_name_that_any_disk_takes(
    tmp_path: Path, value: str, name: str
) -> None:
    assert next(iter(read(tmp_path, f"model = {value}"))) == name


def test_a_run_without_a_list_or_name_is_called_by_its_table(tmp_path: Path) -> None:
    text = 'strategy = "rag"\n[[runs]]\nshots = 2\nconfidence = true\n[[runs]]\nshots = 4\n'
    assert list(read(tmp_path, text)) == ["shots-2-confidence", "shots-4"]
    assert list(read(tmp_path, 'strategy = "rag"')) == ["run"]


def test_one_more_value_of_a_list_renames_no_run(tmp_path: Path) -> None:
    before = read(tmp_path, 'strategy = ["rag"]\nformat = ["json"]')
    after = read(tmp_path, 'strategy = ["rag"]\nformat = ["bio", "json"]\n')
    assert before.items() <= after.items()


def test_hyphens_and_underscores_are_one(tmp_path: Path) -> None:
    assert read(tmp_path, "max-tokens = 5\n") == {"run": {"max_tokens": 5}}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("strategy = [", "cannot be read"),
        ("strategy = []", "strategy is an empty list"),
        ('strategy = ["rag", "rag"]', "strategy has a value twice"),
        ('strategy = [["rag"]]', "strategy: ['rag'] is no value"),
        ("strategy = 2020-01-01", "strategy: datetime.date(2020, 1, 1) is no value"),
        ("max-tokens = 1\nmax_tokens = 2", "max_tokens stands twice"),
        ('runs = "rag"', "runs are tables, each under [[runs]]"),
        ("runs = []", "runs are tables, each under [[runs]]"),
        ("[[runs]]\nname = 3", "name: 3 is no name"),
        ('[[runs]]\nname = "Grid.toml"', "a file of the grid is called 'Grid.toml', too"),
        ("[options]\nshots = 3", "options: {'shots': 3} is no value"),
        (
            '[[runs]]\nformat = ["json", "bio"]\nshots = 2\n[[runs]]\nformat = ["BIO"]\nshots = 3',
            "two runs are called 'BIO'; give their tables under [[runs]] a name",
        ),
    ],
)
def test_what_means_no_grid_is_said(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text)
    assert fault in str(caught.value)
    assert str(tmp_path / "grid.toml") in str(caught.value)


def test_the_grid_of_the_documents_is_of_the_runs_that_they_say(tmp_path: Path) -> None:
    page = Path(__file__).parents[2].joinpath("docs/runs.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    found = list(read(tmp_path, text))
    assert len(found) == 8 + 2 + 1
    assert found[0] == "smollm2-135m-instruct-zero-shot-json"
    assert found[-3:] == ["api-zero-shot", "api-few-shot", "gazetteer"]


def test_the_grids_of_the_results_are_some() -> None:
    folder = Path(__file__).parents[2] / "benchmarks"
    assert len(read_grid(folder / "methods.toml")) == 46
    names = [one.name for one in read_grid(folder / "side-by-side.toml")]
    assert names == [
        "gazetteer", "zero-shot", "few-shot", "rag", "hints-few-shot", "hints-few-shot+sure"
    ]  # fmt: skip


def test_a_mark_of_byte_order_is_none_of_it(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeffshots = 3\n") == {"run": {"shots": 3}}


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read_grid(tmp_path / "none.toml")


def test_a_name_without_lists_is_the_whole_name(tmp_path: Path) -> None:
    assert list(read(tmp_path, '[[runs]]\nname = "a"\nshots = 4\n')) == ["a"]


def test_one_and_true_are_two_values(tmp_path: Path) -> None:
    assert list(read(tmp_path, "depth = [1, true]")) == ["depth-1", "depth"]


def test_a_name_without_what_one_setting_adds(tmp_path: Path) -> None:
    file = tmp_path / "grid.toml"
    file.write_text('seed = [1, 2]\n[[runs]]\nname = "a seed-1"\nformat = ["bio"]\n[[runs]]\n')
    names = [(one.name, one.name_but_for("seed")) for one in read_grid(file)]
    assert names == [
        ("a-seed-1-seed-1-bio", "a-seed-1-bio"),
        ("a-seed-1-seed-2-bio", "a-seed-1-bio"),
        ("seed-1", "run"),
        ("seed-2", "run"),
    ]
