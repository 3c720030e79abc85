"""The command line: one module per command."""

from nerharness.cli.main import main

__all__ = ["main"]
