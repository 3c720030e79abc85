"""What tests of grammars share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from formats.constrained import Walker


@pytest.fixture(scope="session")
def walks() -> Walker:
    """What walks through grammars; skips where llguidance is not installed."""
    from formats.constrained import walker

    return walker()
