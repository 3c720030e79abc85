"""Telemetry: what libraries would tell their makers about their use, and do not tell here."""

from __future__ import annotations

import os
from collections.abc import Mapping

OFF: Mapping[str, str] = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "HF_UPDATE_DOWNLOAD_COUNTS": "0",
    "DISABLE_SAFETENSORS_CONVERSION": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
}
"""Read by the libraries when they are imported or begin; the fourth keeps transformers from asking
a service of the hub to convert a model that is loaded from pickles."""


def turn_off() -> None:
    """Turn it off in this process and those that it starts, whatever the environment says.

    To be called before a library of the hub is imported.
    """
    os.environ.update(OFF)
