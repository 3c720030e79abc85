"""Pages of HTML that hold all they need: no network, and no text in them that acts."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256
from html import escape

from nerharness.escapes import escaped

_TURNING = re.compile(r"[\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]")
"""What turns the direction of the text after it, and what is no character."""
_BEGINNING = "<!DOCTYPE html>"
_GENERATOR = '<meta name="generator" content="nerharness">'
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;color:#222;background:#fff;max-width:760px;"
    "margin:2em auto;padding:0 1em}table{border-collapse:collapse;margin:1em 0}"
    "th,td{padding:.25em .9em;text-align:right;border-bottom:1px solid #ddd}"
    "th:first-child,td:first-child{text-align:left}svg{max-width:100%;height:auto}"
)


def shown(text: object) -> str:
    r"""Return a text as HTML that shows it, in an element or an attribute.

    Control characters, halves of pairs, and what turns the direction of text are spelled `\u202e`.
    """
    plain = _TURNING.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped(str(text)))
    return escape(plain)


def html_page(title: str, blocks: Iterable[str], *, style: str = _STYLE, script: str = "") -> str:
    """Return a page of these blocks; its policy forbids the network, and all but its own script.

    `blocks` are HTML.
    """
    return "\n".join([
        _BEGINNING,
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(style, script)}">',
        _GENERATOR,
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{shown(title)}</title>",
        f"<style>{style}</style></head><body>",
        f"<h1>{shown(title)}</h1>",
        *blocks,
        *([f"<script>{script}</script>"] if script else []),
        "</body></html>",
    ]) + "\n"  # fmt: skip


def is_page(text: str) -> bool:
    """Tell whether a text begins as those of `html_page` do."""
    return text.startswith(_BEGINNING) and _GENERATOR in text


def html_table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of texts."""
    head = "".join(f"<th>{shown(name)}</th>" for name in names)
    body = "".join(
        f"<tr>{''.join(f'<td>{shown(cell)}</td>' for cell in row)}</tr>\n" for row in rows
    )
    return f"<table><tr>{head}</tr>\n{body}</table>"


def _policy(style: str, script: str) -> str:
    """Return what a browser may load and run: this style and this script, and nothing else."""
    scripts = _digest(script) if script else "'none'"
    return (
        f"default-src 'none'; style-src {_digest(style)}; script-src {scripts}; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
