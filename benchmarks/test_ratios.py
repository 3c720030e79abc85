"""The check of ratios fails when it must, and only then."""

import tomllib

import pytest

from benchmarks.ratios import WIDEST, judge, ratios, vectors, written


def test_ratio_is_the_median_over_turns() -> None:
    times = {0: (1.0, 3.0), 1: (1.0, 4.0), 2: (1.0, 90.0)}
    results = [
        {
            "extra_info": {"pair": "a / b", "turn": turn, "side": side},
            "stats": {"min": of_turn[side == "peer"]},
        }
        for turn, of_turn in times.items()
        for side in ("ours", "peer")
    ]
    assert ratios(results) == {"a / b": 4.0}


@pytest.mark.parametrize("ratio, fails", [(7.1, False), (6.9, True), (20.0, False)])
def test_loss_of_30_percent_fails(ratio: float, fails: bool) -> None:
    assert bool(judge({"a / b": ratio}, {"a / b": 10.0})) == fails


def test_pairs_must_be_those_stored() -> None:
    assert judge({}, {"a / b": 1.0}) == ["a / b: stored, but not measured"]
    assert "not in ratios.toml" in judge({"a / b": 1.0}, {})[0]


def test_paths_are_those_of_the_core() -> None:
    assert vectors([*WIDEST, "avx2"]) == "avx512"
    assert vectors([*WIDEST - {"avx512_vbmi2"}, "avx2"]) == "avx2"
    assert vectors(["neon"]) == "other"


def test_what_is_written_is_read_again() -> None:
    tables = {"avx512": {"a / b": 3.25}, "avx2": {"a / b": 2.5, "c / d": 40.0}}
    assert tomllib.loads(written(tables)) == tables
