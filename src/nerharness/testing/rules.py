"""Rules of a protocol: functions that raise `AssertionError`, gone through to the last one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

Rule = Callable[[T], None]
"""Its docstring's first line is the rule in words."""

_SHOWN = 300


def require(holds: object, advice: str) -> None:
    """Raise `AssertionError` with the advice unless the condition holds."""
    if not holds:
        raise AssertionError(advice)


def verify(thing: object, protocol: str, rules: Sequence[Rule[T]], subject: T) -> None:
    """Try every rule on the subject; raise one `AssertionError` that tells of all broken ones.

    Its cause is the first error that is no `AssertionError`.
    """
    __tracebackhide__ = True  # pytest then shows the message alone
    broken: list[str] = []
    cause: Exception | None = None
    for rule in rules:
        try:
            rule(subject)
        except AssertionError as error:
            broken.append(f"- {_in_words(rule)}\n  {error}")
        except Exception as error:  # a stranger's code may raise anything
            cause = cause or error
            broken.append(
                f"- {_in_words(rule)}\n  it raised {type(error).__name__}: {shown(str(error))}"
            )
    if broken:
        name = getattr(thing, "__name__", type(thing).__name__)
        count = f"{len(broken)} rule{'s' if len(broken) > 1 else ''}"
        raise AssertionError(
            "\n".join([f"{name} breaks {count} of {protocol}:", *broken])
        ) from cause


def _in_words(rule: Rule[T]) -> str:
    return (rule.__doc__ or rule.__name__).strip().splitlines()[0]


def shown(value: object) -> str:
    """Return the value as a message shows it: in one line, and not without end."""
    text = value if isinstance(value, str) else repr(value)
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]} …"
