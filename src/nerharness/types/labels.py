"""Labels and sets of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Label:
    """An entity label with its one-line definition."""

    name: str
    definition: str = ""


def bare_name(name: str) -> str:
    """Return the name without case and punctuation, by which no two labels of a set are equal."""
    return "".join(char for char in name.casefold() if char.isalnum())


@dataclass(frozen=True, slots=True)
class LabelSet:
    """The labels of a task, in their order; names are unique even without case and punctuation.

    `left_out` names those that data may have besides, and that nobody is asked for.
    """

    labels: tuple[Label, ...]
    left_out: frozenset[str] = frozenset()
    _by_bare: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        bare: dict[str, str] = {}
        for label in self.labels:
            if (other := bare.setdefault(bare_name(label.name), label.name)) != label.name:
                raise ValueError(f"labels {other!r} and {label.name!r} are too alike")
        if len(bare) != len(self.labels):
            raise ValueError("a label stands twice in the label set")
        if both := self.left_out.intersection(self.names):
            raise ValueError(f"label {min(both)!r} is asked for and left out")
        object.__setattr__(self, "_by_bare", bare)

    @property
    def names(self) -> tuple[str, ...]:
        """The labels' names, in order."""
        return tuple(label.name for label in self.labels)

    @property
    def whole(self) -> LabelSet:
        """The set with those that are left out, but for one that is spelt almost as another is."""
        others = {bare_name(name): Label(name) for name in sorted(self.left_out, reverse=True)}
        return LabelSet(
            (*self.labels, *(other for bare, other in others.items() if bare not in self._by_bare))
        )

    def __iter__(self) -> Iterator[Label]:
        return iter(self.labels)

    def __len__(self) -> int:
        return len(self.labels)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def only(self, name: str) -> LabelSet:
        """Return the label set of this one label; `KeyError` if it is none of them."""
        for label in self.labels:
            if label.name == name:
                return LabelSet((label,))
        raise KeyError(name)

    def resolve(self, written: str) -> str | None:
        """Return the label a model meant by `written`, ignoring case, spaces and punctuation."""
        return self._by_bare.get(bare_name(written))
