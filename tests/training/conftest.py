"""Fixtures for all tests of training: one host, which trainings seen by several tests share."""

from __future__ import annotations

import pytest

from nerharness.plugin.host import Host, builtin_modules


@pytest.fixture(scope="session")
def host() -> Host:
    return Host(builtin_modules())
