"""Measure how well a language model extracts entities from clinical text, with exact positions."""

from nerharness.align import Aligner, Match

__all__ = ["Aligner", "Match"]
