"""How many workers a cluster has room for."""

from __future__ import annotations

import pytest

from nerharness.errors import RunError, UsageError
from nerharness.fleet.cluster import Size

CPU = {"CPU": 16.0}
GPUS = {"CPU": 32.0, "GPU": 4.0}


@pytest.mark.parametrize(
    ("nodes", "asked", "fitted"),
    [
        ([CPU], Size(), Size(1, 16, 0)),
        ([CPU, CPU], Size(), Size(2, 16, 0)),
        ([CPU, {"CPU": 8.0}], Size(), Size(3, 8, 0)),
        ([CPU], Size(cpus=4), Size(4, 4, 0)),
        ([CPU], Size(workers=1, cpus=4), Size(1, 4, 0)),
        ([CPU, GPUS], Size(), Size(4, 8, 1)),
        ([GPUS, GPUS], Size(gpus=2), Size(4, 16, 2)),
        ([GPUS], Size(gpus=0, cpus=2), Size(16, 2, 0)),
        ([{}, CPU], Size(), Size(1, 16, 0)),
    ],
)
def test_workers_have_a_gpu_or_a_node_of_their_own(
    nodes: list[dict[str, float]], asked: Size, fitted: Size
) -> None:
    assert asked.fitted(nodes) == fitted


def test_workers_that_have_no_room_yet_are_warned_of() -> None:
    with pytest.warns(UserWarning, match="has room for 4 of 6 workers now"):
        assert Size(workers=6).fitted([GPUS]) == Size(6, 8, 1)


@pytest.mark.parametrize("size", [Size(cpus=17), Size(gpus=1), Size(cpus=1, gpus=5)])
def test_a_worker_that_no_node_can_hold_is_an_error(size: Size) -> None:
    with pytest.raises(RunError, match="no node of the cluster has the"):
        size.fitted([CPU])


@pytest.mark.parametrize(
    ("values", "flag"),
    [
        ({"workers": 0}, "--workers"),
        ({"cpus": 0}, "--cpus-per-worker"),
        ({"gpus": -1}, "--gpus-per-worker"),
    ],
)
def test_a_size_that_makes_no_sense_names_its_flag(values: dict[str, int], flag: str) -> None:
    with pytest.raises(UsageError) as caught:
        Size(**values)
    assert caught.value.where == flag
