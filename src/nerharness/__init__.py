"""Measure how well a language model extracts entities from clinical text, with exact positions."""

from typing import TYPE_CHECKING, Any

from nerharness.types import Entity, Span

if TYPE_CHECKING:
    from nerharness.align import Aligner, Match
    from nerharness.report.reports import compare, score
    from nerharness.scoring.figures import Averaging

__all__ = ["Aligner", "Averaging", "Entity", "Match", "Span", "compare", "score"]


def __getattr__(name: str) -> Any:
    # Imported when wanted: most of what is in a package is not needed to align, or to show --help,
    # and `nerharness doctor` tells why the core does not load.
    if name in ("Aligner", "Match"):
        from nerharness import align

        return getattr(align, name)
    if name in ("score", "compare"):
        from nerharness.report import reports

        return getattr(reports, name)
    if name == "Averaging":
        from nerharness.scoring.figures import Averaging

        return Averaging
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
