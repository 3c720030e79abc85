"""What became of aligned lines, as a table on a terminal."""

from __future__ import annotations

from rich.table import Table

from nerharness.mention_lines import Summary

_KINDS = {
    "exact": "as written",
    "folded": "with other case, spaces, hyphens or accents",
    "fuzzy": "similar",
    "repeat": "more often than the text has them",
    "ungrounded": "not in the text",
}


def summary_table(summary: Summary) -> Table:
    """Return the counts of documents, mentions and offsets, and the time."""
    counts = summary.to_json()
    documents, mentions, offsets = (counts[name] for name in ("documents", "mentions", "offsets"))
    table = Table.grid(padding=(0, 2))
    for justify in ("left", "right", "right", "left"):
        table.add_column(justify=justify)
    table.add_row("documents", *_share(documents["total"]))
    table.add_row("  failed", *_share(documents["failed"], documents["total"]))
    table.add_row("mentions", *_share(mentions["total"]))
    for kind, meaning in _KINDS.items():
        table.add_row(f"  {kind}", *_share(mentions[kind], mentions["total"]), meaning)
    if offsets["given"]:
        table.add_row("  with offsets", *_share(offsets["given"], mentions["total"]))
        table.add_row(
            "    differing",
            *_share(offsets["differing"], offsets["given"]),
            "from the place that was found, or there is none",
        )
    table.add_row("seconds", f"{summary.seconds:,.1f}")
    return table


def _share(part: int, whole: int = 0) -> tuple[str, str]:
    return f"{part:,}", f"{part / whole:.1%}" if whole else ""
