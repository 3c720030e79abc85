"""Fixtures for all tests of training: one host, which trainings that several tests look at share."""

from __future__ import annotations

import pytest

from nerharness.plugin.host import Host, builtin_modules


@pytest.fixture(scope="session")
def host() -> Host:
    return Host(builtin_modules())
