"""No command lets a library tell anyone that it is used."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

ALLOWED = {
    "HF_HUB_DISABLE_TELEMETRY": "0",
    "DO_NOT_TRACK": "0",
    "HF_UPDATE_DOWNLOAD_COUNTS": "1",
    "DISABLE_SAFETENSORS_CONVERSION": "0",
    "RAY_USAGE_STATS_ENABLED": "1",
}

COMMAND = """
import sys
from nerharness.cli import main
assert not {"huggingface_hub", "transformers", "datasets", "ray"} & set(sys.modules)
try:
    main(["ls", "backends"])
except SystemExit as end:
    assert not end.code
"""
HUB = """
from huggingface_hub import constants
assert constants.HF_HUB_DISABLE_TELEMETRY
"""
DATASETS = """
from datasets import config
assert not config.HF_UPDATE_DOWNLOAD_COUNTS
"""
TRANSFORMERS = """
from transformers.utils.import_utils import is_env_variable_true
assert is_env_variable_true("DISABLE_SAFETENSORS_CONVERSION")
"""
RAY = """
from ray._common.usage import usage_lib
assert not usage_lib.usage_stats_enabled()
"""


@pytest.mark.parametrize(
    ("library", "check"),
    [
        ("huggingface_hub", HUB),
        ("datasets", DATASETS),
        ("transformers", TRANSFORMERS),
        ("ray", RAY),
    ],
    ids=["hub", "datasets", "transformers", "ray"],
)
@pytest.mark.parametrize("environment", [{}, ALLOWED], ids=["nothing", "allowed"])
def test_a_command_turns_off_what_libraries_would_send(
    library: str, check: str, environment: dict[str, str]
) -> None:
    pytest.importorskip(library)
    clean = {name: value for name, value in os.environ.items() if name not in ALLOWED}
    done = subprocess.run(
        [sys.executable, "-c", COMMAND + check],
        env={**clean, "HF_HUB_OFFLINE": "0", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
