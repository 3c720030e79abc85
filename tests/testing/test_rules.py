"""How broken rules are told, and that the kit is light."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nerharness.testing.rules import require, verify


def holds(subject: int) -> None:
    """It holds."""


def is_even(subject: int) -> None:
    """The subject is even."""
    require(subject % 2 == 0, f"make {subject} even")


def is_small(subject: int) -> None:
    """The subject is small."""
    raise OverflowError("too\nlarge")


def test_all_broken_rules_are_told_at_once() -> None:
    with pytest.raises(AssertionError) as found:
        verify(3, "Number", [holds, is_even, is_small], 3)
    assert str(found.value) == (
        "int breaks 2 rules of Number:\n"
        "- The subject is even.\n  make 3 even\n"
        "- The subject is small.\n  it raised OverflowError: too large"
    )
    assert isinstance(found.value.__cause__, OverflowError)


def test_rules_that_hold_say_nothing() -> None:
    verify(2, "Number", [holds, is_even], 2)


def test_the_kit_imports_no_heavy_library_and_no_test_framework() -> None:
    command = (
        "import sys, nerharness.testing; "
        "print(sorted({'torch', 'transformers', 'llguidance', 'openai', 'pytest', 'rich', "
        "'hypothesis'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")
