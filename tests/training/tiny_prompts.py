"""How tests prompt the tiny models that they train."""

from __future__ import annotations

from nerharness.runs.spec import Spec


def prompting() -> Spec:
    """Return zero-shot prompts with short answers as lines, in float32 on the processor."""
    options = {"device": "cpu", "dtype": "float32", "max_tokens": 12}
    return Spec(strategy="zero-shot", format="lines", options=options)
