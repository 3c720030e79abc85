"""Control characters as text: what no terminal acts on, whatever a document says."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Controls of ASCII and Latin-1 but for tab and line end, and halves of pairs, which have no bytes.
"""


def escaped(text: str) -> str:
    r"""Return the text with each control character spelled as in JSON: `\u001b`."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def one_line(text: str) -> str:
    """Return the text escaped, and on one line."""
    return escaped(" ".join(text.split()))
