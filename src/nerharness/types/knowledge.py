"""Background knowledge to look things up in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of background knowledge: a title and its text, which may be empty for a concept.

    A concept has maybe an `id`, and as `parents` the names of the concepts that it is a kind of; a
    piece of running text is none, and its title only a heading.
    """

    title: str
    text: str
    synonyms: tuple[str, ...] = ()
    id: str = ""
    parents: tuple[str, ...] = ()
    concept: bool = True

    @property
    def gloss(self) -> str:
        """The text, or what the names and parents say where there is none."""
        if self.text:
            return self.text
        said = [f"a kind of {', '.join(self.parents)}"] if self.parents else []
        if self.synonyms:
            said.append(f"also called {', '.join(self.synonyms)}")
        return "; ".join(said) or self.title


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Passages, and how many others of each kind were left out, such as obsolete ones."""

    passages: tuple[Passage, ...]
    skipped: Mapping[str, int] = field(default_factory=dict)
