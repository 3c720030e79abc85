"""The tiny models and scripted servers of the tests of backends."""

from backends.conftest import folder, letters, talking

__all__ = ["folder", "letters", "talking"]
