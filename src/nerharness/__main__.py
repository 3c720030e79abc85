"""`python -m nerharness` is the `nerharness` command."""

from nerharness.cli import main

main()
