"""Where things are kept from one run to the next."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder(kind: str) -> Path:
    """Return the folder of this kind: under `NERHARNESS_CACHE`, else in the user's cache."""
    root = os.environ.get("NERHARNESS_CACHE")
    if root:
        return Path(root).expanduser() / kind
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "nerharness" / kind
