"""What a model thinks before it answers, where it writes that into the answer itself.

Reasoning models think between `<think>` and `</think>`. Servers that are told so give it apart from
the answer; others, and models that are run here, begin the answer with it. Where the model's
template has opened the thought already, only its end stands in the answer.
"""

from __future__ import annotations

import re

from nerharness.types import LabelSet, Unit

_TAG = "think"
_THOUGHT = re.compile(rf"\s*<{_TAG}>.*?(?:</{_TAG}>|\Z)|(?:(?!</?{_TAG}>).)*</{_TAG}>", re.DOTALL)


def without_reasoning(answer: str, unit: Unit, labels: LabelSet) -> str:
    """Return the answer with the thought that it begins with made blank, all of it if it is open.

    Blanked, to the end of a line, and not cut, so that places in the answer stay what they are.
    Where the unit's text has such a tag, a copy of it may as well; where a label has that name, it
    may be a mark: then nothing is taken for a thought.
    """
    found = _THOUGHT.match(answer) if f"{_TAG}>" in answer else None
    if found is None or labels.resolve(_TAG):
        return answer
    if unit.text.lstrip().startswith(f"<{_TAG}>") or f"</{_TAG}>" in unit.text:
        return answer
    return " " * (found.end() - 1) + "\n" + answer[found.end() :]
